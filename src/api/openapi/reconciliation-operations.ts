/** Reconciliation on demand: runs, what they found, and an operator's overwriting. */
import * as z from "zod/mini";
import { dryRunQuery } from "../parse.ts";
import { findingsQuery, overwriteBody, reconciliationBody, reconciliationsQuery } from "../reconciliation-routes.ts";
import {
  findingReply,
  foreseenOverwriteReply,
  runReply,
  runsReply,
  runsStartedReply,
  runWithFindingsReply,
} from "../wire/reconciliations.ts";
import { FINDING, RUN } from "./examples.ts";
import type { Group } from "./operation.ts";

const BASE = "/v1/reconciliations";

export const reconciliations: Group = {
  name: "Reconciliation",
  description:
    "Every level of a scope is compared with what Shopify, or a till that keeps its own stock, is expected to show. `shop` is such a till's channel.",
  operations: [
    {
      id: "reconcile",
      method: "post",
      path: BASE,
      summary: "Compare now: one run per shop or till",
      body: { schema: reconciliationBody, example: { scope: { shop: "shop-a.myshopify.com", skus: "changed" } } },
      answers: [{ status: 202, description: "They wait or run.", schema: runsStartedReply, example: { runs: [RUN] } }],
      problems: ["not_found", "conflict"],
    },
    {
      id: "listReconciliations",
      method: "get",
      path: BASE,
      summary: "Runs, newest first",
      query: reconciliationsQuery,
      answers: [{ status: 200, description: "A page.", schema: runsReply, example: { runs: [RUN], next: null } }],
      problems: ["not_found"],
    },
    {
      id: "getReconciliation",
      method: "get",
      path: `${BASE}/{id}`,
      summary: "One, with its findings",
      description: "`nextFinding` is the next page's `after`.",
      query: findingsQuery,
      answers: [
        {
          status: 200,
          description: "The run and a page of findings.",
          schema: runWithFindingsReply,
          example: { ...RUN, findings: [FINDING], nextFinding: null },
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "cancelReconciliation",
      method: "post",
      path: `${BASE}/{id}/cancel`,
      summary: "Give it up",
      answers: [
        { status: 200, description: "It is cancelled.", schema: runReply, example: { ...RUN, status: "cancelled" } },
      ],
      problems: ["not_found", "conflict"],
    },
    {
      id: "overwriteFinding",
      method: "post",
      path: `${BASE}/{id}/findings/{finding}/overwrite`,
      summary: "Put our number over Shopify's",
      description:
        "A movement of the opposite sign, with your reason and name. 409 with `Retry-After`: measured first.",
      query: dryRunQuery,
      body: { schema: overwriteBody, example: { approve: true, reason: "counted twice" } },
      answers: [
        {
          status: 200,
          description: "The finding as it is now, or what a dry run foresees.",
          schema: z.union([findingReply, foreseenOverwriteReply]),
          example: FINDING,
        },
      ],
      problems: ["not_found", "conflict"],
    },
  ],
};

/** Reconciliations: runs and what they found. */
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { call } from "../support/api.ts";
import { stock } from "../support/catalogue.ts";
import { HERE, SHOP, THERE } from "../support/counters.ts";
import { ReconcileShopify } from "../support/reconcile-shopify.ts";
import { until } from "../support/until.ts";
import type { CaseGroup } from "./harness.ts";

const shopify = new ReconcileShopify(new Map());
const scope = { shop: SHOP, skus: ["OC-REC"] };
const ids = new Map<string, string>();
const id = (name: string) => () => ({ id: ids.get(name) ?? "" });
const finding = () => ({ id: ids.get("done") ?? "", finding: ids.get("finding") ?? "" });
const overwrite = { approve: true, reason: "counted twice" };
const keep = (name: string) => (body: Record<string, unknown>) => {
  const [run] = body["runs"] as { id: string }[];
  ids.set(name, run?.id ?? "");
};

export const reconciliationCases: CaseGroup = {
  name: "reconciliation",
  prepare: async () => {
    await env.DB.exec("UPDATE reconciliation_runs SET status = 'cancelled', ended_at_ms = 1 WHERE ended_at_ms IS NULL");
    shopify.listen();
    await stock("OC-REC", "70801", 5, 2);
    shopify.set("70801", HERE, 9);
    shopify.set("70801", THERE, 2, 10 ** 9);
  },
  cases: [
    { op: "reconcile", status: 202, body: { scope }, keep: keep("done") },
    { op: "reconcile", status: 404, code: "not_found", body: { scope: { shop: "nobody.myshopify.com" } } },
    { op: "reconcile", status: 400, code: "bad_request", body: { scope: { skus: [] } } },
    {
      ...{ op: "getReconciliation", status: 200, path: id("done"), query: { limit: "5" } },
      before: () =>
        until(
          async () => (await call("GET", `/v1/reconciliations/${ids.get("done")}`)).body,
          ({ status }) => status === "done",
          20_000,
        ),
      keep: (body) => {
        const [first] = body["findings"] as { id: string }[];
        ids.set("finding", first?.id ?? "");
      },
    },
    { op: "getReconciliation", status: 404, code: "not_found", path: { id: "rec_none" } },
    { op: "listReconciliations", status: 200, query: { shop: SHOP, limit: "5" } },
    { op: "listReconciliations", status: 404, code: "not_found", query: { shop: "odd one" } },
    {
      op: "overwriteFinding",
      status: 200,
      why: "a dry run",
      path: finding,
      query: { dryRun: "true" },
      body: overwrite,
    },
    { op: "overwriteFinding", status: 200, path: finding, body: overwrite },
    {
      op: "overwriteFinding",
      status: 404,
      code: "not_found",
      path: () => ({ ...finding(), finding: "none" }),
      body: overwrite,
    },
    { op: "overwriteFinding", status: 400, code: "bad_request", path: finding, body: { approve: false } },
    {
      ...{ op: "cancelReconciliation", status: 200, path: id("open") },
      before: async () => {
        // Shopify never answers, so the run is not over before it is cancelled.
        vi.spyOn(globalThis, "fetch").mockImplementation(() => new Promise(() => {}));
        keep("open")((await call("POST", "/v1/reconciliations", { scope })).body);
      },
    },
    { op: "cancelReconciliation", status: 409, code: "conflict", path: id("done") },
    { op: "cancelReconciliation", status: 404, code: "not_found", path: { id: "rec_none" } },
  ],
};

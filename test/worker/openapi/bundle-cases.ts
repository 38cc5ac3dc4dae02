/** Bundles. */
import { stock } from "../support/catalogue.ts";
import type { CaseGroup } from "./harness.ts";

const set = { sku: "OB-SET" };

export const bundleCases: CaseGroup = {
  name: "bundles",
  prepare: () => stock("OB-1", "70401", 10),
  cases: [
    { op: "putBundle", status: 201, path: set, body: { components: [{ sku: "OB-1", quantity: 2 }] } },
    { op: "putBundle", status: 200, path: set, body: { components: [{ sku: "OB-1" }] } },
    {
      op: "putBundle",
      status: 200,
      why: "a dry run",
      path: { sku: "OB-DRY" },
      query: { dryRun: "true" },
      body: { components: [{ sku: "OB-1" }] },
    },
    {
      op: "putBundle",
      status: 409,
      code: "conflict",
      why: "a circle",
      path: set,
      body: { components: [{ sku: "OB-SET" }] },
    },
    {
      op: "putBundle",
      status: 400,
      code: "bad_request",
      why: "an unknown component",
      path: set,
      body: { components: [{ sku: "OB-NONE" }] },
    },
    { op: "getBundle", status: 200, path: set },
    { op: "getBundle", status: 404, code: "not_found", path: { sku: "OB-NONE" } },
    { op: "listBundles", status: 200, query: { limit: "5" } },
    { op: "deleteBundle", status: 200, path: set },
    { op: "deleteBundle", status: 404, code: "not_found", path: set },
  ],
};

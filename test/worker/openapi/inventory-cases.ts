/** Levels, history, CSV. */
import { call } from "../support/api.ts";
import { list, stock } from "../support/catalogue.ts";
import { HERE } from "../support/counters.ts";
import type { CaseGroup } from "./harness.ts";

const sku = { sku: "OA-1" };
const csv = { "content-type": "text/csv" };
const file = `sku,locationId,counted\r\nOA-1,${HERE},9\r\n`;
let etag = "";
const keepEtag = (_: unknown, headers: Headers) => {
  etag = headers.get("etag") ?? "";
};
let planId = "";

export const inventoryCases: CaseGroup = {
  name: "inventory",
  prepare: async () => {
    await stock("OA-1", "70001", 8, 2);
    await list("OA-NEW", "70002");
    await call("PUT", "/v1/bundles/OA-SET", { components: [{ sku: "OA-1", quantity: 2 }] });
  },
  cases: [
    { op: "getLevels", status: 200, path: sku, keep: keepEtag },
    { op: "getLevels", status: 304, path: sku, headers: () => ({ "if-none-match": etag }) },
    { op: "getLevels", status: 200, why: "of a channel", path: sku, query: { channel: "till" } },
    { op: "getLevels", status: 200, why: "of a bundle", path: { sku: "OA-SET" } },
    { op: "getLevels", status: 200, why: "of the past", path: sku, query: { asOf: "2026-11-02T00:00:00Z" } },
    { op: "getLevels", status: 400, code: "bad_request", path: sku, query: { asOf: "yesterday" } },
    { op: "getLevels", status: 404, code: "not_found", path: { sku: "OA-NONE" } },
    { op: "getLevels", status: 503, code: "importing", path: { sku: "OA-NEW" } },
    { op: "getLevelsOfMany", status: 200, body: { skus: ["OA-1", "OA-SET", "OA-NEW", "OA-NONE"] } },
    { op: "getLevelsOfMany", status: 400, code: "bad_request", body: { skus: [] } },
    { op: "getLevelsOfMany", status: 413, code: "body_too_large", body: "x".repeat(300_000) },
    { op: "getSellable", status: 200, path: sku, query: { channel: "till" } },
    { op: "getSellable", status: 200, why: "of a bundle", path: { sku: "OA-SET" }, query: { channel: "till" } },
    { op: "getSellable", status: 404, code: "not_found", path: { sku: "OA-NONE" }, query: { channel: "till" } },
    { op: "getSellable", status: 400, code: "bad_request", path: sku },
    {
      ...{ op: "listMovements", status: 200, path: sku, query: { limit: "10" } },
      before: () =>
        call(
          "POST",
          "/v1/inventory/OA-1/movements",
          { kind: "sale", quantity: 1, channel: "till" },
          { "idempotency-key": "oa-history" },
        ),
    },
    { op: "listMovements", status: 400, code: "bad_request", path: sku, query: { kind: "theft" } },
    { op: "listMovements", status: 404, code: "not_found", path: { sku: "OA-NONE" } },
    { op: "exportLevels", status: 200, query: { after: "OA" } },
    { op: "exportLevels", status: 400, code: "bad_request", query: { after: "" } },
    {
      ...{ op: "importCounts", status: 200, query: { dryRun: "true" }, headers: csv, body: file },
      keep: (body) => {
        planId = String(body["planId"]);
      },
    },
    {
      ...{ op: "importCounts", status: 200, why: "the run", headers: csv, body: file },
      query: () => ({ dryRun: "false", planId }),
    },
    {
      op: "importCounts",
      status: 200,
      why: "with errors",
      headers: csv,
      body: "sku,locationId,counted\r\nOA-1,x,1\r\n",
    },
    {
      ...{ op: "importCounts", status: 409, code: "conflict", headers: csv, body: `${file}OA-1,22,1\r\n` },
      query: () => ({ dryRun: "false", planId }),
    },
    { op: "importCounts", status: 400, code: "bad_request", body: {} },
  ],
};

/** Alerts, oversells, breakers, audit, traces and events. */
import { call } from "../support/api.ts";
import { stock } from "../support/catalogue.ts";
import { until } from "../support/until.ts";
import type { CaseGroup } from "./harness.ts";

const threshold = { name: "queue_lag" };
const shopify = { kind: "shopify", name: "test-shop.myshopify.com" };
const cause = { correlationId: "oo-cause-of-sale" };
let oversell = "";

export const operatorCases: CaseGroup = {
  name: "what operators look at",
  prepare: async () => {
    await stock("OO-1", "70601", 2);
    const body = { kind: "sale", quantity: 5, happened: true, channel: "till" };
    const headers = { "idempotency-key": "oo-1", "x-correlation-id": cause.correlationId };
    await call("POST", "/v1/inventory/OO-1/movements", body, headers);
    const found = await until(
      async () => (await call("GET", "/v1/oversells?sku=OO-1")).body["oversells"] as { id: string }[],
      (rows) => rows.length > 0,
    );
    oversell = found[0]?.id ?? "";
  },
  cases: [
    { op: "getAlerts", status: 200 },
    { op: "setThreshold", status: 200, path: threshold, body: { threshold: 60, reason: "sale week" } },
    { op: "setThreshold", status: 400, code: "bad_request", path: threshold, body: { threshold: -1, reason: "x" } },
    { op: "setThreshold", status: 404, code: "not_found", path: { name: "odd" }, body: { threshold: 1, reason: "x" } },
    { op: "getAlerts", status: 200, why: "with an override" },
    { op: "resetThreshold", status: 200, path: threshold },
    { op: "resetThreshold", status: 404, code: "not_found", path: { name: "odd" } },
    { op: "listOversells", status: 200, query: { sku: "OO-1", status: "open" } },
    { op: "listOversells", status: 400, code: "bad_request", query: { status: "odd" } },
    { op: "getOversell", status: 200, path: () => ({ id: oversell }) },
    { op: "getOversell", status: 404, code: "not_found", path: { id: "os_none" } },
    { op: "isolateBreaker", status: 200, path: shopify, body: { reason: "maintenance" } },
    {
      op: "isolateBreaker",
      status: 404,
      code: "not_found",
      path: { ...shopify, name: "nobody.myshopify.com" },
      body: { reason: "x" },
    },
    { op: "isolateBreaker", status: 400, code: "bad_request", path: shopify, body: {} },
    { op: "listBreakers", status: 200 },
    { op: "releaseBreaker", status: 200, path: shopify },
    { op: "releaseBreaker", status: 404, code: "not_found", path: { ...shopify, name: "nobody.myshopify.com" } },
    { op: "listAudit", status: 200, query: { limit: "20" } },
    { op: "listAudit", status: 400, code: "bad_request", query: { limit: "0" } },
    { op: "getTrace", status: 200, path: cause, query: { sku: "OO-1" } },
    { op: "getTrace", status: 404, code: "not_found", path: { correlationId: "oo-nobody-knows" } },
    { op: "listEvents", status: 200, query: { limit: "20" } },
    { op: "listEvents", status: 404, code: "not_found", query: { sku: "OO-NONE" } },
  ],
};

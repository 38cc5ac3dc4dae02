/** Thresholds, reordering, and counts that wait for a person. */

import { env } from "cloudflare:workers";
import { takeNews } from "../../../src/wiring/counter-news.ts";
import { call } from "../support/api.ts";
import { stock } from "../support/catalogue.ts";
import { HERE } from "../support/counters.ts";
import { until } from "../support/until.ts";
import type { CaseGroup } from "./harness.ts";

const sku = { sku: "ON-1" };
const none = { sku: "ON-NONE" };
const reason = { reason: "because" };
let [reorder, count, other] = ["", "", ""];

const find = async (path: string, list: "reorders" | "counts") => {
  const rows = await until(
    async () => (await call("GET", path)).body[list] as { id: string }[],
    (found) => found.length > 0,
  );
  return rows[0]?.id ?? "";
};
/** As a channel's count that is too far from ours comes in. */
const held = async (key: string) => {
  const { skuId } = await stock(`ON-${key}`, key, 100);
  await takeNews(env as unknown as Env)({
    ...{ v: 1, kind: "count", id: `n-${key}`, skuId, sku: `ON-${key}` as never, correlationId: "c" as never },
    news: {
      ...{ kind: "count", word: "held", key: `nobody/${key}` as never, locationId: HERE, of: "on_hand", counted: 1 },
      ...{ ours: 100, countedAtMs: 1, actor: "wms", source: "channel", reference: null, decidedBy: null },
      ...{ note: null, atMs: 1 },
    },
  });
  return find(`/v1/counts?state=held&sku=ON-${key}`, "counts");
};

export const stockCases: CaseGroup = {
  name: "thresholds, reorders and counts",
  prepare: async () => {
    await stock("ON-1", "70701", 30);
    other = await held("70702");
  },
  cases: [
    { op: "putThresholds", status: 200, path: sku, body: { inAll: { lowAt: 5 }, locations: { [HERE]: null } } },
    { op: "putThresholds", status: 400, code: "bad_request", path: sku, body: { inAll: { lowAt: -1 } } },
    { op: "putThresholds", status: 404, code: "not_found", path: none, body: {} },
    { op: "getThresholds", status: 200, path: sku },
    { op: "getThresholds", status: 404, code: "not_found", path: none },
    { op: "deleteThresholds", status: 200, path: sku },
    { op: "deleteThresholds", status: 404, code: "not_found", path: none },
    { op: "getDefaultThresholds", status: 200 },
    { op: "putDefaultThresholds", status: 200, body: { inAll: { lowAt: 7, hysteresis: 1 } } },
    { op: "putDefaultThresholds", status: 400, code: "bad_request", body: { every: null } },
    {
      ...{ op: "putReorderRule", status: 200, path: sku },
      body: { rule: { when: { kind: "point", point: 1, quantity: 5 } } },
    },
    { op: "putReorderRule", status: 400, code: "bad_request", path: sku, body: { rule: { when: { kind: "hope" } } } },
    { op: "putReorderRule", status: 404, code: "not_found", path: none, body: { rule: null } },
    { op: "getReorderRule", status: 200, path: sku },
    { op: "getReorderRule", status: 404, code: "not_found", path: none },
    { op: "deleteReorderRule", status: 200, path: sku },
    { op: "deleteReorderRule", status: 404, code: "not_found", path: none },
    { op: "getDefaultReorderRule", status: 200 },
    { op: "putDefaultReorderRule", status: 200, body: { rule: null } },
    { op: "putDefaultReorderRule", status: 400, code: "bad_request", body: {} },
    {
      ...{ op: "requestReorder", status: 201, path: sku, headers: { "idempotency-key": "on-1" } },
      body: { quantity: 12 },
    },
    {
      ...{ op: "requestReorder", status: 200, path: sku, headers: { "idempotency-key": "on-1" } },
      body: { quantity: 12 },
    },
    {
      ...{ op: "requestReorder", status: 409, code: "conflict", path: sku, headers: { "idempotency-key": "on-2" } },
      body: { quantity: 12 },
    },
    {
      ...{ op: "requestReorder", status: 400, code: "bad_request", path: sku },
      ...{ headers: { "idempotency-key": "on-3" }, body: { quantity: 0 } },
    },
    {
      ...{ op: "listReorders", status: 200, query: { state: "open", sku: "ON-1" } },
      before: async () => {
        reorder = await find("/v1/reorders?sku=ON-1", "reorders");
      },
    },
    { op: "listReorders", status: 400, code: "bad_request", query: { state: "lost" } },
    { op: "getReorder", status: 200, path: () => ({ id: reorder }) },
    { op: "getReorder", status: 404, code: "not_found", path: { id: "ro_none_1" } },
    { op: "cancelReorder", status: 200, path: () => ({ id: reorder }), body: reason },
    { op: "cancelReorder", status: 404, code: "not_found", path: { id: "ro_none_1" }, body: reason },
    { op: "cancelReorder", status: 400, code: "bad_request", path: () => ({ id: reorder }), body: {} },
    {
      ...{ op: "listCounts", status: 200, query: { state: "held", sku: "ON-1" } },
      before: async () => {
        const body = { locationId: HERE, counted: 2, of: "available", approval: { units: 5 } };
        await call("POST", "/v1/inventory/ON-1/counts", body, { "idempotency-key": "on-count" });
        count = await find("/v1/counts?state=held&sku=ON-1", "counts");
      },
    },
    { op: "listCounts", status: 400, code: "bad_request", query: { state: "lost" } },
    { op: "getCount", status: 200, path: () => ({ id: count }) },
    { op: "getCount", status: 404, code: "not_found", path: { id: "cf_none" } },
    { op: "approveCount", status: 200, path: () => ({ id: count }), body: reason },
    { op: "approveCount", status: 404, code: "not_found", path: { id: "cf_none" }, body: reason },
    {
      op: "approveCount",
      status: 404,
      code: "not_found",
      why: "its counter knows none",
      path: () => ({ id: other }),
      body: reason,
    },
    { op: "rejectCount", status: 404, code: "not_found", path: { id: "cf_none" }, body: reason },
    {
      ...{ op: "rejectCount", status: 200, path: () => ({ id: count }), body: reason },
      before: async () => {
        // What was approved a moment ago is no held one any more once its news are stored.
        await until(
          async () => (await call("GET", `/v1/counts/${count}`)).body,
          ({ state }) => state === "booked",
        );
        const body = { locationId: HERE, counted: 90, of: "available", approval: { units: 5 } };
        await call("POST", "/v1/inventory/ON-1/counts", body, { "idempotency-key": "on-count-2" });
        count = await find("/v1/counts?state=held&sku=ON-1", "counts");
      },
    },
  ],
};

/** From a sale, a receipt or a count to what people are told and decide, over HTTP, in the real runtime. */
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { parseStockNotice } from "../../src/queues/stock-notice.ts";
import { runMinute } from "../../src/wiring/minute.ts";
import { adjust, call } from "./support/api.ts";
import { stock } from "./support/catalogue.ts";
import { HERE } from "./support/counters.ts";
import { handOver, message } from "./support/queue.ts";
import { until } from "./support/until.ts";

const of = (sku: string, path: string) => `/v1/inventory/${sku}/${path}`;
const move = (sku: string, key: string, body: object) =>
  call("POST", of(sku, "movements"), body, { "idempotency-key": key });
const told = async (sku: string) => {
  const { results } = await env.DB.prepare("SELECT id, kind FROM notifications WHERE sku = ? ORDER BY at_ms, id")
    .bind(sku)
    .all<{ id: string; kind: string }>();
  return results;
};
const kinds = async (sku: string) => (await told(sku)).map(({ kind }) => kind);
const reorders = async (query: string) => (await call("GET", `/v1/reorders?${query}`)).body["reorders"] as Row[];
const counts = async (query: string) => (await call("GET", `/v1/counts?${query}`)).body["counts"] as Row[];
type Row = { readonly id: string; readonly state: string } & Readonly<Record<string, unknown>>;

describe("a sale that crosses a threshold", () => {
  it("makes one notification, however often it is told", async () => {
    const { skuId } = await stock("SN-1", "3901", 10);
    await call("PUT", of("SN-1", "thresholds"), { inAll: { lowAt: 4, hysteresis: 2 } });
    await adjust("SN-1", { delta: -6, locationId: HERE });
    const [low] = await until(
      () => told("SN-1"),
      (rows) => rows.length > 0,
    );
    expect(low).toMatchObject({ kind: "inventory.low_stock" });
    const notice = {
      ...{ v: 1, kind: "stock", id: low?.id, skuId, sku: "SN-1", correlationId: "again" },
      news: { kind: "stock", number: 1, state: "low", locationId: null, available: 4, lowAt: 4, atMs: 1 },
    };
    expect(parseStockNotice(notice).ok).toBe(true);
    for (const id of ["a", "b"]) await handOver("onhand-notifications", message(id, notice));
    await adjust("SN-1", { delta: 1, locationId: HERE });
    await adjust("SN-1", { delta: -1, locationId: HERE });
    await adjust("SN-1", { delta: -4, locationId: HERE });
    await until(
      () => kinds("SN-1"),
      (all) => all.includes("inventory.out_of_stock"),
    );
    expect((await kinds("SN-1")).toSorted()).toEqual(["inventory.low_stock", "inventory.out_of_stock"]);
    expect((await call("GET", of("SN-1", "thresholds"))).body).toMatchObject({
      states: [{ scope: "all", state: "out" }],
    });
  });
});

describe("thresholds for all SKUs", () => {
  it("reach a counter, which then goes by them", async () => {
    await stock("SN-2", "3902", 50);
    const put = await call("PUT", "/v1/thresholds", { inAll: { lowAt: 40, backAt: 2, hysteresis: 0 } });
    expect(put).toMatchObject({ status: 200, body: { thresholds: { inAll: { lowAt: 40 } } } });
    vi.spyOn(console, "log").mockImplementation(() => {});
    await runMinute(env as unknown as Env, Date.now());
    await until(
      async () => (await call("GET", of("SN-2", "thresholds"))).body["defaults"],
      (defaults) => JSON.stringify(defaults).includes('"lowAt":40'),
    );
    await adjust("SN-2", { delta: -10, locationId: HERE });
    await until(
      () => kinds("SN-2"),
      (all) => all.length > 0,
    );
    expect(await kinds("SN-2")).toEqual(["inventory.low_stock"]);
  });
});

describe("a reorder", () => {
  it("is asked for once, received by two part receipts, and may then be asked for again", async () => {
    await stock("SN-3", "3903", 20);
    const rule = { when: { kind: "point", point: 10, quantity: 30 }, packSize: 20 };
    expect((await call("PUT", of("SN-3", "reorder-rule"), { rule })).status).toBe(200);
    await adjust("SN-3", { delta: -12, locationId: HERE });
    await adjust("SN-3", { delta: -3, locationId: HERE });
    const [open] = await until(
      () => reorders("sku=SN-3"),
      (rows) => rows.length > 0,
    );
    expect(open).toMatchObject({ state: "open", quantity: 40, received: 0, available: 8, askedBy: "rule" });
    const receipt = { kind: "receipt", locationId: HERE, reference: open?.id };
    await move("SN-3", "sn3-r1", { ...receipt, quantity: 15 });
    await until(
      () => reorders("sku=SN-3&state=open"),
      ([row]) => row?.["received"] === 15,
    );
    await move("SN-3", "sn3-r2", { ...receipt, quantity: 25 });
    await until(
      () => reorders("sku=SN-3&state=received"),
      (rows) => rows.length === 1,
    );
    await adjust("SN-3", { delta: -40, locationId: HERE });
    const again = await until(
      () => reorders("sku=SN-3&state=open"),
      (rows) => rows.length === 1,
    );
    expect(again[0]?.id).not.toBe(open?.id);
    const cancelled = await call("POST", `/v1/reorders/${again[0]?.id}/cancel`, { reason: "supplier is closed" });
    expect(cancelled).toMatchObject({ status: 200, body: { state: "cancelled", closedReason: "supplier is closed" } });
    expect((await call("GET", `/v1/audit?subject=${again[0]?.id}`)).body).toMatchObject({
      entries: [{ action: "reorder.cancelled" }],
    });
    await until(
      () => kinds("SN-3"),
      (all) => all.includes("reorder.cancelled"),
    );
    expect((await kinds("SN-3")).filter((kind) => kind === "reorder.requested")).toHaveLength(2);
  });
});

describe("a count of 50 units fewer", () => {
  it("waits for a person, is approved, and booked, once", async () => {
    await stock("SN-4", "3904", 100);
    const body = { locationId: HERE, counted: 50, of: "available", approval: { units: 10, percent: 10 } };
    const asked = await call("POST", of("SN-4", "counts"), body, { "idempotency-key": "sn4" });
    expect(asked).toMatchObject({ status: 202, body: { status: "held", ours: 100, levels: { available: 100 } } });
    const [held] = await until(
      () => counts("sku=SN-4&state=held"),
      (rows) => rows.length > 0,
    );
    expect(held).toMatchObject({ counted: 50, ours: 100, difference: -50, source: "api" });
    expect(await kinds("SN-4")).toEqual(["count.needs_approval"]);
    const path = `/v1/counts/${held?.id}`;
    expect(await call("POST", `${path}/approve`, { reason: "recounted" })).toMatchObject({
      ...{ status: 200, body: { state: "booked", delta: -50 } },
    });
    expect((await call("POST", `${path}/approve`, { reason: "recounted" })).body).toMatchObject({ state: "decided" });
    expect((await call("GET", "/v1/inventory/SN-4")).body).toMatchObject({ available: 50 });
    await until(
      async () => (await call("GET", path)).body,
      ({ state }) => state === "booked",
    );
    expect((await call("POST", `${path}/reject`, { reason: "late" })).status).toBe(409);
    expect((await call("GET", `/v1/audit?subject=${held?.id}`)).body["entries"]).toHaveLength(1);
  });
});

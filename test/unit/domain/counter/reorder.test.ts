import { describe, expect, it } from "vitest";
import type { CounterEvent } from "../../../../src/domain/counter/counter-event.ts";
import type { ReorderNews } from "../../../../src/domain/counter/counter-news.ts";
import { type ReorderRule, type ReorderState, wantedBy } from "../../../../src/domain/counter/reorder.ts";
import { fromStore, type LocationId } from "../../../../src/domain/ids.ts";
import { asked, CAUSE, sale } from "../../../support/counter/asked.ts";
import { BookingCounter } from "../../../support/counter/booking-counter.ts";

const correlationId = fromStore<never>("c");
const POINT: ReorderRule = {
  when: { kind: "point", point: 5, quantity: 10 },
  ...{ leadDays: 7, packSize: 6, quantityMax: null, locationId: null },
};
const rule = (given: ReorderRule | null): CounterEvent => ({
  kind: "reorder_rule",
  own: { rule: given },
  correlationId,
});
const receipt = (key: string, delta: number, reference: string | null = null): CounterEvent =>
  asked(key, { kind: "receipt", delta, locationId: fromStore<LocationId>("1"), cause: { ...CAUSE, reference } });
const cancel = (reorderId: string): CounterEvent => ({
  ...{ kind: "reorder_cancel", reorderId, reason: "supplier is closed", correlationId },
});
const byHand = (key: string, quantity: number): CounterEvent => ({
  ...{ kind: "reorder_ask", key, quantity, locationId: null, leadDays: null, reason: "fair", correlationId },
});
const told = (counter: BookingCounter, ...events: readonly CounterEvent[]): readonly string[] =>
  counter
    .batch(events)
    .news.filter((news): news is ReorderNews => news.kind === "reorder")
    .map(({ reorder }) => `${reorder.id} ${reorder.state} ${reorder.received}/${reorder.quantity}`);

describe("a rule of reordering", () => {
  it("asks once when stock is at its point, in whole packs, and not again until it is received", () => {
    const counter = new BookingCounter({ "1": 9 });
    expect(told(counter, rule(POINT))).toEqual([]);
    expect(told(counter, sale("s1", 4))).toEqual(["ro_id_1 open 0/12"]);
    expect(told(counter, sale("s2", 3))).toEqual([]);
    expect(told(counter, receipt("r1", 5, "ro_id_1"))).toEqual(["ro_id_1 open 5/12"]);
    expect(told(counter, receipt("r2", 7))).toEqual(["ro_id_1 received 12/12"]);
    expect(told(counter, sale("s3", 9))).toEqual(["ro_id_2 open 0/12"]);
  });

  it("is not answered by a receipt that names another request", () => {
    const counter = new BookingCounter({ "1": 5 });
    told(counter, rule(POINT));
    expect(told(counter, receipt("r1", 5, "ro_id_99"))).toEqual([]);
    expect(counter.state.reorder.open?.received).toBe(0);
  });

  it("waits after a cancellation until stock was above its point", () => {
    const counter = new BookingCounter({ "1": 5 });
    expect(told(counter, rule(POINT))).toEqual(["ro_id_1 open 0/12"]);
    expect(told(counter, cancel("ro_id_1"))).toEqual(["ro_id_1 cancelled 0/12"]);
    expect(counter.ask(cancel("ro_id_1"))).toMatchObject({ kind: "reorder", isNew: false });
    expect(told(counter, sale("s1", 1))).toEqual([]);
    expect(told(counter, receipt("r1", 3))).toEqual([]);
    expect(told(counter, sale("s2", 2))).toEqual(["ro_id_2 open 0/12"]);
  });

  it("is never asked where a SKU says so, whatever holds for all", () => {
    const counter = new BookingCounter({ "1": 2 });
    told(counter, rule(null));
    const word = { thresholds: null, reorderRule: POINT, revision: 3, correlationId };
    expect(told(counter, { kind: "stock_default", ...word })).toEqual([]);
    expect(told(counter, { kind: "reorder_rule", own: null, correlationId })).toEqual(["ro_id_1 open 0/12"]);
  });
});

describe("a request by hand", () => {
  it("is made once per key, and refused while another is open", () => {
    const counter = new BookingCounter({ "1": 50 });
    expect(counter.ask(byHand("k1", 30))).toMatchObject({ kind: "reorder", isNew: true, reorder: { quantity: 30 } });
    expect(counter.ask(byHand("k1", 30))).toMatchObject({ kind: "reorder", isNew: false });
    expect(counter.ask(byHand("k2", 30))).toMatchObject({ kind: "reorder_is_open", reorder: { id: "ro_id_1" } });
    expect(counter.ask(cancel("ro_id_7"))).toEqual({ kind: "reorder_not_open", reorder: null });
  });
});

describe("days of cover", () => {
  const cover: ReorderRule = {
    when: { kind: "cover", coverDays: 30, windowDays: 14, safetyDays: 3 },
    ...{ leadDays: 7, packSize: 10, quantityMax: 55, locationId: null },
  };
  const state = (units: number): Pick<ReorderState, "sales" | "open"> => ({
    ...{ sales: { units, days: 14, atMs: 0 }, open: null },
  });

  it("order at rate times lead and safety days, rate times cover, in packs and up to the maximum", () => {
    expect(wantedBy({ ...cover, quantityMax: null }, state(28))).toEqual({ point: 20, quantity: 60 });
    expect(wantedBy(cover, state(28))).toEqual({ point: 20, quantity: 50 });
  });

  it("ask for nothing while no sales are known", () => {
    expect(wantedBy(cover, { sales: null, open: null })).toBeNull();
    expect(wantedBy(cover, state(0))).toBeNull();
  });

  it("ask when sales are measured, and stock is at the point by then", () => {
    const counter = new BookingCounter({ "1": 20 });
    expect(told(counter, rule(cover))).toEqual([]);
    const measured: CounterEvent = { kind: "sales_measured", sales: { units: 28, days: 14, atMs: counter.nowMs } };
    expect(told(counter, measured)).toEqual(["ro_id_1 open 0/50"]);
  });
});

import { describe, expect, it } from "vitest";
import type { CounterEvent } from "../../../../src/domain/counter/counter-event.ts";
import type { CountNews } from "../../../../src/domain/counter/counter-news.ts";
import { isBeyond } from "../../../../src/domain/counter/held-count.ts";
import { fromStore, type LocationId } from "../../../../src/domain/ids.ts";
import { asked, count, sale } from "../../../support/counter/asked.ts";
import { BookingCounter } from "../../../support/counter/booking-counter.ts";

const PLACE = fromStore<LocationId>("1");
const T = 5_000_000;
const ofChannel = (key: string, counted: number, atMs = T, place = PLACE): CounterEvent => {
  const { kind, request } = count(key, place, counted, "on_hand", atMs);
  return { kind, request: { ...request, approval: { units: 10, percent: null } } };
};
const verdict = (key: string, isApproved: boolean): CounterEvent => ({
  kind: "count_verdict",
  verdict: { key: fromStore(key), isApproved, by: "admin/anna", note: "seen it" },
  correlationId: fromStore("c"),
});
const words = (counter: BookingCounter, ...events: readonly CounterEvent[]): readonly string[] =>
  counter
    .batch(events)
    .news.filter((news): news is CountNews => news.kind === "count")
    .map(({ word, key, counted, ours }) => `${word} ${key} ${ours}→${counted}`);

describe("a count beyond what its sender may book alone", () => {
  it("waits, while sales go on; approved, it is booked and what happened since is kept", () => {
    const counter = new BookingCounter({ "1": 100 });
    expect(words(counter, ofChannel("c1", 50))).toEqual(["held c1 100→50"]);
    counter.nowMs += 1_000;
    counter.apply(sale("s1", 3, { moves: {}, occurredAtMs: T + 500 }));
    expect(counter.total.available).toBe(97);
    expect(counter.ask(ofChannel("c1", 50))).toEqual({ kind: "count_held", ours: 100 });
    expect(words(counter, verdict("c1", true))).toEqual(["booked c1 100→50"]);
    expect(counter.total.available).toBe(47);
    expect(counter.ask(verdict("c1", true))).toMatchObject({ kind: "counted_already", movement: { delta: -50 } });
    expect(counter.ask(ofChannel("c1", 50))).toMatchObject({ kind: "counted_already" });
  });

  it("is the same news when it is told again: what was told first may be lost", () => {
    const counter = new BookingCounter({ "1": 100 });
    const [first] = counter.batch([ofChannel("c1", 50)]).news;
    counter.nowMs += 60_000;
    expect(counter.batch([ofChannel("c1", 50)]).news).toEqual([first]);
    counter.apply(verdict("c1", true));
    expect(counter.batch([ofChannel("c1", 50)]).news).toEqual([]);
  });

  it("rejected, changes nothing, and its repeat is known", () => {
    const counter = new BookingCounter({ "1": 100 });
    counter.apply(ofChannel("c1", 50));
    expect(words(counter, verdict("c1", false))).toEqual(["rejected c1 100→50"]);
    expect(counter.total.available).toBe(100);
    expect(counter.ask(ofChannel("c1", 50))).toMatchObject({ kind: "counted_already", movement: { delta: 0 } });
    expect(counter.ask(verdict("c9", false))).toEqual({ kind: "no_such_count" });
  });

  it("is superseded by a later count of the place that is booked meanwhile", () => {
    const counter = new BookingCounter({ "1": 100 });
    counter.apply(ofChannel("c1", 50));
    counter.nowMs += 2_000;
    expect(words(counter, ofChannel("c2", 98, T + 1_000))).toEqual(["superseded c1 100→50"]);
    expect(counter.total.available).toBe(98);
    expect(counter.ask(verdict("c1", true))).toMatchObject({ kind: "counted_already", movement: { delta: 0 } });
  });

  it("of a late sale from before it counts the sale once", () => {
    const counter = new BookingCounter({ "1": 100 });
    counter.apply(ofChannel("c1", 50));
    counter.nowMs += 1_000;
    counter.apply(sale("late", 2, { moves: {}, allowNegative: true, occurredAtMs: T - 500 }));
    counter.apply(verdict("c1", true));
    expect(counter.total.available).toBe(50);
  });

  it("within the limits is booked at once", () => {
    const counter = new BookingCounter({ "1": 100 });
    expect(words(counter, ofChannel("c1", 90))).toEqual([]);
    expect(counter.total.available).toBe(90);
  });

  it("is measured in units and in percent of what we had: either is enough", () => {
    expect(isBeyond({ units: 10, percent: null }, 90, 100)).toBe(false);
    expect(isBeyond({ units: 10, percent: 5 }, 94, 100)).toBe(true);
    expect(isBeyond({ units: null, percent: 10 }, 1, 0)).toBe(true);
    expect(isBeyond({ units: null, percent: null }, 0, 1_000)).toBe(false);
    expect(isBeyond({ units: 0, percent: 0 }, 7, 7)).toBe(false);
  });
});

describe("what does not go together is told", () => {
  it("when two counts of one place contradict each other", () => {
    const counter = new BookingCounter({ "1": 100 });
    counter.nowMs += 5_000;
    counter.apply(ofChannel("c2", 95, T + 2_000));
    expect(words(counter, ofChannel("c1", 99, T + 1_000))).toEqual(["contradiction c1 100→99"]);
    expect(words(counter, ofChannel("lost-before", 95, T + 1_000))).toEqual([]);
    expect(words(counter, ofChannel("lost-after", 100, T + 1_000))).toEqual([]);
    expect(counter.total.available).toBe(95);
  });

  it("when a count is of a place where the SKU is not stocked", () => {
    const counter = new BookingCounter({ "1": 100 });
    expect(words(counter, ofChannel("c1", 5, T, fromStore<LocationId>("9")))).toEqual(["not_stocked c1 0→5"]);
  });

  it("when an adjustment takes more than is on hand", () => {
    const counter = new BookingCounter({ "1": 4 });
    expect(words(counter, asked("a1", { delta: -6, allowNegative: true }))).toEqual(["below_zero a1 4→-2"]);
    expect(words(counter, sale("s1", 1, { allowNegative: true, moves: {} }))).toEqual([]);
  });
});

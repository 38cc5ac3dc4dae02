import { describe, expect, it } from "vitest";
import type { CounterEvent } from "../../../../src/domain/counter/counter-event.ts";
import { fromStore, type HintId } from "../../../../src/domain/ids.ts";
import { count } from "../../../support/counter/asked.ts";
import { CounterDesk, LISTING, level, news, PLACE } from "./counter-desk.ts";

const shipped = (id: string, quantity: number): CounterEvent => ({
  kind: "shipped",
  listingId: LISTING,
  id: fromStore<HintId>(id),
  locationId: PLACE,
  quantity,
  atMs: 1_000_000_000,
  correlationId: fromStore("c"),
});

describe("a shipment that Shopify tells of", () => {
  it("lowers committed and what is on hand once, and leaves available alone", () => {
    const desk = new CounterDesk(7, 3);
    expect(desk.shown).toEqual({ available: 7, committed: 3, onHand: 10 });
    expect(desk.apply(shipped("f1/l1", 2), shipped("f1/l1", 2)).map(({ kind }) => kind)).toEqual(["noted", "known"]);
    expect(desk.apply(shipped("f1/l1", 2))).toEqual([{ kind: "known" }]);
    expect(desk.shown).toEqual({ available: 7, committed: 1, onHand: 8 });
    expect(desk.booked.at(-1)?.movement).toMatchObject({ kind: "shipment", delta: 0, moves: { committed: -2 } });
  });

  it("that a read has measured already is mended by the read that it asks for", () => {
    const desk = new CounterDesk(7, 3);
    desk.apply({ kind: "audit", listingId: LISTING });
    desk.read(7, 1, 10);
    desk.apply(shipped("f1/l1", 2));
    expect(desk.shown.committed).toBe(0);
    desk.wait(60_000);
    expect(desk.isReadWanted).toBe(true);
    desk.read(7, 1, 10);
    expect(desk.shown).toEqual({ available: 7, committed: 1, onHand: 8 });
  });
});

describe("a count of what is on hand at a location that a shop shows", () => {
  const counted = (units: number) => count("k", PLACE, units, "on_hand", 5_000_000);

  it("waits for a read that begins after it, so that it knows what Shopify has sold", () => {
    const desk = new CounterDesk(7, 3);
    expect(desk.apply(counted(9))).toEqual([{ kind: "count_waits" }]);
    expect(desk.apply(counted(9))).toEqual([{ kind: "count_waits" }]);
    expect(desk.isReadWanted).toBe(true);
    desk.read(7, 3, 10);
    expect(desk.shown).toEqual({ available: 6, committed: 3, onHand: 9 });
    expect(desk.booked.at(-1)?.movement).toMatchObject({ kind: "count", delta: -1 });
    expect(desk.apply(counted(9))).toMatchObject([{ kind: "counted_already" }]);
  });

  it("is not satisfied by the answer to a read that was under way when it came", () => {
    const desk = new CounterDesk(7, 3);
    desk.apply({ kind: "audit", listingId: LISTING });
    const early = desk.startRead();
    desk.apply(counted(9));
    desk.answer(early, 7, 3, 10);
    expect(desk.state.counts.size).toBe(1);
    desk.wait(10_000);
    desk.read(7, 3, 10);
    expect(desk.state.counts.size).toBe(0);
    expect(desk.shown.onHand).toBe(9);
  });

  it("waits on while an order is announced that no level has shown", () => {
    const desk = new CounterDesk(7, 3);
    desk.apply(counted(9));
    const read = desk.startRead();
    desk.apply(news("o1", -2, 20));
    desk.answer(read, 7, 3, 10);
    expect(desk.state.counts.size).toBe(1);
    desk.apply(level(5, 20));
    expect(desk.state.counts.size).toBe(0);
    // 9 on the shelf; 3 committed before, 2 by the order.
    expect(desk.shown).toEqual({ available: 4, committed: 5, onHand: 9 });
  });

  it("of available is a word of its own, and waits for nothing", () => {
    const desk = new CounterDesk(7, 3);
    expect(desk.apply(count("k", PLACE, 9, "available", 5_000_000))).toMatchObject([{ kind: "counted" }]);
    expect(desk.shown).toMatchObject({ available: 9, committed: 3 });
  });
});

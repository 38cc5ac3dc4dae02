/** The store writes what is a new object: what did not change must be the same one. */
import { describe, expect, it } from "vitest";
import { Desk, hintOf, shopId, snapshotOf } from "./desk.ts";

describe("what a batch does not change stays the same object", () => {
  it("the whole state, when nothing comes of the batch", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.snapshot("S1", 8, 5);
    const { state } = desk;
    desk.apply(snapshotOf("S1", 9, 3), snapshotOf("S1", 8, 5), { kind: "tick" });
    expect(desk.state).toBe(state);
  });

  it("other listings, other levels, other hints, and X", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 10 }, S2: { L1: 10, L2: 10 } });
    desk.apply(hintOf("S1", "o1", -1, 5, { at: "L1" }), hintOf("S1", "o2", -1, 5, { at: "L2" }));
    const before = desk.state;
    const [l2, o2] = [desk.level("S1", "L2"), [...desk.listing("S1").hints.values()][1]];
    desk.snapshot("S1", 9, 5, "L1");
    expect(desk.state.own).toBe(before.own);
    expect(desk.listing("S2")).toBe(before.listings.get(shopId("S2")));
    expect(desk.level("S1", "L2")).toBe(l2);
    expect([...desk.listing("S1").hints.values()][1]).toBe(o2);
    expect(desk.level("S1", "L1").settled).toBe(9);
  });

  it("all listings, when only our own stock moves", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    const before = desk.state;
    desk.own(-2);
    expect(desk.state.listings).toBe(before.listings);
    expect(desk.truth).toEqual({ L1: 8 });
  });

  it("the hints, while a hundred snapshots settle around them", () => {
    const desk = new Desk({ S1: { L1: 500, L2: 500 } });
    desk.apply(...Array.from({ length: 50 }, (_, k) => hintOf("S1", `o${k}`, -1, 200, { at: "L2" })));
    const { hints } = desk.listing("S1");
    desk.apply(...Array.from({ length: 100 }, (_, k) => snapshotOf("S1", 499 - k, k + 1, "L1")));
    expect(desk.listing("S1").hints).toBe(hints);
  });
});

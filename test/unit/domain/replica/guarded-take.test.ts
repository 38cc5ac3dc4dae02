import { describe, expect, it } from "vitest";
import { Desk, snapshotOf } from "./desk.ts";

describe("the truth, by its parts", () => {
  it("tells ledger, doubt, what orders anticipate, what is available, and what is certain", () => {
    const desk = new Desk({ S1: { L1: 20 } });
    desk.own(5);
    desk.push("S1");
    desk.applied("S1", "p1", 7);
    desk.apply(snapshotOf("S1", 25, 5), snapshotOf("S1", 24, 7), snapshotOf("S1", 22, 7));
    desk.hint("S1", "o1", -4, 7);
    // 24 is 24 or 19 of Shopify's own, 22 is 22 or 17: at most 20 is left, 17 is certain.
    expect([desk.level("S1").effective, desk.level("S1").lowest]).toEqual([20, 17]);
    expect(desk.truth).toEqual({ L1: 21 });
    expect(desk.floors).toEqual({ L1: 18 });
    expect(desk.floorTotal).toBe(18);
  });

  it("sums the floors of all locations, so that one that is short counts against the others", () => {
    const desk = new Desk({ S1: { L1: 5, L2: 1 } });
    desk.own(-4, "L2");
    expect([desk.floors, desk.floorTotal]).toEqual([{ L1: 5, L2: -3 }, 2]);
  });
});

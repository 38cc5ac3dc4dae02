import { describe, expect, it } from "vitest";
import { Desk, placeId, shopId } from "./desk.ts";

describe("a parked level", () => {
  it("takes no push until it is unparked, while the other levels go on", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 10 } });
    desk.own(-1, "L1");
    desk.own(-2, "L2");
    desk.push("S1");
    desk.failed("S1", "p1", ["L1"]);
    desk.wait(2_000);
    expect(desk.push("S1")?.rows).toEqual({ L2: -2 });
    desk.applied("S1", "p2", 5);
    expect(desk.wants).toEqual({});
    desk.apply({ kind: "unpark", listingId: shopId("S1"), locationId: placeId("L1") });
    expect(desk.push("S1")?.rows).toEqual({ L1: -1 });
  });

  it("still counts: its snapshots settle, and its orders reserve", () => {
    const desk = new Desk({ S1: { L1: 10 }, S2: { L1: 10 } });
    desk.own(-1);
    desk.push("S1");
    desk.failed("S1", "p1", ["L1"]);
    desk.hint("S1", "o1", -2, 5);
    expect(desk.truth).toEqual({ L1: 7 });
    desk.snapshot("S1", 8, 5);
    expect([desk.truth, desk.push("S2")?.rows]).toEqual([{ L1: 7 }, { L1: -3 }]);
  });

  it("is made by a read that no longer finds it, with its contribution unchanged and its doubt ended", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 10 } });
    desk.snapshot("S1", 9, 5, "L1");
    desk.snapshot("S1", 8, 5, "L1");
    desk.wait(1_500);
    desk.answered("S1", desk.read("S1"), { L2: [10, 0] });
    const { parked, settled, pending, effective } = desk.level("S1", "L1");
    expect({ parked, settled, pending, effective }).toEqual({
      parked: "missing",
      settled: 9,
      pending: [],
      effective: 9,
    });
    expect([desk.level("S1", "L2").parked, desk.wants]).toEqual([null, {}]);
    desk.own(-1, "L1");
    expect(desk.wants).toEqual({});
  });

  it("takes pushes again when a read finds again what a read had missed", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.answered("S1", desk.read("S1"), {});
    desk.own(-1);
    expect(desk.wants).toEqual({});
    desk.nowMs += 2_000;
    desk.answered("S1", desk.read("S1"), { L1: [12, 40] });
    expect([desk.level("S1").parked, desk.truth, desk.push("S1")?.rows]).toEqual([null, { L1: 11 }, { L1: -1 }]);
  });

  it("asks for that read as soon as Shopify tells a new level of it, and only the read lifts it", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.answered("S1", desk.read("S1"), {});
    desk.own(-1);
    desk.nowMs += 2_000;
    desk.snapshot("S1", 10, 0); // as old as the base: no news
    expect(desk.wants).toEqual({});
    desk.snapshot("S1", 12, 40);
    expect([desk.level("S1").parked, desk.wants]).toEqual(["missing", { S1: "read" }]);
    desk.answered("S1", desk.read("S1"), {}); // the snapshot was late
    expect([desk.level("S1").parked, desk.wants]).toEqual(["missing", {}]);
  });

  it("stays parked after a refused row though reads find it, and though one missed it, until somebody says so", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-1);
    desk.push("S1");
    desk.failed("S1", "p1", ["L1"]);
    for (const levels of [{}, { L1: [10, 0] as const }]) {
      desk.nowMs += 2_000;
      desk.answered("S1", desk.read("S1"), levels);
      expect([desk.level("S1").parked, desk.wants]).toEqual(["refused", {}]);
    }
    desk.apply({ kind: "unpark", listingId: shopId("S1"), locationId: placeId("L1") });
    expect([desk.level("S1").parked, desk.wants]).toEqual([null, { S1: "push" }]);
  });
});

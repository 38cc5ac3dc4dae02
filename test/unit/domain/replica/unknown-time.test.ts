import { describe, expect, it } from "vitest";
import { Desk } from "./desk.ts";

describe("a push that was applied at a time Shopify did not tell", () => {
  it("frees its key and asks for a read at once", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-2);
    desk.push("S1");
    desk.applied("S1", "p1", null);
    expect([desk.open("S1"), desk.wants, desk.truth]).toEqual([{}, { S1: "read" }, { L1: 8 }]);
  });

  it("ignores a level that came without a time", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-2);
    desk.push("S1");
    desk.applied("S1", "p1", null, { L1: 3 });
    expect(desk.level("S1").settled).toBe(10);
  });

  it("leaves every snapshot in doubt until the read, which contains it for certain", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-2);
    desk.push("S1");
    desk.applied("S1", "p1", null);
    desk.snapshot("S1", 8, 50); // the echo, or an order of 2
    expect([desk.truth, desk.floors]).toEqual([{ L1: 8 }, { L1: 6 }]);
    desk.answered("S1", desk.read("S1"), { L1: [8, 5] });
    expect([desk.truth, desk.floors, desk.level("S1").containedN]).toEqual([{ L1: 8 }, { L1: 8 }, 1]);
  });

  it("is forgotten once the base has moved on", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-2);
    desk.push("S1");
    desk.applied("S1", "p1", null);
    desk.answered("S1", desk.read("S1"), { L1: [8, 5] });
    desk.snapshot("S1", 7, 9);
    expect([desk.level("S1").pushes, desk.level("S1").forgotten, desk.truth]).toEqual([[], -2, { L1: 7 }]);
  });

  it("is contained where a later push certainly is", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-2);
    desk.push("S1");
    desk.applied("S1", "p1", null);
    desk.readFailed("S1", desk.read("S1")); // so that pushes go on for a while
    desk.own(-1);
    desk.push("S1");
    desk.applied("S1", "p2", 8);
    desk.snapshot("S1", 6, 9); // 10 − 2 − 1, and an order of 1
    expect([desk.truth, desk.floors, desk.settled]).toEqual([{ L1: 6 }, { L1: 6 }, ["2: 10 → 9"]]);
  });

  it("does not make a snapshot from before it look like a loss after the read (seed 11862)", () => {
    const desk = new Desk({ S1: { L1: 6 } }, { tieMs: 250, settleMs: 751 });
    desk.own(3);
    desk.push("S1");
    desk.applied("S1", "p1", null);
    desk.answered("S1", desk.read("S1"), { L1: [9, 13.78] });
    desk.snapshot("S1", 6, 13.567); // late, from before the push
    expect([desk.truth, desk.floors]).toEqual([{ L1: 9 }, { L1: 6 }]);
  });
});

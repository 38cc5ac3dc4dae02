import { describe, expect, it } from "vitest";
import { Desk, hintOf, snapshotOf } from "./desk.ts";

describe("an order without location", () => {
  it("is predicted at the first location that has enough, as Shopify routes it", () => {
    const desk = new Desk({ S1: { L1: 1, L2: 10 } });
    desk.hint("S1", "o1", -2, 5);
    expect(desk.truth).toEqual({ L1: 1, L2: 8 });
  });

  it("is predicted at the first location when none has enough", () => {
    const desk = new Desk({ S1: { L1: 1, L2: 1 } });
    desk.hint("S1", "o1", -2, 5);
    expect(desk.truth).toEqual({ L1: -1, L2: 1 });
  });

  it("counts the orders before it, also those of its own batch: a flash sale does not empty the first location twice", () => {
    const desk = new Desk({ S1: { L1: 3, L2: 10 } });
    desk.apply(hintOf("S1", "o1", -2, 5), hintOf("S1", "o2", -2, 5), hintOf("S1", "o3", -1, 5));
    expect(desk.truth).toEqual({ L1: 0, L2: 8 });
    desk.apply(hintOf("S1", "o4", -1, 5));
    expect(desk.truth).toEqual({ L1: 0, L2: 7 });
  });

  it("reckons with the pushes that the shop has received", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 10 }, S2: { L1: 10, L2: 10 } });
    desk.own(-9, "L1");
    desk.push("S1");
    desk.applied("S1", "p1", 4);
    desk.hint("S1", "o1", -2, 5);
    expect(desk.truth).toEqual({ L1: 1, L2: 8 });
  });

  it("falls at the only location there is", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.hint("S1", "o1", -2, 5);
    expect(desk.listing("S1").hints.values().next().value).toMatchObject({ locationId: "L1", predicted: "L1" });
  });
});

describe("a hint", () => {
  it("reserves for the other shops, and not for the one whose level will show it", () => {
    const desk = new Desk({ S1: { L1: 10 }, S2: { L1: 10 } });
    desk.hint("S1", "o1", -2, 5);
    expect([desk.targets("S1"), desk.targets("S2"), desk.wants]).toEqual([{ L1: 0 }, { L1: 8 }, { S2: "push" }]);
  });

  it("with a location that is not connected counts as one without", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 10 } });
    desk.hint("S1", "o1", -2, 5, { at: "L9" });
    expect([desk.truth, desk.listing("S1").hints.values().next().value?.locationId]).toEqual([{ L1: 8, L2: 10 }, null]);
  });

  it("is ignored when its id is known, when it is empty, and when its listing is unknown", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.hint("S1", "o1", -2, 5);
    const { state } = desk;
    desk.apply(hintOf("S1", "o1", -5, 5), hintOf("S1", "o2", 0, 5), hintOf("S9", "o3", -1, 5));
    expect(desk.state).toBe(state);
  });

  it("is covered only by evidence from more than the slack after it, at every place it can have fallen", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 10 } });
    desk.apply(snapshotOf("S1", 9, 8, "L1"), hintOf("S1", "at8", -1, 5, { at: "L1" }));
    expect(Object.keys(desk.hints("S1"))).toEqual(["at8"]);
    desk.snapshot("S1", 8, 9, "L1");
    expect(Object.keys(desk.hints("S1"))).toEqual([]);
    desk.hint("S1", "anywhere", -1, 5);
    expect(Object.keys(desk.hints("S1"))).toEqual(["anywhere"]); // L2 was last seen at 0
    desk.snapshot("S1", 9, 9, "L2");
    expect(Object.keys(desk.hints("S1"))).toEqual([]);
  });

  it("that came while a read was under way survives its answer, which may be older", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.hint("S1", "before", -1, 5);
    const read = desk.read("S1");
    desk.hint("S1", "during", -1, 6);
    desk.answered("S1", read, { L1: [10, 0] });
    expect([desk.hints("S1"), desk.truth]).toEqual([{ during: -1 }, { L1: 9 }]);
  });

  it("that is fully explained is forgotten after its time, should no read come", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.hint("S1", "o1", -1, 5);
    desk.snapshot("S1", 9, 5);
    desk.wait(60_000);
    desk.read("S1");
    desk.wait(30_000); // no answer
    desk.wait(509_999);
    expect(desk.hints("S1")).toEqual({ o1: 0 });
    desk.wait(1);
    expect(desk.hints("S1")).toEqual({});
  });
});

describe("many pushes without any echo", () => {
  const pushed = (times: number): Desk => {
    const desk = new Desk({ S1: { L1: 1_000 } });
    for (let n = 1; n <= times; n++) {
      desk.own(-1);
      desk.applied("S1", desk.push("S1")?.key ?? "none", n);
    }
    return desk;
  };

  it("ask for a read, so that what is remembered of a level stays bounded", () => {
    expect([pushed(64).level("S1").pushes.length, pushed(64).wants]).toEqual([64, {}]);
    const desk = pushed(65);
    expect(desk.wants).toEqual({ S1: "read" });
    desk.answered("S1", desk.read("S1"), { L1: [935, 65] });
    expect([desk.level("S1").pushes.length, desk.level("S1").forgotten, desk.truth]).toEqual([1, -64, { L1: 935 }]);
  });

  it("ask for no second read where the first no longer finds the level", () => {
    const desk = pushed(65);
    desk.answered("S1", desk.read("S1"), {});
    desk.wait(10_000);
    expect([desk.level("S1").parked, desk.level("S1").pushes.length, desk.wants]).toEqual(["missing", 65, {}]);
  });
});

describe("an order that was matched with a change, and never verified", () => {
  it("is forgotten after ten minutes of outage, and the read that would have told stays owed", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 10 } });
    // Somebody's edit at one place looks like the order, whose own change fell at the other and was lost.
    desk.hint("S1", "o1", -2, 5);
    desk.apply(snapshotOf("S1", 8, 5));
    expect([...desk.listing("S1").hints.values()].map(({ left }) => left)).toEqual([0]);
    desk.wait(600_000);
    expect(desk.listing("S1").hints.size).toBe(0);
    desk.wait(60_000);
    expect(desk.wants).toEqual({ S1: "read" });
  });
});

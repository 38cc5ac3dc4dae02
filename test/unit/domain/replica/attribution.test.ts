/** Which orders explain which change: for each settlement, parts of its sign that never add up to more than it. */
import { describe, expect, it } from "vitest";
import { Desk, hintOf, snapshotOf } from "./desk.ts";

describe("a settlement is explained", () => {
  it("by the orders near it, in the order in which they came, and partly where they are larger", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.apply(hintOf("S1", "o1", -2, 5), hintOf("S1", "o2", -3, 5));
    desk.snapshot("S1", 6, 5);
    expect([desk.explained, desk.hints("S1")]).toEqual([["o1 -2 of 2", "o2 -2 of 2"], { o1: 0, o2: -1 }]);
  });

  it("by the orders that name the place before those that name none", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 10 } });
    desk.apply(hintOf("S1", "online", -2, 5), hintOf("S1", "till", -2, 5, { at: "L1" }));
    desk.snapshot("S1", 8, 5, "L1");
    expect(desk.explained).toEqual(["till -2 of 2"]);
    desk.snapshot("S1", 8, 5, "L2");
    expect(desk.explained).toEqual(["till -2 of 2", "online -2 of 2"]);
  });

  it("by orders that it certainly contains before those of the same moment", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.apply(hintOf("S1", "new", -1, 31), hintOf("S1", "old1", -1, 10), hintOf("S1", "old2", -1, 20));
    desk.snapshot("S1", 8, 30); // the snapshots of the old ones were lost
    expect([desk.explained, desk.hints("S1")]).toEqual([["old1 -1 of 2", "old2 -1 of 2"], { new: -1 }]);
  });

  it("only by hints of its sign", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.apply(hintOf("S1", "order", -2, 5), hintOf("S1", "restock", 2, 5, { at: "L1" }));
    desk.snapshot("S1", 12, 5);
    expect([desk.explained, desk.truth]).toEqual([["restock 2 of 2"], { L1: 10 }]);
  });

  it("not by an order elsewhere, nor by one well before or after it", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 10 } });
    desk.apply(
      hintOf("S1", "elsewhere", -1, 50, { at: "L2" }),
      hintOf("S1", "before", -1, 43),
      hintOf("S1", "after", -1, 54),
    );
    desk.snapshot("S1", 7, 50, "L1");
    expect([desk.explained, desk.listing("S1").spares.map((spare) => spare.amount)]).toEqual([[], [-3]]);
  });

  it("by an order that the read found, though the snapshot was lost", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.hint("S1", "o1", -2, 5);
    desk.wait(5_000);
    desk.answered("S1", desk.read("S1"), { L1: [8, 5] });
    expect([desk.explained, desk.settlements.map((settlement) => settlement.evidence)]).toEqual([
      ["o1 -2 of 2"],
      ["read"],
    ]);
  });

  it("by all orders of an outage that one read finds together, though the other place shows no news; again they reserve nothing", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 4 } });
    desk.apply(hintOf("S1", "early", -2, 20), hintOf("S1", "late", -1, 50));
    desk.wait(5_000);
    desk.answered("S1", desk.read("S1"), { L1: [7, 50], L2: [4, 0] });
    expect(desk.explained).toEqual(["late -1 of 2", "early -2 of 2"]);
    desk.apply(hintOf("S1", "early", -2, 20), hintOf("S1", "late", -1, 50));
    expect([desk.hints("S1"), desk.truth]).toEqual([
      { early: 0, late: 0 },
      { L1: 7, L2: 4 },
    ]);
  });

  it("not by an old order that came while its read was under way: the read may not show it", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 4 } });
    desk.hint("S1", "o1", -1, 50);
    desk.wait(5_000);
    const key = desk.read("S1");
    desk.hint("S1", "o2", -2, 20);
    desk.answered("S1", key, { L1: [7, 50], L2: [4, 0] });
    expect([desk.explained, desk.hints("S1")]).toEqual([["o1 -1 of 2"], { o2: -2 }]);
  });

  it("by an order that comes late, which names the settlement that it belongs to", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.snapshot("S1", 8, 5);
    desk.snapshot("S1", 7, 7);
    desk.hint("S1", "o1", -1, 5);
    desk.hint("S1", "o2", -2, 7);
    expect(desk.explained).toEqual(["o1 -1 of 2", "o2 -1 of 2", "o2 -1 of 3"]);
    expect(desk.truth).toEqual({ L1: 7 });
  });

  it("by an order that comes when newer levels cover it: it explains its own change, reserves nothing, and is dropped", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.snapshot("S1", 8, 5);
    desk.snapshot("S1", 7, 20);
    desk.hint("S1", "o1", -2, 5);
    expect([desk.explained, desk.truth, desk.hints("S1")]).toEqual([["o1 -2 of 2"], { L1: 7 }, {}]);
  });

  it("by no order twice, though it comes twice, at once or later, and other changes wait for a cause", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    for (const [level, atS] of [
      [9, 4],
      [8, 5],
      [7, 6],
      [6, 20],
    ] as const)
      desk.snapshot("S1", level, atS);
    desk.apply(hintOf("S1", "o1", -1, 5), hintOf("S1", "o1", -1, 5));
    desk.hint("S1", "o1", -1, 5);
    expect(desk.explained).toEqual(["o1 -1 of 2"]);
  });

  it("by no order that comes after the wait for one is over", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.snapshot("S1", 8, 5);
    expect(desk.nextTickInMs).toBe(120_000);
    desk.wait(120_000);
    desk.hint("S1", "o1", -2, 5);
    expect([desk.explained, desk.hints("S1")]).toEqual([[], { o1: -2 }]);
  });

  it("with the part of the hint told whether it moves committed", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.hint("S1", "return", 1, 5, { at: "L1", commits: false });
    desk.snapshot("S1", 11, 5);
    expect(desk.attributions).toEqual([
      { listingId: "S1", locationId: "L1", settlement: 2, hintId: "return", quantity: 1, commits: false },
    ]);
  });
});

describe("a doubt is explained for the time being", () => {
  const tied = [snapshotOf("S1", 9, 5), snapshotOf("S1", 8, 5)];

  it("and attributed when it settles, whatever part it settles", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.apply(hintOf("S1", "o1", -1, 5), hintOf("S1", "o2", -1, 5), ...tied);
    expect([desk.explained, desk.hints("S1"), desk.truth]).toEqual([[], { o1: 0, o2: 0 }, { L1: 8 }]);
    desk.wait(1_500);
    desk.answered("S1", desk.read("S1"), { L1: [9, 5] });
    expect([desk.settled, desk.explained]).toEqual([["2: 10 → 9"], ["o1 -1 of 2"]]);
  });

  it("and given back to the order when it was none, so that the order reserves again", () => {
    const desk = new Desk({ S1: { L1: 9 } }, { tieMs: 1_000 });
    desk.snapshot("S1", 9, 5);
    desk.hint("S1", "o1", -2, 7.5); // its own snapshot is still to come
    desk.snapshot("S1", 7, 4.5); // late, older than 9, but too close to it to tell
    expect([desk.hints("S1"), desk.truth]).toEqual([{ o1: 0 }, { L1: 7 }]);
    desk.snapshot("S1", 9, 6.6);
    expect([desk.hints("S1"), desk.truth, desk.explained]).toEqual([{ o1: -2 }, { L1: 7 }, []]);
    desk.snapshot("S1", 7, 7.8);
    expect([desk.hints("S1"), desk.truth, desk.explained]).toEqual([{ o1: 0 }, { L1: 7 }, ["o1 -2 of 2"]]);
  });

  it("and an order that comes during the doubt waits with it", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.apply(...tied);
    desk.hint("S1", "o1", -2, 5);
    expect([desk.explained, desk.hints("S1"), desk.truth]).toEqual([[], { o1: 0 }, { L1: 8 }]);
    desk.snapshot("S1", 8, 6);
    expect([desk.settled, desk.explained, desk.truth]).toEqual([["2: 10 → 8"], ["o1 -2 of 2"], { L1: 8 }]);
  });

  it("and an order that was forgotten meanwhile, when it comes again, reserves nothing a second time", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-1);
    desk.push("S1"); // and it hangs
    desk.hint("S1", "o1", -2, 5);
    desk.snapshot("S1", 7, 5); // our push or not, two are gone
    expect([desk.truth, desk.hints("S1")]).toEqual([{ L1: 7 }, { o1: 0 }]);
    desk.wait(600_000);
    expect(desk.hints("S1")).toEqual({});
    desk.hint("S1", "o1", -2, 5);
    expect(desk.truth).toEqual({ L1: 7 });
  });

  it("and what it found no order for is not waited for twice", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.apply(...tied);
    expect(desk.listing("S1").spares).toMatchObject([{ amount: -2, settlement: 2 }]);
    desk.snapshot("S1", 8, 6);
    expect(desk.listing("S1").spares).toMatchObject([{ amount: -2, settlement: 2 }]);
    desk.hint("S1", "o1", -5, 6);
    expect([desk.explained, desk.hints("S1")]).toEqual([["o1 -2 of 2"], { o1: -3 }]);
  });

  it("and ends without explanation when the opposite settles", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.apply(hintOf("S1", "o1", -2, 5), ...tied);
    expect(desk.hints("S1")).toEqual({ o1: 0 });
    desk.snapshot("S1", 13, 7);
    expect([desk.settled, desk.explained, desk.hints("S1"), desk.truth]).toEqual([
      ["2: 10 → 13"],
      [],
      { o1: -2 },
      { L1: 11 },
    ]);
  });
});

describe("thousands of orders behind one doubt", () => {
  const ORDERS = 3_000;
  /** A push that hangs keeps the level in doubt, while a flash sale goes on in one second after the other. */
  const sale = (): Desk => {
    const desk = new Desk({ S1: { L1: 10_000 } });
    desk.own(-1);
    desk.push("S1");
    for (let n = 1; n <= ORDERS; n += 10) {
      const atS = 4 + n / 1_000;
      desk.apply(...Array.from({ length: 10 }, (_, k) => hintOf("S1", `o${n + k}`, -1, Math.floor(atS))));
      desk.snapshot("S1", 10_000 - 1 - (n + 9), Math.floor(atS));
    }
    return desk;
  };
  const unitsOf = (desk: Desk): number => desk.level("S1").explained.reduce((sum, { quantity }) => sum + quantity, 0);

  it("are remembered by name up to 500, the oldest as one sum", () => {
    const desk = sale();
    const { explained } = desk.level("S1");
    expect([unitsOf(desk), explained.length, explained[0]]).toEqual([
      -ORDERS,
      499,
      { hintId: "more", quantity: -2_502, commits: true },
    ]);
    expect(explained.at(-1)?.hintId).toBe(`o${ORDERS}`);
    expect(JSON.stringify(explained).length).toBeLessThan(40_000);
    expect(desk.truth).toEqual({ L1: 10_000 - 1 - ORDERS });
  });

  it("are attributed with their sum, when the doubt settles", () => {
    const desk = sale();
    desk.applied("S1", "p1", 1);
    desk.snapshot("S1", 10_000 - 1 - ORDERS, 60);
    expect([desk.level("S1").explained, desk.truth]).toEqual([[], { L1: 10_000 - 1 - ORDERS }]);
    expect(desk.attributions.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(-ORDERS);
    expect(desk.attributions.length).toBe(499);
  });

  it("give the newest back first, when less is gone than it seemed", () => {
    const desk = sale();
    desk.snapshot("S1", 10_000 - 1 - ORDERS + 100, 60); // a hundred of them were cancelled at once
    expect([unitsOf(desk), desk.hints("S1")[`o${ORDERS}`], desk.hints("S1")["o1"]]).toEqual([-ORDERS + 100, -1, 0]);
  });

  it("those that are forgotten go into the sum before those that could still be given back", () => {
    const desk = sale();
    desk.wait(600_000); // all are gone from memory
    desk.apply(...Array.from({ length: 400 }, (_, k) => hintOf("S1", `n${k}`, -1, 600)));
    desk.snapshot("S1", 10_000 - 1 - ORDERS - 400, 600);
    const { explained } = desk.level("S1");
    expect([unitsOf(desk), explained.length]).toEqual([-ORDERS - 400, 499]);
    expect(explained.filter(({ hintId }) => hintId.startsWith("n")).length).toBe(400);
  });
});

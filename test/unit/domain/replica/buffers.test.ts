/** What a shop may not show is moved to its safety stock, beside what it is owed (docs/design/replica-merge.md, "Buffers"). */
import { describe, expect, it } from "vitest";
import { Desk, placeId } from "./desk.ts";

const fixed = (units: number) => ({ buffer: { kind: "fixed", units } }) as const;
const percentage = (percent: number) => ({ buffer: { kind: "percentage", percent } }) as const;

describe("a buffer", () => {
  it("is moved away, and neither the truth nor Shopify's part knows of it", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.rule("S1", fixed(4));
    expect(desk.wants).toEqual({ S1: "push" });
    expect(desk.pushKind("S1")).toEqual(["move", { L1: -4 }]);
    desk.applied("S1", "p1", 5);
    desk.snapshot("S1", 6, 6);
    expect([desk.truth, desk.floors, desk.settled, desk.wants]).toEqual([{ L1: 10 }, { L1: 10 }, [], {}]);
  });

  it("stays where it is while more than that is sold", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.rule("S1", fixed(4));
    desk.push("S1");
    desk.applied("S1", "p1", 5);
    desk.snapshot("S1", 3, 8); // Shopify sold 3
    expect([desk.truth, desk.wants]).toEqual([{ L1: 7 }, {}]);
    desk.own(-2); // and our till 2
    expect(desk.pushKind("S1")).toEqual(["adjust", { L1: -2 }]);
  });

  it("goes first when it is raised: stop-sell does not wait behind what else is owed", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(3);
    desk.rule("S1", { isStopped: true });
    // Ten of thirteen are shown; three are on their way, and are withheld when they have come.
    expect(desk.pushKind("S1")).toEqual(["move", { L1: -10 }]);
    expect(desk.pushKind("S1")).toBeNull(); // one push in flight per level, whatever its kind
    desk.applied("S1", "p1", 5);
    expect(desk.pushKind("S1")).toEqual(["adjust", { L1: 3 }]);
    desk.applied("S1", "p3", 6);
    expect(desk.pushKind("S1")).toEqual(["move", { L1: -3 }]);
    desk.applied("S1", "p4", 7);
    expect(desk.wants).toEqual({});
  });

  it("gives back after what the truth has lost, so that no unit shows up for a moment that is gone", () => {
    const desk = new Desk({ S1: { L1: 5 } });
    desk.rule("S1", fixed(4));
    desk.push("S1");
    desk.applied("S1", "p1", 5);
    desk.own(-3); // two are left, both withheld
    expect(desk.pushKind("S1")).toEqual(["adjust", { L1: -3 }]);
    desk.applied("S1", "p2", 6);
    expect(desk.pushKind("S1")).toEqual(["move", { L1: 2 }]);
  });

  it("that is called off comes back at once", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.rule("S1", { isStopped: true });
    desk.push("S1");
    desk.applied("S1", "p1", 5);
    desk.rule("S1", {});
    expect(desk.pushKind("S1")).toEqual(["move", { L1: 10 }]);
    desk.applied("S1", "p2", 6);
    desk.rule("S1", { isStopped: true });
    desk.push("S1");
    desk.applied("S1", "p3", 7);
    desk.rule("S1", {}); // right after the last: somebody's word does not wait
    expect(desk.pushKind("S1")).toEqual(["move", { L1: 10 }]);
  });

  it("is taken from the last location first, and moves in one push when the stock does", () => {
    const desk = new Desk({ S1: { L1: 6, L2: 6 } });
    desk.rule("S1", fixed(4));
    expect(desk.pushKind("S1")).toEqual(["move", { L2: -4 }]);
    desk.applied("S1", "p1", 5);
    desk.snapshot("S1", 0, 8, "L2"); // Shopify sold the two that it saw there
    desk.own(-1, "L2");
    // Of three at L2 one may not stay: its place is taken at L1, and at L2 the sale goes before the return.
    expect(desk.pushKind("S1")).toEqual(["move", { L1: -1 }]);
    expect(desk.pushKind("S1")).toEqual(["adjust", { L2: -1 }]);
    desk.applied("S1", "p2", 9);
    desk.applied("S1", "p3", 9);
    expect(desk.pushKind("S1")).toEqual(["move", { L2: 1 }]);
  });

  it("of an excluded location is everything", () => {
    const desk = new Desk({ S1: { L1: 6, L2: 6 } });
    desk.rule("S1", { excludedLocations: [placeId("L2")] });
    expect(desk.pushKind("S1")).toEqual(["move", { L2: -6 }]);
  });

  it("belongs to its listing: the other shop shows everything", () => {
    const desk = new Desk({ S1: { L1: 10 }, S2: { L1: 10 } });
    desk.rule("S2", fixed(4));
    expect(desk.pushKind("S1")).toBeNull();
    expect(desk.pushKind("S2")).toEqual(["move", { L1: -4 }]);
  });

  it("that was refused is owed again, and its level's sum is as before", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.rule("S1", fixed(4));
    desk.push("S1");
    desk.failed("S1", "p1");
    expect(desk.level("S1").moved).toBe(0);
    desk.wait(2_000);
    expect(desk.pushKind("S1")).toEqual(["move", { L1: -4 }]);
  });

  it("cannot be told by Shopify's merchant from stock: what he moves back is a change of available", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.rule("S1", fixed(4));
    desk.push("S1");
    desk.applied("S1", "p1", 5);
    desk.snapshot("S1", 10, 20);
    expect([desk.truth, desk.settled, desk.wants]).toEqual([{ L1: 14 }, ["2: 10 → 14"], {}]);
  });
});

describe("a percentage, or a cap, under a flash sale", () => {
  it.each([percentage(50), { cap: 200 }])("gives units back once in five seconds, not with every sale: %o", (rules) => {
    const desk = new Desk({ S1: { L1: 1_000 } });
    desk.rule("S1", rules);
    desk.push("S1");
    desk.applied("S1", "p1", 5);
    let shown = desk.truth["L1"] === undefined ? 0 : 1_000 + desk.level("S1").moved;
    let pushes = 0;
    for (let second = 0; second < 60; second++) {
      shown -= 3;
      desk.snapshot("S1", shown, 10 + second);
      const pushed = desk.push("S1");
      if (pushed !== null) {
        pushes++;
        shown += pushed.rows["L1"] ?? 0;
        desk.applied("S1", pushed.key, 10 + second + 0.5);
      }
      desk.wait(1_000);
    }
    expect(pushes).toBeGreaterThanOrEqual(11);
    expect(pushes).toBeLessThanOrEqual(13);
    expect(desk.truth).toEqual({ L1: 820 });
  });

  it("has an alarm for what waits, so that the shop is right in the end without any news", () => {
    const desk = new Desk({ S1: { L1: 100 } });
    desk.rule("S1", percentage(50));
    desk.push("S1");
    desk.applied("S1", "p1", 5);
    desk.snapshot("S1", 40, 10);
    expect(desk.pushKind("S1")).toEqual(["move", { L1: 5 }]);
    desk.applied("S1", "p2", 11);
    desk.snapshot("S1", 35, 20);
    expect([desk.wants, desk.nextTickInMs]).toEqual([{}, 5_000]);
    desk.wait(5_000);
    expect(desk.wants).toEqual({ S1: "push" });
  });
});

/** The rules at the border of the merge, B1 to B13: those that it keeps itself, and those that it relies on. */
import { describe, expect, it } from "vitest";
import { fromStore, type PushKey } from "../../../../src/domain/ids.ts";
import { throughStore } from "../../../simulation/replica/stored.ts";
import { Desk, hintOf, placeId, shopId, snapshotOf } from "./desk.ts";

describe("B1: a push fails only when it certainly was not applied", () => {
  it("takes the push back, waits, and owes the same again under a new key", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-2);
    desk.push("S1");
    desk.failed("S1", "p1");
    expect([desk.level("S1").pushes, desk.wants, desk.nextTickInMs]).toEqual([[], {}, 2_000]);
    desk.wait(2_000);
    expect(desk.push("S1")).toEqual({ key: "p2", rows: { L1: -2 } });
  });

  it("doubles the pause with every failure in a row up to the maximum, and forgets it after a success", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-2);
    const pausesMs: (number | null)[] = [];
    for (let failure = 0; failure < 7; failure++) {
      desk.failed("S1", desk.push("S1")?.key ?? "none");
      pausesMs.push(desk.nextTickInMs);
      desk.wait(desk.nextTickInMs ?? 0);
    }
    expect(pausesMs).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    desk.applied("S1", desk.push("S1")?.key ?? "none", 5);
    desk.own(-1);
    desk.failed("S1", desk.push("S1")?.key ?? "none");
    expect(desk.nextTickInMs).toBe(2_000);
  });

  it("re-reads what snapshots said once the push is known not to be in them", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-2);
    desk.push("S1");
    desk.snapshot("S1", 8, 5); // an order of 2, or the echo
    expect([desk.truth, desk.floors]).toEqual([{ L1: 8 }, { L1: 6 }]);
    desk.failed("S1", "p1");
    expect([desk.truth, desk.floors, desk.settled]).toEqual([{ L1: 6 }, { L1: 6 }, ["2: 10 → 8"]]);
  });

  it("ignores results of keys that are not open: repeats, and strangers", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-2);
    desk.push("S1");
    desk.applied("S1", "p1", 5);
    const { state } = desk;
    desk.applied("S1", "p1", 9, { L1: 3 });
    desk.failed("S1", "p1", ["L1"]);
    desk.applied("S1", "stranger", 9);
    desk.applied("S9", "p1", 9);
    expect(desk.state).toBe(state);
  });
});

describe("B2 and B4: the level after a push", () => {
  it("is a free read when it is there", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-2);
    desk.push("S1");
    desk.applied("S1", "p1", 5, { L1: 7 }); // an order of 1 was in it, and nobody told of it
    expect([desk.truth, desk.settled]).toEqual([{ L1: 7 }, ["2: 10 → 9"]]);
  });

  it("is not needed: without it an equal second costs one read", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-2);
    desk.push("S1");
    desk.applied("S1", "p1", 5);
    desk.snapshot("S1", 8, 5);
    expect([desk.truth, desk.nextTickInMs]).toEqual([{ L1: 8 }, 1_500]);
    desk.wait(1_500);
    desk.answered("S1", desk.read("S1"), { L1: [8, 5] });
    expect([desk.truth, desk.settled, desk.nextTickInMs]).toEqual([{ L1: 8 }, [], null]);
  });

  it("may tell of some locations only", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 10 } });
    desk.own(-1, "L1");
    desk.own(-1, "L2");
    desk.push("S1");
    desk.applied("S1", "p1", 5, { L2: 8 });
    expect([desk.truth, desk.open("S1")]).toEqual([{ L1: 9, L2: 8 }, {}]);
  });
});

describe("B3: state and intent survive a restart", () => {
  it("hands out the same push with the same key and rows after the state went through the store", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 4 } });
    desk.own(-2, "L1");
    desk.own(3, "L2");
    desk.push("S1");
    desk.hint("S1", "o1", -1, 5);
    desk.snapshot("S1", 9, 5);
    const before = desk.state;
    desk.state = throughStore(desk.state);
    expect(desk.state).toEqual(before);
    expect([desk.open("S1"), desk.push("S1")]).toEqual([{ p1: { L1: -2, L2: 3 } }, null]);
    desk.applied("S1", "p1", 4);
    expect(desk.level("S1").settled).toBe(11);
  });

  it("starts no second push under a key that is open already", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 10 } });
    desk.own(-2, "L1");
    desk.push("S1");
    desk.own(-2, "L2");
    const { state } = desk;
    expect(desk.open("S1")).toEqual({ p1: { L1: -2 } });
    expect(state.listings.get(shopId("S1"))?.open.has(fromStore<PushKey>("p1"))).toBe(true);
    expect(desk.push("S1")).toEqual({ key: "p2", rows: { L2: -2 } });
  });
});

describe("B6: a read is stamped per location", () => {
  it("lets a sale between the read of one level and of another win at its own level", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 10 } });
    const read = desk.read("S1");
    desk.snapshot("S1", 9, 4, "L1");
    desk.answered("S1", read, { L1: [10, 2], L2: [8, 6] });
    expect([desk.truth, desk.wants]).toEqual([{ L1: 9, L2: 8 }, {}]);
  });

  it("ignores the answer to a read that is not the one in flight", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.answered("S1", desk.read("S1"), { L1: [9, 4] });
    const { state } = desk;
    desk.answered("S1", "r1", { L1: [3, 9] });
    desk.answered("S1", "stranger", { L1: [3, 9] });
    expect(desk.state).toBe(state);
  });

  it("contains every push sent before, to the unit", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-2);
    desk.push("S1");
    desk.applied("S1", "p1", 9);
    desk.answered("S1", desk.read("S1"), { L1: [7, 9] });
    expect([desk.level("S1").settled, desk.level("S1").containedN]).toEqual([9, 1]);
  });
});

describe("B7: an audit", () => {
  it("waits for open pushes, and for the least time between reads", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.answered("S1", desk.read("S1"), { L1: [10, 0] });
    desk.own(-1);
    desk.push("S1");
    desk.audit("S1");
    desk.wait(4_000);
    expect([desk.wants, desk.read("S1"), desk.nextTickInMs]).toEqual([{}, null, 3_000]); // then it asks the push back
    desk.applied("S1", "p1", 5);
    expect(desk.wants).toEqual({ S1: "read" });
  });

  it("asked for while a read is under way is answered by the next read, not by that one", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    const read = desk.read("S1");
    desk.nowMs += 100;
    desk.audit("S1");
    desk.answered("S1", read, { L1: [10, 0] });
    expect(desk.nextTickInMs).toBe(2_000);
    desk.wait(2_000);
    desk.answered("S1", desk.read("S1"), { L1: [8, 3] });
    expect([desk.truth, desk.listing("S1").auditAtMs]).toEqual([{ L1: 8 }, Number.POSITIVE_INFINITY]);
  });
});

describe("B9: a read that is not answered", () => {
  it("is given up after 30 s, so that pushes go on, and is due again 2 s later", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.audit("S1");
    desk.read("S1");
    desk.own(-2);
    expect([desk.wants, desk.nextTickInMs]).toEqual([{}, 30_000]);
    desk.wait(29_999);
    expect(desk.wants).toEqual({});
    desk.wait(1);
    expect(desk.wants).toEqual({ S1: "push" });
    desk.wait(2_000);
    expect(desk.wants).toEqual({ S1: "read" });
  });

  it("counts for nothing when its answer comes after all: a push may have gone out since", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    const read = desk.read("S1");
    desk.own(-2);
    desk.wait(30_000);
    desk.push("S1");
    desk.answered("S1", read, { L1: [10, 0] });
    expect([desk.truth, desk.level("S1").settled, desk.open("S1")]).toEqual([{ L1: 8 }, 10, { p1: { L1: -2 } }]);
  });

  it("that failed leaves doubts as they were", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.apply(snapshotOf("S1", 8, 5), snapshotOf("S1", 9, 5));
    desk.wait(1_500);
    desk.readFailed("S1", desk.read("S1"));
    expect([desk.truth, desk.listing("S1").read, desk.level("S1").since]).toEqual([{ L1: 8 }, null, null]);
    expect(desk.nextTickInMs).toBe(2_000);
  });
});

describe("B10: the key of a snapshot is its time and its value", () => {
  it("keeps two values of one second, and one of two equal ones", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.apply(snapshotOf("S1", 9, 5), snapshotOf("S1", 8, 5), snapshotOf("S1", 9, 5));
    expect(desk.level("S1").pending.map((snapshot) => snapshot.available)).toEqual([9, 8]);
    expect(desk.floors).toEqual({ L1: 8 });
  });

  it("and the number of the push before it: equal ones with a push between them are two", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.apply(snapshotOf("S1", 9, 5), snapshotOf("S1", 8, 5));
    desk.own(-1);
    desk.push("S1");
    desk.apply(snapshotOf("S1", 8, 5), snapshotOf("S1", 8, 5));
    expect(desk.level("S1").pending.map(({ available, n }) => [available, n])).toEqual([
      [9, 0],
      [8, 0],
      [8, 1],
    ]);
  });
});

describe("B11: a batch is concluded once", () => {
  it("gives one settlement for many snapshots, and explains it by the orders that came with them", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.apply(
      snapshotOf("S1", 9, 5),
      hintOf("S1", "o1", -1, 5),
      snapshotOf("S1", 8, 6),
      hintOf("S1", "o2", -1, 6),
      snapshotOf("S1", 7, 7),
      hintOf("S1", "o3", -1, 7),
    );
    expect([desk.settled, desk.explained]).toEqual([["2: 10 → 7"], ["o1 -1 of 2", "o2 -1 of 2", "o3 -1 of 2"]]);
    expect(desk.truth).toEqual({ L1: 7 });
  });

  it("does not count what a read took back within the batch", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    const read = desk.read("S1");
    desk.apply(
      {
        kind: "read_answered",
        listingId: shopId("S1"),
        key: fromStore(read ?? "none"),
        levels: [{ locationId: placeId("L1"), available: 7, atMs: 1_000_003_000 }],
      },
      snapshotOf("S1", 10, 5),
    );
    expect([desk.settled, desk.truth]).toEqual([[], { L1: 10 }]);
  });
});

describe("B13: connecting and disconnecting", () => {
  it("lets one listing adopt a pool, and every other show it", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.apply({
      kind: "adopt",
      listingId: shopId("S2"),
      locationId: placeId("L1"),
      available: 10,
      atMs: 1_000_000_000,
    });
    expect([desk.truth, desk.wants, desk.settlements]).toEqual([{ L1: 10 }, {}, []]);
  });

  it("pushes the difference to a mirror, and takes its own sales from the pool", () => {
    const desk = new Desk({ S1: { L1: 10 }, S2: { L1: 4 } });
    expect([desk.truth, desk.push("S2")?.rows]).toEqual([{ L1: 10 }, { L1: 6 }]);
    desk.applied("S2", "p1", 1);
    desk.snapshot("S2", 7, 5);
    expect([desk.truth, desk.push("S1")?.rows]).toEqual([{ L1: 7 }, { L1: -3 }]);
  });

  it("reports opening stock as the first settlement, and leaves known levels alone", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    const { state } = desk;
    desk.apply({
      kind: "adopt",
      listingId: shopId("S1"),
      locationId: placeId("L1"),
      available: 3,
      atMs: 1_000_009_000,
    });
    desk.apply({
      kind: "mirror",
      listingId: shopId("S1"),
      locationId: placeId("L1"),
      available: 3,
      atMs: 1_000_009_000,
    });
    expect(desk.state).toBe(state);
    desk.apply({
      kind: "adopt",
      listingId: shopId("S1"),
      locationId: placeId("L2"),
      available: 5,
      atMs: 1_000_009_000,
    });
    expect(desk.settlements).toEqual([
      {
        listingId: "S1",
        locationId: "L2",
        n: 1,
        before: 0,
        after: 5,
        atMs: 1_000_009_000,
        evidence: "adopted",
      },
    ]);
    expect([desk.truth, desk.listing("S1").spares]).toEqual([{ L1: 10, L2: 5 }, []]);
  });

  it("does not park a level that was connected while a read was under way", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    const read = desk.read("S1");
    desk.apply({
      kind: "adopt",
      listingId: shopId("S1"),
      locationId: placeId("L2"),
      available: 5,
      atMs: 1_000_009_000,
    });
    desk.answered("S1", read, { L1: [10, 0] });
    expect([desk.level("S1", "L2").parked, desk.truth]).toEqual([null, { L1: 10, L2: 5 }]);
  });

  it("folds what a listing contributed into our own stock, and forgets the listing", () => {
    const desk = new Desk({ S1: { L1: 10 }, S2: { L1: 10 } });
    desk.snapshot("S1", 7, 5);
    desk.apply({ kind: "disconnect", listingId: shopId("S1") });
    expect([desk.truth, desk.state.own.get(placeId("L1")), desk.state.listings.size]).toEqual([{ L1: 7 }, 7, 1]);
    desk.snapshot("S1", 3, 9);
    expect([desk.truth, desk.push("S2")?.rows]).toEqual([{ L1: 7 }, { L1: -3 }]);
  });

  it("settles a doubt at its lowest before it disconnects, and books that", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.hint("S1", "o1", -2, 5);
    desk.apply(snapshotOf("S1", 8, 5), snapshotOf("S1", 9, 5), { kind: "disconnect", listingId: shopId("S1") });
    expect([desk.truth, desk.settled, desk.explained]).toEqual([{ L1: 8 }, ["2: 10 → 8"], ["o1 -2 of 2"]]);
  });
});

describe("the alarm of two listings", () => {
  it("rings for the one while the other has something to start that nobody comes for", () => {
    const desk = new Desk({ S1: { L1: 10 }, S2: { L1: 10 } });
    desk.hint("S1", "o1", -1, 5);
    desk.wait(3_000);
    desk.hint("S2", "o2", -1, 5);
    desk.wait(2_000);
    // S1's read is due, and its signal was lost; the outbox repeats that in ten seconds, or in five minutes.
    expect([desk.wants["S1"], desk.nextTickInMs]).toEqual(["read", 3_000]);
    desk.wait(3_000);
    expect(desk.wants).toEqual({ S1: "read", S2: "read" });
  });

  it("rings at once for what is overdue at a listing that the last events did not touch", () => {
    const desk = new Desk({ S1: { L1: 10 }, S2: { L1: 10 } });
    desk.read("S1");
    desk.nowMs += 30_000; // a batch for the other listing comes just before the alarm
    desk.snapshot("S2", 9, 5);
    expect([desk.listing("S1").read === null, desk.nextTickInMs]).toEqual([false, 0]);
    desk.wait(0);
    expect([desk.listing("S1").read, desk.nextTickInMs === 0]).toEqual([null, false]);
  });

  it("rings for a listing's next cause while an earlier one waits to be started", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 10 } });
    desk.snapshot("S1", 9, 5); // a spare, for two minutes
    desk.audit("S1");
    expect([desk.wants, desk.nextTickInMs]).toEqual([{ S1: "read" }, 120_000]);
  });
});

/** The schedules on which simpler designs fail, one test or more each: the numbers are those of the design page. */
import { describe, expect, it } from "vitest";
import { Desk, hintOf, snapshotOf } from "./desk.ts";

describe("echoes and pushes in flight", () => {
  it("#1 ping-pong: echoes that overtake their responses start no third push, and the truth never moves", () => {
    const desk = new Desk({ S1: { L1: 10 }, S2: { L1: 10 } });
    desk.own(-2);
    const [first, second] = [desk.push("S1"), desk.push("S2")];
    expect([first?.rows, second?.rows]).toEqual([{ L1: -2 }, { L1: -2 }]);
    desk.snapshot("S1", 8, 5);
    expect([desk.truth, desk.wants]).toEqual([{ L1: 8 }, {}]);
    desk.snapshot("S2", 8, 5);
    expect([desk.truth, desk.wants]).toEqual([{ L1: 8 }, {}]);
    desk.applied("S1", "p1", 4);
    desk.applied("S2", "p2", 4);
    expect([desk.truth, desk.floors, desk.wants]).toEqual([{ L1: 8 }, { L1: 8 }, {}]);
    expect(desk.settled).toEqual([]);
  });

  it("#2 same second: an order hidden by our equal push lowers the floor at once, and the truth by the read", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-3);
    desk.push("S1");
    desk.snapshot("S1", 7, 5); // the order alone; it looks like the echo
    expect([desk.truth, desk.floors]).toEqual([{ L1: 7 }, { L1: 4 }]);
    desk.applied("S1", "p1", 5);
    expect([desk.truth, desk.floors]).toEqual([{ L1: 7 }, { L1: 4 }]);
    desk.wait(1_500);
    expect(desk.wants).toEqual({ S1: "read" });
    desk.answered("S1", desk.read("S1"), { L1: [4, 5] });
    expect([desk.truth, desk.floors, desk.settled]).toEqual([{ L1: 4 }, { L1: 4 }, ["2: 10 → 7"]]);
  });

  it("#2 same second: the level in the push response makes the truth right at once", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-3);
    desk.push("S1");
    desk.snapshot("S1", 7, 5);
    desk.applied("S1", "p1", 5, { L1: 4 });
    expect([desk.truth, desk.floors, desk.wants]).toEqual([{ L1: 4 }, { L1: 4 }, {}]);
    expect(desk.settlements).toMatchObject([{ before: 10, after: 7, evidence: "push" }]);
  });

  it("#3 hidden order: an old value under the push's stamp is never taken for nothing", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(2);
    desk.push("S1");
    desk.applied("S1", "p1", 5);
    desk.snapshot("S1", 10, 5); // 10 − 2 + 2
    expect([desk.truth, desk.floors]).toEqual([{ L1: 12 }, { L1: 10 }]);
    desk.wait(1_500);
    desk.answered("S1", desk.read("S1"), { L1: [10, 5] });
    expect([desk.truth, desk.floors, desk.settled]).toEqual([{ L1: 10 }, { L1: 10 }, ["2: 10 → 8"]]);
  });

  it("#20 a merchant's edit of the push's amount and the other sign, while it is in flight, is found by the read", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(2);
    desk.push("S1");
    desk.snapshot("S1", 10, 5); // the edit −2 after the push: nothing seems to have happened
    expect([desk.truth, desk.floors, desk.wants]).toEqual([{ L1: 12 }, { L1: 10 }, {}]);
    desk.applied("S1", "p1", 5);
    desk.wait(1_500);
    expect(desk.wants).toEqual({ S1: "read" });
    desk.answered("S1", desk.read("S1"), { L1: [10, 5] });
    expect([desk.truth, desk.level("S1").settled]).toEqual([{ L1: 10 }, 8]);
  });

  it("#6 delayed duplicate request: while no answer is certain, the same key and delta stay, and no second delta goes", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-2);
    desk.push("S1");
    desk.wait(40_000); // the first request is lost somewhere, the retry was throttled
    expect([desk.push("S1"), desk.wants, desk.open("S1")]).toEqual([null, {}, { p1: { L1: -2 } }]);
    desk.snapshot("S1", 8, 41); // the first request was applied after all
    desk.applied("S1", "p1", 41);
    desk.wait(1_500);
    desk.answered("S1", desk.read("S1"), { L1: [8, 41] });
    expect([desk.truth, desk.wants, desk.open("S1"), desk.settled]).toEqual([{ L1: 8 }, {}, {}, []]);
  });

  it("#7 lost response: the replay with the original time and level changes nothing and pushes nothing", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-2);
    desk.push("S1");
    desk.snapshot("S1", 8, 5);
    desk.wait(10_000);
    expect(desk.wants).toEqual({ S1: "recall" }); // in vain: it was sent
    desk.applied("S1", "p1", 5, { L1: 8 });
    expect([desk.truth, desk.floors, desk.wants, desk.settled]).toEqual([{ L1: 8 }, { L1: 8 }, {}, []]);
    expect(desk.level("S1").pending).toEqual([]);
  });

  it("#8 stale response: a level older than the base is ignored, and its time alone fixes what contains the push", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.answered("S1", desk.read("S1"), { L1: [9, 20] });
    desk.own(-2);
    desk.push("S1");
    desk.applied("S1", "p1", 10, { L1: 3 });
    expect([desk.truth, desk.level("S1").settled]).toEqual([{ L1: 7 }, 9]);
    desk.snapshot("S1", 7, 21);
    expect([desk.truth, desk.level("S1").settled, desk.wants]).toEqual([{ L1: 7 }, 9, {}]);
  });

  it("#9 starved doubt: pushes go on in a doubt, but none starts before its read once that is due", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 10 } });
    desk.snapshot("S1", 9, 5);
    desk.snapshot("S1", 8, 5); // the same second: which is newer?
    for (let sale = 1; sale <= 4; sale++) {
      desk.own(-1);
      const push = desk.push("S1");
      expect(push?.rows).toEqual({ L1: -1 });
      desk.wait(400);
      desk.applied("S1", push?.key ?? "none", 6 + sale);
    }
    desk.own(-1);
    desk.own(-1, "L2");
    expect([desk.wants, desk.push("S1")]).toEqual([{ S1: "read" }, null]); // 1.6 s after the doubt began
    desk.answered("S1", desk.read("S1"), { L1: [4, 10], L2: [10, 0] });
    expect([desk.truth, desk.push("S1")?.rows]).toEqual([
      { L1: 3, L2: 9 },
      { L1: -1, L2: -1 },
    ]);
  });

  it("#9 starved doubt: a due read that waits for an open push lets no other push start before it", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 10 } });
    desk.own(-1, "L1");
    desk.push("S1");
    desk.apply(snapshotOf("S1", 9, 5, "L2"), snapshotOf("S1", 8, 5, "L2"));
    desk.own(-1, "L2");
    desk.nowMs += 1_499;
    expect(desk.wants).toEqual({ S1: "push" });
    desk.nowMs += 1;
    expect([desk.wants, desk.push("S1")]).toEqual([{}, null]);
    desk.applied("S1", "p1", 6);
    expect([desk.wants, desk.push("S1")]).toEqual([{ S1: "read" }, null]);
  });

  it("#9 starved doubt: a push that hangs keeps its own level waiting, and no other", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 10 } });
    desk.own(-1);
    desk.push("S1");
    desk.snapshot("S1", 9, 5); // its echo, or an order; the answer will tell
    desk.wait(60_000);
    desk.own(-1);
    desk.own(-1, "L2");
    expect(desk.push("S1")?.rows).toEqual({ L2: -1 });
  });

  it("an order hidden by a push is seen though the snapshot looks like one already pending (seed 2051)", () => {
    const desk = new Desk({ S1: { L1: 5 } });
    desk.snapshot("S1", 2, 0); // an order of 3, in the second of the opening
    desk.own(3);
    desk.push("S1");
    desk.snapshot("S1", 2, 0); // another order of 3, and the push
    expect([desk.truth, desk.floors]).toEqual([{ L1: 5 }, { L1: 2 }]);
  });

  it("#11 equal sums: +1 and −1 are told apart by their numbers, not by their sum", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(1);
    desk.push("S1");
    desk.applied("S1", "p1", 5);
    desk.own(-1);
    desk.push("S1");
    desk.applied("S1", "p2", 5);
    desk.answered("S1", desk.read("S1"), { L1: [10, 5] });
    desk.snapshot("S1", 10, 5); // late echo of the second: both are in the base, so it says nothing new
    expect([desk.truth, desk.floors, desk.wants]).toEqual([{ L1: 10 }, { L1: 10 }, {}]);
    expect([desk.level("S1").pending, desk.nextTickInMs]).toEqual([[], null]);
  });
});

describe("reads", () => {
  it("#4 read overtaken: a snapshot newer than the answer wins, though it came first", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    const read = desk.read("S1");
    desk.snapshot("S1", 9, 4);
    desk.answered("S1", read, { L1: [10, 3] });
    expect([desk.truth, desk.settled]).toEqual([{ L1: 9 }, ["2: 10 → 9"]]);
  });

  it("#5 read, tied: the lower value counts until a second read after the tied second", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    const read = desk.read("S1");
    desk.snapshot("S1", 9, 3);
    desk.answered("S1", read, { L1: [10, 3] });
    expect([desk.truth, desk.floors]).toEqual([{ L1: 9 }, { L1: 9 }]);
    desk.wait(1_999);
    expect(desk.wants).toEqual({}); // minRead
    desk.wait(1);
    expect(desk.wants).toEqual({ S1: "read" });
    desk.answered("S1", desk.read("S1"), { L1: [9, 3] });
    expect([desk.truth, desk.level("S1").settled, desk.level("S1").pending]).toEqual([{ L1: 9 }, 9, []]);
  });

  it("#21 everything lost: the audit makes all exact, with one push per other shop", () => {
    const desk = new Desk({ S1: { L1: 10 }, S2: { L1: 10 }, S3: { L1: 10 } });
    desk.wait(3_600_000);
    expect([desk.truth, desk.wants]).toEqual([{ L1: 10 }, {}]); // S1 sold 4, and nobody told
    desk.audit("S1");
    expect(desk.wants).toEqual({ S1: "read" });
    desk.answered("S1", desk.read("S1"), { L1: [6, 100] });
    expect([desk.truth, desk.wants]).toEqual([{ L1: 6 }, { S2: "push", S3: "push" }]);
    expect([desk.push("S2")?.rows, desk.push("S3")?.rows]).toEqual([{ L1: -4 }, { L1: -4 }]);
  });
});

describe("stamps", () => {
  const disordered = { tieMs: 250, settleMs: 751 };

  it("#10 jitter pair: the later of two swapped stamps does not settle an edit that was undone", () => {
    const desk = new Desk({ S1: { L1: 10 } }, disordered);
    desk.snapshot("S1", 10, 0.12); // after +3 and −3: nothing new, but evidence
    desk.snapshot("S1", 13, 0.29); // after +3, stamped later
    expect([desk.truth, desk.floors, desk.settled]).toEqual([{ L1: 10 }, { L1: 10 }, []]);
    desk.wait(751);
    expect(desk.wants).toEqual({ S1: "read" });
    desk.answered("S1", desk.read("S1"), { L1: [10, 0.12] });
    expect([desk.truth, desk.settled, desk.wants]).toEqual([{ L1: 10 }, [], {}]);
  });

  it("#10 jitter pair: neither when both come while a push is in flight, and its response is near the first", () => {
    const desk = new Desk({ S1: { L1: 10 } }, disordered);
    desk.own(1);
    desk.push("S1");
    desk.snapshot("S1", 14, 0.29);
    desk.snapshot("S1", 11, 0.12);
    desk.applied("S1", "p1", 0, { L1: 11 });
    expect([desk.truth, desk.floors, desk.settled]).toEqual([{ L1: 11 }, { L1: 11 }, []]);
    expect(desk.nextTickInMs).toBe(751);
  });

  it("#17 a snapshot 200 s late, and duplicates, are dropped without a trace", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.snapshot("S1", 7, 20);
    const { state } = desk;
    desk.wait(200_000);
    desk.snapshot("S1", 9, 5);
    desk.snapshot("S1", 7, 20);
    expect(desk.listing("S1").levels).toBe(state.listings.values().next().value?.levels);
    expect([desk.truth, desk.settled, desk.wants]).toEqual([{ L1: 7 }, ["2: 10 → 7"], {}]);
  });

  it.each([
    [9, 8, 7],
    [9, 7, 8],
    [8, 9, 7],
    [8, 7, 9],
    [7, 9, 8],
    [7, 8, 9],
  ])("#18 burst in one second: %i, %i, %i count as 7, and the next second settles", (...levels) => {
    const desk = new Desk({ S1: { L1: 10 } });
    for (const level of levels) desk.snapshot("S1", level, 5);
    expect([desk.truth, desk.floors]).toEqual([{ L1: 7 }, { L1: 7 }]);
    desk.snapshot("S1", 6, 6);
    expect([desk.truth, desk.level("S1").settled, desk.wants]).toEqual([{ L1: 6 }, 6, {}]);
  });

  it("#18 burst in one second: without a next second, one read settles it", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.apply(snapshotOf("S1", 8, 5), snapshotOf("S1", 7, 5), snapshotOf("S1", 9, 5));
    expect(desk.nextTickInMs).toBe(1_500);
    desk.wait(1_500);
    desk.answered("S1", desk.read("S1"), { L1: [7, 5] });
    expect([desk.truth, desk.floors, desk.level("S1").settled]).toEqual([{ L1: 7 }, { L1: 7 }, 7]);
  });

  it("#22 wrong windows: with a tie too small, a disorder of stamps brings back stock that was sold", () => {
    const play = (tieMs: number): Desk => {
      const desk = new Desk({ S1: { L1: 10 } }, { tieMs });
      desk.snapshot("S1", 8, 1.1); // sold 2, then 1 (stamped 0.2 s early by another server)
      desk.snapshot("S1", 7, 0.9);
      return desk;
    };
    expect([play(0).floors, play(250).floors]).toEqual([{ L1: 8 }, { L1: 7 }]);
  });

  it("#22 wrong windows: with a slack too small, an order counts as seen before it is", () => {
    const play = (slackMs: number): Desk => {
      const desk = new Desk({ S1: { L1: 10 } }, { slackMs });
      desk.snapshot("S1", 9, 5);
      desk.hint("S1", "o1", -1, 4); // its stock moved at 5.5, 1.5 s after it was created
      return desk;
    };
    expect([play(500).truth, play(3_000).hints("S1")]).toEqual([{ L1: 9 }, { o1: 0 }]);
    expect(play(500).hints("S1")).toEqual({});
  });
});

describe("orders and restocks", () => {
  it("#12 wrong explanation: an edit elsewhere explains a lost order away, until the verifying read", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 10 } });
    desk.hint("S1", "o1", -1, 5); // fell at L2, and that snapshot is lost
    desk.snapshot("S1", 6, 5, "L1"); // a merchant's edit −4
    expect([desk.truth, desk.hints("S1")]).toEqual([{ L1: 6, L2: 10 }, { o1: 0 }]);
    desk.wait(59_999);
    expect(desk.wants).toEqual({});
    desk.wait(1);
    expect(desk.wants).toEqual({ S1: "read" });
    desk.answered("S1", desk.read("S1"), { L1: [6, 5], L2: [9, 5] });
    expect(desk.truth).toEqual({ L1: 6, L2: 9 });
  });

  it("#13 swapped twins: the event of one order and the snapshot of the other are lost; the verifying read finds both", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.snapshot("S1", 9, 5); // of the first
    desk.hint("S1", "o2", -1, 5); // of the second
    expect(desk.truth).toEqual({ L1: 9 });
    desk.wait(60_000);
    expect(desk.wants).toEqual({ S1: "read" });
    desk.answered("S1", desk.read("S1"), { L1: [8, 5] });
    expect(desk.truth).toEqual({ L1: 8 });
  });

  it("#14 order first: the truth changes once, and a wrong prediction is moved in one mutation", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 10 }, S2: { L1: 10, L2: 10 } });
    desk.hint("S1", "o1", -2, 5);
    expect([desk.truth, desk.push("S2")?.rows]).toEqual([{ L1: 8, L2: 10 }, { L1: -2 }]);
    desk.applied("S2", "p1", 6);
    desk.snapshot("S1", 8, 5, "L2");
    expect([desk.truth, desk.push("S2")?.rows]).toEqual([
      { L1: 10, L2: 8 },
      { L1: 2, L2: -2 },
    ]);
    expect(desk.explained).toEqual(["o1 -2 of 2"]);
  });

  it("#14 snapshot first: the late order changes nothing, and explains it", () => {
    const desk = new Desk({ S1: { L1: 10, L2: 10 }, S2: { L1: 10, L2: 10 } });
    desk.snapshot("S1", 8, 5, "L2");
    expect([desk.truth, desk.push("S2")?.rows, desk.explained]).toEqual([{ L1: 10, L2: 8 }, { L2: -2 }, []]);
    desk.hint("S1", "o1", -2, 5);
    expect([desk.truth, desk.wants, desk.explained]).toEqual([{ L1: 10, L2: 8 }, {}, ["o1 -2 of 2"]]);
  });

  it("#15 phantom order: it reserves for the grace and one read, and leaves nothing", () => {
    const desk = new Desk({ S1: { L1: 10 }, S2: { L1: 10 } });
    desk.hint("S1", "preorder", -3, 5);
    expect([desk.truth, desk.push("S2")?.rows]).toEqual([{ L1: 7 }, { L1: -3 }]);
    desk.applied("S2", "p1", 6);
    desk.wait(5_000);
    expect(desk.wants).toEqual({ S1: "read" });
    desk.answered("S1", desk.read("S1"), { L1: [10, 0] });
    expect([desk.truth, desk.hints("S1"), desk.push("S2")?.rows, desk.settled]).toEqual([
      { L1: 10 },
      {},
      { L1: 3 },
      [],
    ]);
  });

  it("#15 an order and its cancellation, coalesced to nothing, leave nothing", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.hint("S1", "order", -3, 5);
    desk.hint("S1", "refund", 3, 6, { at: "L1" });
    expect(desk.truth).toEqual({ L1: 7 }); // a restock raises nothing early
    desk.wait(5_000);
    desk.answered("S1", desk.read("S1"), { L1: [10, 6] });
    expect([desk.truth, desk.hints("S1"), desk.explained]).toEqual([{ L1: 10 }, {}, []]);
  });

  it("#16 a duplicate order after 200 s is ignored where newer evidence covers it", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.hint("S1", "o1", -1, 5);
    desk.snapshot("S1", 9, 5);
    desk.snapshot("S1", 8, 60);
    expect(desk.hints("S1")).toEqual({});
    desk.wait(200_000);
    const { state } = desk;
    desk.hint("S1", "o1", -1, 5);
    expect(desk.state).toBe(state);
  });

  it("#16 a duplicate order after 200 s that nothing covers costs one read, and never the ledger", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.hint("S1", "o1", -1, 5);
    desk.snapshot("S1", 9, 5);
    desk.wait(60_000);
    desk.answered("S1", desk.read("S1"), { L1: [9, 5] });
    desk.wait(140_000);
    desk.hint("S1", "o1", -1, 5, { explained: 0 }); // the books have forgotten what it explained
    expect([desk.truth, desk.level("S1").settled]).toEqual([{ L1: 8 }, 9]);
    desk.wait(5_000);
    desk.answered("S1", desk.read("S1"), { L1: [9, 5] });
    expect([desk.truth, desk.hints("S1"), desk.settled]).toEqual([{ L1: 9 }, {}, ["2: 10 → 9"]]);
  });

  it("#16 a duplicate order after 200 s whose change the books know reserves nothing", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.hint("S1", "o1", -1, 5);
    desk.snapshot("S1", 9, 5);
    desk.wait(60_000);
    desk.answered("S1", desk.read("S1"), { L1: [9, 5] });
    desk.wait(140_000);
    desk.hint("S1", "o1", -1, 5);
    expect([desk.truth, desk.explained]).toEqual([{ L1: 9 }, ["o1 -1 of 2"]]);
  });

  it("#19 an order and a restock, coalesced to −1: two units stay reserved until the read, and then none", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.apply(hintOf("S1", "order", -3, 5), hintOf("S1", "restock", 2, 5, { at: "L1" }));
    desk.snapshot("S1", 9, 5);
    expect([desk.truth, desk.hints("S1")]).toEqual([{ L1: 7 }, { order: -2, restock: 2 }]);
    desk.wait(5_000);
    desk.answered("S1", desk.read("S1"), { L1: [9, 5] });
    expect([desk.truth, desk.hints("S1"), desk.explained]).toEqual([{ L1: 9 }, {}, ["order -1 of 2"]]);
  });
});

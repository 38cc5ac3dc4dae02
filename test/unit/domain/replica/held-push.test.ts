import { describe, expect, it } from "vitest";
import { fromStore } from "../../../../src/domain/ids.ts";
import { recalledPushes, startRecall } from "../../../../src/domain/replica/start.ts";
import { Desk, shopId } from "./desk.ts";

const S1 = shopId("S1");
const recall = (desk: Desk): readonly string[] => {
  const keys = recalledPushes(desk.state, S1, desk.nowMs, desk.windows);
  desk.state = startRecall(desk.state, S1, desk.nowMs, desk.windows) ?? desk.state;
  return keys;
};
const returned = (desk: Desk, key: string): void =>
  desk.apply({ kind: "push_returned", listingId: S1, key: fromStore(key) });

describe("a push that the gate holds", () => {
  it("is asked back when a read waits for it, and the read then finds what Shopify sold and restocked", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-3);
    desk.push("S1");
    desk.snapshot("S1", 27, 60); // 3 sold, 20 restocked; our -3 is held, but who can tell?
    expect([desk.truth, desk.floors]).toEqual([{ L1: 7 }, { L1: 7 }]);
    desk.audit("S1");
    expect(desk.wants).toEqual({});
    desk.wait(5_000);
    expect([desk.wants, recall(desk)]).toEqual([{ S1: "recall" }, ["p1"]]);
    returned(desk, "p1");
    expect([desk.truth, desk.floors, desk.open("S1")]).toEqual([{ L1: 24 }, { L1: 24 }, {}]);
    expect(desk.wants).toEqual({ S1: "read" });
    desk.answered("S1", desk.read("S1"), { L1: [27, 60] });
    expect([desk.truth, desk.push("S1")?.rows]).toEqual([{ L1: 24 }, { L1: -3 }]);
  });

  it("is asked back for a doubt at its own level, though that doubt asks for no read while the push may be answered", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-3);
    desk.push("S1");
    desk.snapshot("S1", 27, 60);
    expect(desk.nextTickInMs).toBe(1_500 + 5_000);
    desk.wait(1_500 + 4_999);
    expect(desk.wants).toEqual({});
    desk.wait(1);
    expect(desk.wants).toEqual({ S1: "recall" });
  });

  it("is asked back once a minute, not with every event", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-3);
    desk.push("S1");
    desk.audit("S1");
    desk.wait(5_000);
    recall(desk);
    desk.own(-1);
    expect([desk.wants, desk.nextTickInMs]).toEqual([{}, 60_000]);
    // A consumer that failed after taking the work takes it again, recall included.
    expect(recall(desk)).toEqual(["p1"]);
    desk.wait(60_000);
    expect(desk.wants).toEqual({ S1: "recall" });
  });

  it("costs no pause and parks nothing when it comes back, and its next hold is asked back as soon as this one", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-3);
    desk.push("S1");
    desk.audit("S1");
    desk.wait(5_000);
    recall(desk);
    returned(desk, "p1");
    returned(desk, "p1"); // told twice
    desk.answered("S1", desk.read("S1"), { L1: [10, 0] });
    const { noPushBeforeMs, noRecallBeforeMs, failures } = desk.listing("S1");
    expect({ noPushBeforeMs, noRecallBeforeMs, failures }).toEqual({
      noPushBeforeMs: 0,
      noRecallBeforeMs: 0,
      failures: 0,
    });
    desk.own(-1);
    expect(desk.push("S1")?.rows).toEqual({ L1: -4 });
  });

  it("stays open while no read waits for it: the gate sends it when it is released", () => {
    const desk = new Desk({ S1: { L1: 10 } });
    desk.own(-3);
    desk.push("S1");
    desk.wait(3_600_000);
    expect([desk.wants, recalledPushes(desk.state, S1, desk.nowMs, desk.windows)]).toEqual([{}, []]);
    expect(desk.nextTickInMs).toBeNull();
  });
});

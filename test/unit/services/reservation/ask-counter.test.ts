/** What a coordinator hears of a real counter, on the shipped SQL. */
import { beforeEach, describe, expect, it } from "vitest";
import type { CounterDesk } from "../../../../durable-objects/counter-desk.ts";
import { fromStore, type LocationId, type ReservationId, type SkuId } from "../../../../src/domain/ids.ts";
import type { Task } from "../../../../src/domain/reservation/task.ts";
import type { Counters } from "../../../../src/services/counter-contract.ts";
import { askCounter } from "../../../../src/services/reservation/ask-counter.ts";
import { deskOn } from "../../../support/counter/desk-on.ts";

const HERE = fromStore<LocationId>("here");
const skuId = fromStore<SkuId>("sku_1");
const cause = { reason: "r", reference: null, source: "api", actor: "t", correlationId: fromStore<never>("c") };
let nowMs: number;
let desk: CounterDesk;
let state: "well" | "away" | "hanging";

beforeEach(() => {
  nowMs = 1_800_000_000_000;
  state = "well";
  desk = newDesk();
  connect();
});

function newDesk(): CounterDesk {
  return deskOn({ skuId, nowMs: () => nowMs });
}

const connect = () =>
  desk.connectListing({
    ...{ sku: fromStore("CUP"), listingId: fromStore("a.myshopify.com/1"), correlationId: fromStore("c") },
    levels: [{ locationId: HERE, shopLocationId: fromStore("1"), available: 5, committed: 0, atMs: nowMs }],
  });

const counters: Counters = {
  of: () =>
    ({
      apply: async (events: Parameters<CounterDesk["apply"]>[0], options: { dryRun?: boolean } = {}) => {
        if (state === "away") throw new Error("Durable Object is overloaded");
        if (state === "hanging") await new Promise(() => {});
        return desk.apply(events, { dryRun: options.dryRun === true });
      },
    }) as never,
};
const mirrored: number[] = [];
const ask = (task: Task, dryRun = false) =>
  askCounter(task, {
    ...{ counters, callMsMax: 20, dryRun },
    mirror: (views) => void mirrored.push(...views.map(({ available }) => available)),
  });

const holdKey = fromStore<ReservationId>("rsv_1.a");
const part = (line: number, quantity: number, locationId: LocationId | null = null) => ({
  ...{ line, each: 1, quantity, locationId },
});
const hold = (...parts: ReturnType<typeof part>[]): Task => ({
  ...{ kind: "hold", skuId, holdKey, parts, expiresAtMs: nowMs + 10_000, fingerprint: "f" },
  ...{ client: "c", channel: null, cause },
});
const commit = (quantity: number, decidedAtMs = nowMs): Task => ({
  ...{ kind: "commit", skuId, holdKey, units: [{ locationId: null, quantity }], decidedAtMs },
  ...{ isFulfilled: false, cause },
});
const release: Task = { kind: "release", skuId, holdKey, cause };
const extend = (expiresAtMs: number): Task => ({ kind: "extend", skuId, holdKey, expiresAtMs, cause });
const levels = () => {
  const view = desk.levels();
  return [view?.available, view?.reserved, view?.committed];
};

describe("a counter that is asked", () => {
  it("to hold: holds, says so again, and is mirrored; a dry run leaves it as it was", async () => {
    expect(await ask(hold(part(0, 2)), true)).toEqual({
      kind: "held",
      held: [expect.objectContaining({ quantity: 2 })],
    });
    expect(levels()).toEqual([5, 0, 0]);
    for (let i = 0; i < 2; i += 1)
      expect(await ask(hold(part(0, 2)))).toMatchObject({ kind: "held", held: [{ quantity: 2 }] });
    expect(levels()).toEqual([3, 2, 0]);
    expect(mirrored).toEqual([3, 3]);
  });

  it("for more than there is: names each line that is short, those of one place summed", async () => {
    const answer = await ask(hold(part(0, 3, HERE), part(2, 3, HERE)));
    expect(answer).toMatchObject({
      kind: "refused",
      refusal: {
        kind: "insufficient",
        short: [
          { line: 0, wanted: 3, left: 5 },
          { line: 2, wanted: 3, left: 5 },
        ],
      },
    });
  });

  it("to end a hold: done however often; a hold that has ended is gone for whoever would extend it", async () => {
    expect(await ask(release)).toEqual({ kind: "gone" });
    await ask(hold(part(0, 2)));
    expect(await ask(extend(nowMs + 20_000))).toEqual({ kind: "done" });
    expect(await ask(extend(nowMs + 15_000))).toEqual({ kind: "done" }); // it came late, and shortens nothing
    nowMs += 17_000;
    expect([await ask(commit(1)), await ask(commit(1)), await ask(release)]).toEqual(Array(3).fill({ kind: "done" }));
    expect(await ask(extend(nowMs + 9_000))).toEqual({ kind: "gone" });
    expect(levels()).toEqual([4, 0, 1]);
  });

  it("to carry out what was decided in time, though the hold is over: the sale stands", async () => {
    await ask(hold(part(0, 5)));
    const decidedAtMs = nowMs + 9_999;
    nowMs += 60_000;
    await ask(hold(part(0, 5))); // expires the hold
    desk.apply([{ kind: "tick" }]);
    expect(levels()).toEqual([5, 0, 0]);
    expect(await ask(commit(5, decidedAtMs))).toEqual({ kind: "done" });
    expect(levels()).toEqual([0, 0, 5]);
  });

  it("to carry out what was decided, though it was restored to a time before the hold: the sale stands, once", async () => {
    await ask(hold(part(0, 2)));
    desk = newDesk();
    connect();
    for (let i = 0; i < 2; i += 1) expect(await ask(commit(2))).toEqual({ kind: "done" });
    expect(levels()).toEqual([3, 0, 2]);
  });

  it("and does not answer, or not in time: that is an answer, too", async () => {
    for (const how of ["away", "hanging"] as const) {
      state = how;
      expect((await ask(hold(part(0, 1)))).kind).toBe("unanswered");
    }
    state = "well";
    desk = newDesk(); // not connected
    expect(await ask(hold(part(0, 1)))).toEqual({ kind: "refused", refusal: { kind: "not_connected" } });
    expect((await ask(commit(1))).kind).toBe("unanswered");
  });
});

/** A reservation's name that is used again when the beginning of its first life is pruned, and its end is not yet. */
import { describe, expect, it } from "vitest";
import { fromStore, type LocationId } from "../../../src/domain/ids.ts";
import { extend, hold, sale } from "../../support/counter/asked.ts";
import { StoredCounter } from "../../support/counter/stored-counter.ts";

const DAY_MS = 86_400_000;
const START_MS = Date.parse("2027-01-10T00:00:00Z");
const HERE = fromStore<LocationId>("1");
const held = (counter: StoredCounter, ttlMs: number) =>
  hold("r", 2, { lines: [{ locationId: HERE, quantity: 2 }], expiresAtMs: counter.nowMs + ttlMs });
const passes = async (counter: StoredCounter, ms: number): Promise<void> => {
  counter.nowMs += ms;
  await counter.desk.alarm();
};

describe("a reservation whose first movement is pruned", () => {
  it("was held anew, and its second expiry had the key of the first: no batch could be written any more", async () => {
    const counter = new StoredCounter(START_MS, { pruneEveryMs: DAY_MS }).connect({ 1: 10 });
    counter.apply(held(counter, 7 * DAY_MS));
    await passes(counter, 7 * DAY_MS);
    await passes(counter, 24 * DAY_MS); // the hold is over the horizon of 30 days, its expiry is not
    expect(counter.storage.sql.exec("SELECT key FROM movements").toArray()).toEqual([{ key: "expiry/r" }]);
    expect(counter.apply(held(counter, 1_000)).outcomes).toEqual([
      { kind: "held_already", state: "expired", holds: [] },
    ]);
    await passes(counter, 2_000);
    const late = sale("s", 1, { locationId: HERE, occurredAtMs: counter.nowMs });
    expect(counter.apply(late)).toMatchObject({ outcomes: [{ kind: "applied" }], view: { available: 9, reserved: 0 } });
  });

  it("and that is open still, because it was extended, is not held twice", async () => {
    const counter = new StoredCounter(START_MS, { pruneEveryMs: DAY_MS }).connect({ 1: 10 });
    counter.apply(held(counter, 7 * DAY_MS));
    for (let week = 1; week <= 5; week += 1) {
      await passes(counter, 6 * DAY_MS);
      counter.apply(extend("r", counter.nowMs + 7 * DAY_MS));
    }
    await passes(counter, DAY_MS);
    expect(counter.storage.sql.exec("SELECT key FROM movements").toArray()).toEqual([]);
    expect(counter.apply(held(counter, DAY_MS)).outcomes).toMatchObject([{ kind: "held_already", state: "held" }]);
    expect(counter.desk.levels()).toMatchObject({ available: 8, reserved: 2 });
  });

  it("is free again when its end is pruned, too", async () => {
    const counter = new StoredCounter(START_MS, { pruneEveryMs: DAY_MS }).connect({ 1: 10 });
    counter.apply(held(counter, 7 * DAY_MS));
    await passes(counter, 7 * DAY_MS);
    await passes(counter, 31 * DAY_MS);
    expect(counter.apply(held(counter, 1_000)).outcomes).toMatchObject([{ kind: "held" }]);
    await passes(counter, 2_000);
    expect(counter.desk.levels()).toMatchObject({ available: 10, reserved: 0 });
  });
});

import { describe, expect, it } from "vitest";
import type { Flush } from "../../../../src/domain/telemetry/flush.ts";
import { newTally } from "../../../../src/domain/telemetry/tally.ts";
import { type FlusherDeps, newFlusher } from "../../../../src/services/telemetry/flusher.ts";

const POLICY = { seriesMax: 250, pendingMax: 2, everyMs: 1_000, sendMsMax: 50, restMs: 5_000 };

/** An isolate with a clock that stands still, and an object that answers as it is told. */
function isolate(more: Partial<FlusherDeps> = {}) {
  const tally = newTally();
  const world = {
    nowMs: 1_000,
    isAway: false,
    told: [] as Flush[],
    waiting: [] as (() => void)[],
    warned: [] as string[],
  };
  let ids = 1;
  const flusher = newFlusher({
    tally,
    policy: POLICY,
    async send(flush) {
      world.told.push(flush);
      if (world.isAway) throw new Error("the reply was lost");
    },
    log: (_, event) => world.warned.push(event),
    nowMs: () => world.nowMs,
    newId: () => `flush-${ids++}`,
    wait: () => new Promise<void>((resolve) => world.waiting.push(resolve)),
    ...more,
  });
  const refuse = (reason: string, by = 1) => tally.count("onhand_webhook_refused_total", { reason }, by);
  return { flusher, tally, world, refuse };
}
const risesOf = (told: readonly Flush[]) =>
  told.map(({ id, delta }) => [id, delta.counters.map(({ by }) => by).join(",")]);

describe("a flush", () => {
  it("tells once what was gathered, and nothing when nothing was", async () => {
    const { flusher, world, refuse } = isolate();
    refuse("size", 2);
    await flusher.flush();
    await flusher.flush();
    expect(risesOf(world.told)).toEqual([["flush-1", "2"]]);
  });

  it("whose reply was lost is told again under its own name, and what came since under another", async () => {
    const { flusher, world, refuse } = isolate();
    world.isAway = true;
    refuse("size", 2);
    await flusher.flush();
    world.isAway = false;
    refuse("size", 3);
    world.nowMs += POLICY.restMs;
    await flusher.flush();
    expect(risesOf(world.told)).toEqual([
      ["flush-1", "2"],
      ["flush-1", "2"],
      ["flush-2", "3"],
    ]);
    await flusher.flush();
    expect(world.told).toHaveLength(3);
  });

  it("bothers an object that is away once in five seconds: the next batch may wait for the flush of the last", async () => {
    const { flusher, world, refuse } = isolate();
    world.isAway = true;
    for (let batch = 0; batch < 10; batch += 1) {
      refuse("size");
      await flusher.flush();
      world.nowMs += 100;
    }
    expect(world.told).toHaveLength(1);
    expect(world.warned).toEqual(["metrics.not_told"]);
  });

  it("loses nothing of a long outage: the tally gathers on behind what waits", async () => {
    const { flusher, world, refuse } = isolate();
    world.isAway = true;
    for (let batch = 0; batch < 20; batch += 1) {
      refuse("size");
      await flusher.flush();
      world.nowMs += POLICY.restMs;
    }
    world.isAway = false;
    world.told = [];
    for (let batch = 0; batch < 2; batch += 1) await flusher.flush();
    const sum = world.told.reduce((total, { delta }) => total + (delta.counters[0]?.by ?? 0), 0);
    expect(sum).toBe(20);
    expect(new Set(world.told.map(({ id }) => id)).size).toBe(world.told.length);
  });

  it("leaves alone what another invocation is telling, and takes it over once that must have been cut off", async () => {
    const told: string[] = [];
    const { flusher, world, refuse } = isolate({
      send: (flush) => {
        told.push(flush.id);
        return told.length === 1 ? new Promise(() => {}) : Promise.resolve();
      },
    });
    refuse("size");
    const first = flusher.flush();
    await flusher.flush();
    expect(told).toEqual(["flush-1"]);
    await first; // its time is over
    world.nowMs += POLICY.restMs;
    await flusher.flush();
    expect(told).toEqual(["flush-1", "flush-1"]);
  });

  it("carries 250 series at most, a data point each; the next one carries the rest", async () => {
    const { flusher, world, refuse } = isolate();
    for (let i = 0; i < 300; i += 1) refuse(`reason ${i}`);
    await flusher.flush();
    await flusher.flush();
    expect(world.told.map(({ delta }) => delta.counters.length)).toEqual([250, 50]);
  });
});

describe("a flush soon", () => {
  it("waits a second for what other requests gather, and they wait for nothing", async () => {
    const { flusher, world, refuse } = isolate();
    refuse("size");
    const first = flusher.flushSoon();
    refuse("size");
    await flusher.flushSoon();
    expect(world.told).toEqual([]);
    world.nowMs += POLICY.everyMs;
    world.waiting[0]?.();
    await first;
    expect(risesOf(world.told)).toEqual([["flush-1", "2"]]);
    expect(world.waiting).toHaveLength(1);
  });

  it("is another's turn once the one that waited must have been cut off", async () => {
    const { flusher, world, refuse } = isolate();
    refuse("size");
    void flusher.flushSoon(); // its invocation ends, and nobody hears of it
    world.nowMs += POLICY.everyMs;
    const second = flusher.flushSoon();
    world.waiting[1]?.();
    await second;
    expect(risesOf(world.told)).toEqual([["flush-1", "1"]]);
  });

  it("does not wait when there is nothing to tell: objects that count nothing stay asleep", async () => {
    const { flusher, world } = isolate();
    await flusher.flushSoon();
    expect(world.waiting).toEqual([]);
  });
});

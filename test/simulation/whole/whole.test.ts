import { describe, expect, it } from "vitest";
import { FAULT_KINDS } from "./faults.ts";
import { REGRESSIONS } from "./regressions.ts";
import { missingFaults, playSeeds } from "./tally.ts";
import { playSeed } from "./world.ts";

describe("the whole, simulated", () => {
  it("keeps every invariant and converges on some fixed seeds", async () => {
    const tally = await playSeeds(1_001, 6, { minutes: 10 });
    expect(tally.violations).toEqual([]);
    expect(tally.events).toBeGreaterThan(600);
  }, 120_000);

  it.each(REGRESSIONS)(
    "seed $seed, which once found $found",
    async ({ seed }) => {
      const { violation, steps } = await playSeed(seed);
      expect(violation).toBeNull();
      // What spins in vain takes many times as many steps.
      expect(steps).toBeLessThan(25_000);
    },
    120_000,
  );

  it("plays a seed the same way every time", async () => {
    const [first, second] = [
      await playSeed(7, { minutes: 5, verbose: true }),
      await playSeed(7, { minutes: 5, verbose: true }),
    ];
    expect(second).toEqual(first);
    expect(first.log.length).toBeGreaterThan(100);
  }, 120_000);

  it("plays a seed without the kinds of faults that it is told to leave out", async () => {
    const { faults, violation } = await playSeed(3, { minutes: 3, without: FAULT_KINDS });
    expect(violation).toBeNull();
    expect(Object.values(faults).filter((count) => count > 0)).toEqual([]);
    const all = await playSeed(3, { minutes: 3 });
    expect(Object.values(all.faults).filter((count) => count > 0).length).toBeGreaterThan(5);
  }, 120_000);

  it("says which kinds of faults never happened", async () => {
    const tally = await playSeeds(3, 1, { minutes: 1 });
    expect(missingFaults({ ...tally, faults: { ...tally.faults, redis_down: 0 } })).toContain("redis_down");
    expect(missingFaults({ ...tally, faults: { ...tally.faults, redis_down: 1 } })).not.toContain("redis_down");
  }, 120_000);
});

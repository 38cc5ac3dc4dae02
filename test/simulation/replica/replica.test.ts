import { describe, expect, it } from "vitest";
import { playSeeds } from "./tally.ts";
import { playSeed } from "./world.ts";

describe("the merge, simulated", () => {
  it("keeps every invariant and converges on 2,000 fixed schedules", () => {
    const { schedules, violations, figures } = playSeeds(1, 2_000);
    expect(violations).toEqual([]);
    expect(schedules).toBe(2_000);
    // The schedules must be worth something: changes, faults, pushes and reads in plenty.
    expect(figures.genuineChanges).toBeGreaterThan(20_000);
    expect(figures.pushes).toBeGreaterThan(15_000);
    expect(figures.refused).toBeGreaterThan(1_000);
    expect(figures.reads).toBeGreaterThan(10_000);
    expect(figures.guardedSold).toBeGreaterThan(2_000);
    expect(figures.attributedUnits).toBeGreaterThan(figures.noticedUnits / 2);
  }, 60_000);

  it("plays a seed the same way every time", () => {
    const [first, second] = [playSeed(4_711, { verbose: true }), playSeed(4_711, { verbose: true })];
    expect(second).toEqual(first);
    expect(first.log.length).toBeGreaterThan(20);
  });
});

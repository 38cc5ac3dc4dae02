/** Many seeds, summed up. */
import { addFigures, type Figures, noFigures } from "./figures.ts";
import { playSeed } from "./world.ts";

export type Tally = {
  schedules: number;
  readonly figures: Figures;
  /** In order of seed. */
  readonly violations: { readonly seed: number; readonly invariant: string; readonly message: string }[];
  /** How many schedules took up to so many pushes per change and other shop: 0.5, 1, 1.5 … */
  readonly pushesPerChange: number[];
};

export const noTally = (): Tally => ({ schedules: 0, figures: noFigures(), violations: [], pushesPerChange: [] });

/** Plays the seeds `from` … `from + count − 1`. */
export function playSeeds(from: number, count: number): Tally {
  const tally = noTally();
  for (let seed = from; seed < from + count; seed++) {
    const { figures, violation, pushesPerChange } = playSeed(seed);
    tally.schedules++;
    addFigures(tally.figures, figures);
    const step = Math.ceil(pushesPerChange * 2);
    tally.pushesPerChange[step] = (tally.pushesPerChange[step] ?? 0) + 1;
    if (violation !== null) tally.violations.push({ seed, ...violation });
  }
  return tally;
}

export function addTally(sum: Tally, more: Tally): void {
  sum.schedules += more.schedules;
  addFigures(sum.figures, more.figures);
  sum.violations.push(...more.violations);
  sum.violations.sort((a, b) => a.seed - b.seed);
  for (const [step, count] of more.pushesPerChange.entries()) {
    sum.pushesPerChange[step] = (sum.pushesPerChange[step] ?? 0) + (count ?? 0);
  }
}

/** Many seeds, summed up. */
import { FAULT_KINDS, type FaultCounts, type FaultKind, noFaultCounts } from "./faults.ts";
import { type PlayOptions, playSeed } from "./world.ts";

export type Tally = {
  seeds: number;
  events: number;
  steps: number;
  simulatedMs: number;
  convergenceMsMax: number;
  calls: number;
  changes: number;
  readonly faults: FaultCounts;
  /** Answers to our own channels, by kind. */
  readonly answers: Record<string, number>;
  /** In order of seed. */
  readonly violations: { readonly seed: number; readonly invariant: string; readonly message: string }[];
};

export const noTally = (): Tally => ({
  ...{ seeds: 0, events: 0, steps: 0, simulatedMs: 0, convergenceMsMax: 0, calls: 0, changes: 0 },
  faults: noFaultCounts(),
  answers: {},
  violations: [],
});

/** Plays the seeds `from` … `from + count − 1`; with `stop`, until the first violation. */
export async function playSeeds(from: number, count: number, options: PlayOptions & { readonly stop?: boolean } = {}) {
  const tally = noTally();
  for (let seed = from; seed < from + count; seed++) {
    const { violation, faults, ...played } = await playSeed(seed, options);
    tally.seeds += 1;
    for (const name of ["events", "steps", "simulatedMs", "calls", "changes"] as const) tally[name] += played[name];
    tally.convergenceMsMax = Math.max(tally.convergenceMsMax, played.convergenceMs);
    for (const kind of FAULT_KINDS) tally.faults[kind] += faults[kind];
    addAnswers(tally.answers, played.answers);
    if (violation === null) continue;
    tally.violations.push({ seed, ...violation });
    if (options.stop === true) break;
  }
  return tally;
}

export function addTally(sum: Tally, more: Tally): void {
  for (const name of ["seeds", "events", "steps", "simulatedMs", "calls", "changes"] as const) sum[name] += more[name];
  sum.convergenceMsMax = Math.max(sum.convergenceMsMax, more.convergenceMsMax);
  for (const kind of FAULT_KINDS) sum.faults[kind] += more.faults[kind];
  addAnswers(sum.answers, more.answers);
  sum.violations.push(...more.violations);
  sum.violations.sort((a, b) => a.seed - b.seed);
}

function addAnswers(sum: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [kind, count] of Object.entries(more)) sum[kind] = (sum[kind] ?? 0) + count;
}

/** A fault that never happened was not tried. */
export const missingFaults = ({ faults }: Tally): readonly FaultKind[] =>
  FAULT_KINDS.filter((kind) => faults[kind] === 0);

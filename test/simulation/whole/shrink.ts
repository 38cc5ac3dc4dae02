/**
 * A shorter way to the same violation: less time, and without the kinds of faults that it does not take. Each try is a whole
 * play of the seed, so what is left is a schedule that fails by itself.
 */
import { FAULT_KINDS, type FaultKind } from "./faults.ts";
import { type Outcome, type PlayOptions, playSeed } from "./world.ts";

const SHORTER_MINUTES = [3, 8, 15];

export type Shrunk = { readonly options: PlayOptions; readonly outcome: Outcome };

/** @returns null when the seed does not fail */
export async function shrink(seed: number, minutes: number): Promise<Shrunk | null> {
  const first = await playSeed(seed, { minutes });
  const invariant = first.violation?.invariant;
  if (invariant === undefined) return null;
  const stillFails = async (options: PlayOptions): Promise<boolean> =>
    (await playSeed(seed, options)).violation?.invariant === invariant;
  let options: PlayOptions = { minutes };
  for (const shorter of SHORTER_MINUTES.filter((each) => each < minutes)) {
    if (!(await stillFails({ minutes: shorter }))) continue;
    options = { minutes: shorter };
    break;
  }
  let without: readonly FaultKind[] = [];
  for (const kind of FAULT_KINDS.filter((each) => first.faults[each] > 0)) {
    if (await stillFails({ ...options, without: [...without, kind] })) without = [...without, kind];
  }
  options = { ...options, without };
  return { options, outcome: await playSeed(seed, { ...options, verbose: true }) };
}

/** Where an isolate gathers its numbers. Nothing here decides anything: a lost isolate loses a second of them. */
import type { Meter } from "../domain/telemetry/meter.ts";
import { newTally, type Tally } from "../domain/telemetry/tally.ts";

const tallies = new WeakMap<object, Tally>();

export function tallyOf(env: object): Tally {
  const known = tallies.get(env) ?? newTally();
  tallies.set(env, known);
  return known;
}

export const meterOf = (env: object): Meter => tallyOf(env);

/**
 * A mirror that is left alone while Redis does not answer. Without it a hung Redis would cost every read its limit and
 * every batch of events another second; with it a few calls find out, and the rest go to the counters at once. What is
 * not written meanwhile heals by its TTL.
 */
import type { Mirror, MirrorRead, MirrorWrite } from "../services/mirror.ts";

export type RestPolicy = {
  /** Faults in a row that make it rest. One may be chance. */
  readonly faultsMax: number;
  /** Then one call tries again. */
  readonly restMs: number;
};

const RESTING = { kind: "unavailable", reason: "resting" } as const;

export function restingMirror(mirror: Mirror, policy: RestPolicy, nowMs: () => number): Mirror {
  let faults = 0;
  let restsUntilMs = 0;
  const isResting = (): boolean => nowMs() < restsUntilMs;
  const note = <Outcome extends MirrorRead | MirrorWrite>(outcome: Outcome): Outcome => {
    faults = outcome.kind === "unavailable" ? faults + 1 : 0;
    if (faults >= policy.faultsMax) restsUntilMs = nowMs() + policy.restMs;
    return outcome;
  };
  return {
    write: async (views) => (isResting() ? RESTING : note(await mirror.write(views))),
    read: async (skus) => (isResting() ? RESTING : note(await mirror.read(skus))),
    invalidate: async (skus, msMax) => (isResting() ? undefined : mirror.invalidate(skus, msMax)),
    ping: () => mirror.ping(),
  };
}

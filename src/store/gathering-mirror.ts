/**
 * A mirror whose invalidations gather: while one request is under way, whatever else is to be forgotten waits and goes
 * together with the next. At a hundred webhooks a second an isolate makes a few requests instead of a hundred, and the
 * answers to the webhooks go out first. Only names are shared between invocations, never a promise of another's.
 */
import type { Sku } from "../domain/ids.ts";
import type { Mirror } from "../services/mirror.ts";

export type GatherPolicy = {
  /** An invocation that forgets for others, too, starts no further request after this. */
  readonly serveMsMax: number;
  /** SKUs that may wait. What is above that expires by itself. */
  readonly skusMax: number;
};

export type Clock = { nowMs(): number; wait(ms: number): Promise<unknown> };

export function gatheringMirror(mirror: Mirror, policy: GatherPolicy, clock: Clock): Mirror {
  const waiting = new Set<Sku>();
  // A time and not a flag: an invocation that is cut off cannot say that it is no longer serving.
  let servesUntilMs = 0;
  /** @param msMax  of the first request, which is the caller's own; those after it are for others */
  const serve = async (msMax: number | undefined): Promise<void> => {
    let limitMs = msMax;
    await clock.wait(0); // the answer goes first
    while (waiting.size > 0 && clock.nowMs() < servesUntilMs) {
      const skus = [...waiting];
      waiting.clear();
      await mirror.invalidate(skus, limitMs);
      limitMs = undefined;
    }
  };
  return {
    ...mirror,
    async invalidate(skus, msMax) {
      for (const sku of skus) if (waiting.size < policy.skusMax) waiting.add(sku);
      if (waiting.size === 0 || clock.nowMs() < servesUntilMs) return;
      servesUntilMs = clock.nowMs() + policy.serveMsMax;
      try {
        await serve(msMax);
      } finally {
        servesUntilMs = 0;
      }
    },
  };
}

/** The circuit breaker before Redis: one per isolate, told by log and numbers alone, because every isolate has one. */
import { REDIS_BREAKER } from "../domain/breaker/policies.ts";
import type { Mirror } from "../services/mirror.ts";
import { restingMirror } from "../store/resting-mirror.ts";
import { breakerChanged } from "./breakers.ts";
import { redisBreakers } from "./redis-breaker-states.ts";

/** @returns the mirror behind it */
export function behindBreaker(env: Env, mirror: Mirror): Mirror {
  const resting = restingMirror(mirror, {
    policy: REDIS_BREAKER,
    onChange: (change) => breakerChanged(env, "redis", change),
    nowMs: () => Date.now(),
    random: Math.random,
  });
  redisBreakers.set(env, resting.breaker);
  return resting;
}

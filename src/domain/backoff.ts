/** Exponential backoff with jitter, in whole seconds, as queues want it. */
export type BackoffPolicy = { readonly delaySeconds: number; readonly delaySecondsMax: number };

/**
 * 1, 2, 4, 8 … times the first delay, plus up to half of it again at random, so that what failed together does not come
 * back together. Never below `atLeastSeconds` (a Retry-After), never above the maximum unless that asks for it.
 * @param attempt  deliveries so far, from 1
 */
export function backoffSeconds(
  attempt: number,
  policy: BackoffPolicy,
  random: () => number,
  atLeastSeconds = 0,
): number {
  const doubled = policy.delaySeconds * 2 ** Math.min(Math.max(attempt, 1) - 1, 30);
  const jittered = Math.round(doubled * (1 + random() / 2));
  return Math.max(Math.min(jittered, policy.delaySecondsMax), Math.ceil(atLeastSeconds));
}

/**
 * Whether a topic of webhooks has fallen silent, judged by its own past. Its history is the windows of time in which it came,
 * as seen from its last webhook: silence itself does not make it a rare topic.
 */

/** Windows looked back on from the last webhook, … */
export const WINDOWS = 24;
/** … and in how many of them it must have come to be a topic that usually comes. */
export const USUAL_WINDOWS = 18;

export type TopicHistory = {
  readonly topic: string;
  readonly lastMs: number;
  /** Numbers of the windows (epoch / window) in which it came, ascending, the newest one last. */
  readonly came: readonly number[];
};

/** @param lastMs  when its newest webhook was accepted; one that is known already changes nothing */
export function withArrival(
  history: TopicHistory | undefined,
  topic: string,
  lastMs: number,
  windowMs: number,
): TopicHistory {
  const newest = Math.floor(lastMs / windowMs);
  if (history === undefined) return { topic, lastMs, came: [newest] };
  if (lastMs <= history.lastMs) return history;
  const came = [...history.came.filter((window) => window > newest - WINDOWS && window < newest), newest];
  return { topic, lastMs, came };
}

/**
 * How long nothing has come, in longest pauses of its past; 0 for a topic that does not usually come.
 * A pause is counted in whole windows, one at least.
 */
export function silenceOf({ lastMs, came }: TopicHistory, windowMs: number, nowMs: number): number {
  if (came.length < USUAL_WINDOWS) return 0;
  const pauses = came.slice(1).map((window, i) => window - (came[i] ?? window));
  return Math.max(0, nowMs - lastMs) / (Math.max(1, ...pauses) * windowMs);
}

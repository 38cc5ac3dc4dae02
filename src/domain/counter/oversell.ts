/**
 * Oversold: more is sold than there is, over all locations, because a channel sold by itself. Counted, never clamped;
 * reported when it begins, changes and ends. A location below zero while another has enough is no oversell: the units are
 * there, at the wrong place.
 */
import type { LocationView } from "../levels-view.ts";

export type Oversell = {
  /** The counter's version when it began: names it within its counter (orders begin and end one without a movement). */
  readonly since: number;
  readonly sinceMs: number;
  /** Units missing now. */
  readonly units: number;
  /** The most that were missing at any moment. */
  readonly peak: number;
};

/** What has changed: `units` 0 says that it is over. Of two reports of one oversell, that of the higher `version` is newer. */
export type OversellReport = Oversell & { readonly atMs: number; readonly version: number };

/**
 * @param version  the counter's, after the change: units missing are shown, so it has risen when they changed
 * @returns the same object when nothing changed
 */
export function oversellAfter(
  before: Oversell | null,
  shown: readonly LocationView[],
  version: number,
  nowMs: number,
): { readonly oversell: Oversell | null; readonly report: OversellReport | null } {
  const units = Math.max(0, -shown.reduce((sum, { available }) => sum + available, 0));
  if (units === (before?.units ?? 0)) return { oversell: before, report: null };
  const since = before ?? { since: version, sinceMs: nowMs, peak: 0 };
  const after: Oversell = { since: since.since, sinceMs: since.sinceMs, units, peak: Math.max(since.peak, units) };
  return { oversell: units === 0 ? null : after, report: { ...after, atMs: nowMs, version } };
}

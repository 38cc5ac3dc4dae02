/**
 * What is to be told of a breaker's changes. Kept with the breaker, written in the same transaction, and removed when it
 * has been told: so each change is told at least once, whatever ends in between.
 */
import { type Breaker, type BreakerState, openedAtMs } from "./breaker.ts";

export type BreakerChange = {
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly reason: string | null;
  /** Since when calls had not simply passed; null: they always had. */
  readonly openedAtMs: number | null;
  readonly atMs: number;
};

/** In the order in which they happened. */
export type BreakerNews = readonly BreakerChange[];

/** Changes that wait to be told: a breaker that flaps for an hour while the queue is away. The newest say how it ended. */
export const NEWS_MAX = 20;

const REASON_MAX = 500;

export function changeOf(before: Breaker, after: Breaker, nowMs: number): BreakerChange | null {
  if (before.kind === after.kind) return null;
  const told = after.kind === "closed" ? before : after;
  const reason = told.kind === "closed" ? null : told.reason.slice(0, REASON_MAX);
  return { from: before.kind, to: after.kind, reason, openedAtMs: openedAtMs(told), atMs: nowMs };
}

export const withNews = (news: BreakerNews, before: Breaker, after: Breaker, nowMs: number): BreakerNews => {
  const change = changeOf(before, after, nowMs);
  return change === null ? news : [...news, change].slice(-NEWS_MAX);
};

/** Those that were told are gone; what came meanwhile stays. */
export const withoutTold = (news: BreakerNews, told: BreakerNews): BreakerNews =>
  news.filter((change) => !told.includes(change));

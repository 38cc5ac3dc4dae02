/** Outages as reconciliation wants to know them: Shopify did not answer for a while, and then did. Pure. */
import { type Breaker, openedAtMs } from "../breaker/breaker.ts";

export type Outage = {
  /** Since when the breaker has not been closed; null: it is. */
  readonly sinceMs: number | null;
  /** When the last outage ended; null: there was none worth the name. */
  readonly endedMs: number | null;
};

export const noOutage: Outage = { sinceMs: null, endedMs: null };

/** What is over sooner, webhooks survive: Shopify tries them again, and our own retries cover the calls. */
export const OUTAGE_MS_MIN = 10_000;

/** Nothing but answers closes a breaker; nobody was asked while it was open, probed, or isolated by an operator. */
export function afterBreaker(outage: Outage, breaker: Breaker, nowMs: number): Outage {
  const sinceMs = openedAtMs(breaker);
  if (sinceMs !== null) return outage.sinceMs === null ? { ...outage, sinceMs } : outage;
  if (outage.sinceMs === null) return outage;
  const isLong = nowMs - outage.sinceMs >= OUTAGE_MS_MIN;
  return { sinceMs: null, endedMs: isLong ? nowMs : outage.endedMs };
}

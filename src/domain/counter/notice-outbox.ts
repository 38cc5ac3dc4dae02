/**
 * News that the queue has not taken yet, each under its own id: sent at least once, again by the alarm, and gone when the
 * queue has it. Pure; oversell reports, of which only the newest counts, have an outbox of their own (report-outbox.ts).
 */
import type { CorrelationId, SkuId } from "../ids.ts";
import { type CounterNews, newsId } from "./counter-news.ts";
import { type OutboxPolicy, pauseMs } from "./outbox.ts";

export type PendingNotice = {
  readonly news: CounterNews;
  readonly correlationId: CorrelationId;
  readonly tries: number;
  /** When to send again if the queue has not taken it. */
  readonly againMs: number;
};

export type PendingNotices = ReadonlyMap<string, PendingNotice>;

export type NoticeDecision = {
  readonly notices: PendingNotices;
  /** Those to send now, in the order in which they came. */
  readonly due: readonly string[];
};

/** Called with every batch and at every alarm. The same map when nothing changes. */
export function decideNotices(
  notices: PendingNotices,
  { skuId, news }: { readonly skuId: SkuId; readonly news: readonly CounterNews[] },
  correlationId: CorrelationId,
  policy: OutboxPolicy,
  nowMs: number,
): NoticeDecision {
  const next = new Map(notices);
  const due: string[] = [];
  for (const [id, entry] of notices) {
    if (entry.againMs > nowMs) continue;
    const tries = entry.tries + 1;
    next.set(id, { ...entry, tries, againMs: nowMs + pauseMs(tries, policy) });
    due.push(id);
  }
  for (const piece of news) {
    const id = newsId(skuId, piece);
    if (next.has(id)) continue;
    next.set(id, { news: piece, correlationId, tries: 1, againMs: nowMs + pauseMs(1, policy) });
    due.push(id);
  }
  return due.length === 0 ? { notices, due } : { notices: next, due };
}

/** The queue has it. */
export function noticeTaken(notices: PendingNotices, id: string): PendingNotices {
  if (!notices.has(id)) return notices;
  const next = new Map(notices);
  next.delete(id);
  return next;
}

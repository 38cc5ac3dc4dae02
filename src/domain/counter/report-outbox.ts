/**
 * Oversell reports that the queue has not taken yet. One entry per oversell, holding its newest report: each is sent at
 * least once, and what a newer one says already is not sent any more.
 */
import type { CorrelationId } from "../ids.ts";
import { type OutboxPolicy, pauseMs } from "./outbox.ts";
import type { OversellReport } from "./oversell.ts";

export type PendingReport = {
  readonly report: OversellReport;
  readonly correlationId: CorrelationId;
  readonly tries: number;
  /** When to send again if the queue has not taken it. */
  readonly againMs: number;
};

/** By `since`. */
export type PendingReports = ReadonlyMap<number, PendingReport>;

export type ReportDecision = {
  readonly reports: PendingReports;
  /** Those to send now, by `since`. */
  readonly due: readonly number[];
};

/** Called with every batch and at every alarm. The same map when nothing changes. */
export function decideReports(
  reports: PendingReports,
  news: OversellReport | null,
  correlationId: CorrelationId,
  policy: OutboxPolicy,
  nowMs: number,
): ReportDecision {
  const next = new Map(reports);
  const due: number[] = [];
  for (const [since, entry] of reports) {
    if (entry.againMs > nowMs || since === news?.since) continue;
    const tries = entry.tries + 1;
    next.set(since, { ...entry, tries, againMs: nowMs + pauseMs(tries, policy) });
    due.push(since);
  }
  if (news !== null) {
    next.set(news.since, { report: news, correlationId, tries: 1, againMs: nowMs + pauseMs(1, policy) });
    due.push(news.since);
  }
  return due.length === 0 ? { reports, due } : { reports: next, due };
}

/** The queue took this report. A newer one of the same oversell still waits. */
export function reportTaken(reports: PendingReports, { since, version }: OversellReport): PendingReports {
  if (reports.get(since)?.report.version !== version) return reports;
  const next = new Map(reports);
  next.delete(since);
  return next;
}

import { describe, expect, it } from "vitest";
import type { OversellReport } from "../../../../src/domain/counter/oversell.ts";
import { decideReports, type PendingReports, reportTaken } from "../../../../src/domain/counter/report-outbox.ts";
import { type CorrelationId, fromStore } from "../../../../src/domain/ids.ts";

const POLICY = { signalRetryMs: 10, signalRetryMsMax: 40 };
const CAUSE = fromStore<CorrelationId>("c");
const report = (since: number, version: number, units = 1): OversellReport => ({
  ...{ since, sinceMs: 0, units, peak: 3, atMs: 0, version },
});
const decide = (reports: PendingReports, news: OversellReport | null, nowMs: number) =>
  decideReports(reports, news, CAUSE, POLICY, nowMs);

describe("oversell reports that wait for the queue", () => {
  it("are sent at once, and again after 10, 20, 40, 40 ms until it takes them", () => {
    let { reports, due } = decide(new Map(), report(1, 1), 0);
    expect(due).toEqual([1]);
    const sentMs: number[] = [];
    for (let nowMs = 1; nowMs <= 110; nowMs += 1) {
      ({ reports, due } = decide(reports, null, nowMs));
      if (due.length > 0) sentMs.push(nowMs);
    }
    expect(sentMs).toEqual([10, 30, 70, 110]);
  });

  it("give way to a newer one of the same oversell, which begins anew", () => {
    const first = decide(new Map(), report(1, 1), 0).reports;
    const { reports, due } = decide(first, report(1, 2, 5), 10);
    expect(due).toEqual([1]);
    expect(reports.get(1)).toMatchObject({ report: { version: 2, units: 5 }, tries: 1 });
  });

  it("of an oversell that is over wait beside those of the next one", () => {
    const over = decide(new Map(), report(1, 2, 0), 0).reports;
    expect([...decide(over, report(3, 3), 1).reports.keys()]).toEqual([1, 3]);
  });

  it("stay when the queue took an older one, and go when it took the newest", () => {
    const reports = decide(decide(new Map(), report(1, 1), 0).reports, report(1, 2), 1).reports;
    expect(reportTaken(reports, report(1, 1))).toBe(reports);
    expect(reportTaken(reports, report(1, 2)).size).toBe(0);
  });

  it("cost a batch without news nothing: the same map comes back", () => {
    const { reports } = decide(new Map(), report(1, 1), 0);
    expect(decide(reports, null, 5).reports).toBe(reports);
  });
});

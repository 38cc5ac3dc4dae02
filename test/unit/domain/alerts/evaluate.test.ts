import { describe, expect, it } from "vitest";
import { ALERTS, effectiveAlerts, STEPS } from "../../../../src/domain/alerts/alert-table.ts";
import { FORGET_MINUTES } from "../../../../src/domain/alerts/evaluate.ts";
import { Watch } from "../../../support/alerts/watch.ts";

describe("an alert", () => {
  it("fires once its value has held for its time, and not a minute before", () => {
    const watch = new Watch().minutes("queue_lag", 31, 31);
    expect(watch.said).toEqual([]);
    watch.minutes("queue_lag", 31);
    expect(watch.said).toEqual(["fired critical"]);
    expect(watch.changes[0]).toMatchObject({ subject: "it", value: 31, threshold: 30, unit: "s" });
    expect(watch.changes[0]?.text).toBe(
      "The oldest message of queue it waits 31 s (critical at 30 s). What to do: runbook, alert queue_lag.",
    );
  });

  it("that was below its step in between begins anew", () => {
    expect(new Watch().minutes("queue_lag", 31, 31, 1, 31, 31).said).toEqual([]);
  });

  it("rises through 50, 70, 90 and 100 % of its threshold, each told once", () => {
    const watch = new Watch().minutes("rate_limited", 2, 2.5, 3, 3.5, 4, 4.5, 4.9, 5, 9, 9);
    expect(watch.said).toEqual(["fired notice", "escalated warning", "escalated high", "escalated critical"]);
    expect(watch.changes.map(({ value }) => value)).toEqual([2.5, 3.5, 4.5, 5]);
    expect(new Set(watch.changes.map(({ sinceMs }) => sinceMs)).size).toBe(1);
  });

  it("skips the steps that it jumps over", () => {
    expect(new Watch().minutes("rate_limited", 0, 100).said).toEqual(["fired critical"]);
  });

  it("does not fall back to a lower step, and is over only when it was clearly below for its time", () => {
    const watch = new Watch().minutes("rate_limited", 5, 2.4, 2, 2.1, 1.9, 1.9);
    expect(watch.said).toEqual(["fired critical"]);
    watch.minutes("rate_limited", 1.9);
    expect(watch.said).toEqual(["fired critical", "recovered critical"]);
    expect(watch.changes[1]?.text).toBe("it refuses no more calls for their rate.");
    watch.minutes("rate_limited", 0, 0, 0);
    expect(watch.said).toHaveLength(2);
  });

  it("of what cannot be read neither fires nor recovers, and its clocks stand still", () => {
    const late = new Watch().minutes("queue_lag", 31, 31, null, null, 31);
    expect(late.said).toEqual(["fired critical"]);
    const early = new Watch().minutes("queue_lag", 31, null, null, null);
    expect(early.said).toEqual([]);
    expect(early.states).toMatchObject([{ isKnown: false, value: 31, severity: null }]);
    const firing = new Watch().minutes("queue_lag", 31, 31, 31, 0, null, null, null, null);
    expect(firing.said).toEqual(["fired critical"]);
    expect(firing.states).toMatchObject([{ isKnown: false, severity: "critical" }]);
    expect(firing.minutes("queue_lag", 0, 0).said).toEqual(["fired critical", "recovered critical"]);
  });

  it("whose subject nobody hears of for a day is over, and forgotten", () => {
    const watch = new Watch().minutes("breaker_open", 1);
    for (let minute = 0; minute < FORGET_MINUTES - 1; minute += 1) watch.minute("breaker_open", undefined);
    expect(watch.said).toEqual(["fired critical"]);
    watch.minute("breaker_open", undefined);
    expect(watch.said).toEqual(["fired critical", "recovered critical"]);
    expect(watch.changes[1]?.text).toBe("breaker_open of it is not heard of any more.");
    expect(watch.states).toEqual([]);
  });

  it("goes by the operator's threshold and time instead of the table's", () => {
    const set = { reason: "", actor: "", atMs: 0 };
    const slow = new Watch(effectiveAlerts([{ alert: "queue_lag", threshold: 100, forMinutes: null, ...set }]));
    expect(slow.minutes("queue_lag", 31, 31, 31, 31).said).toEqual([]);
    const quick = new Watch(effectiveAlerts([{ alert: "queue_lag", threshold: 1, forMinutes: 0, ...set }]));
    expect(quick.minutes("queue_lag", 1).said).toEqual(["fired critical"]);
  });

  it("keeps its subjects apart", () => {
    const watch = new Watch().minute("breaker_open", 1, "shopify/a").minute("breaker_open", 1, "shopify/b");
    expect(watch.changes.map(({ id, subject }) => [id, subject])).toEqual([
      ["breaker_open/shopify/a/1060000/critical", "shopify/a"],
      ["breaker_open/shopify/b/1120000/critical", "shopify/b"],
    ]);
  });
});

describe("the table of alerts", () => {
  it.each(ALERTS.map((spec) => [spec.name, spec] as const))(
    "%s recovers clearly below its first step, and says why",
    (_, spec) => {
      expect(spec.recoverShare).toBeLessThan(STEPS[0].share);
      expect(spec.threshold).toBeGreaterThanOrEqual(spec.range.min);
      expect(spec.threshold).toBeLessThanOrEqual(spec.range.max);
      expect(spec.reason.length).toBeGreaterThan(20);
    },
  );
});

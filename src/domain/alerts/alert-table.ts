/**
 * What is worth an alert: one row each, with its threshold, its unit, how long it must hold, when it is over, and why these
 * numbers. docs/observability/alerts.md shows the same table (test/contract/docs/alerts.test.ts holds them together). An
 * operator may override threshold and duration; the rest is the alert's nature.
 *
 * Durations are minutes of the alerts' own clock: 60 s each in production, less where a test or a local stack says so.
 */

/** Steps of escalation: shares of the threshold. */
export const STEPS = [
  { severity: "notice", share: 0.5 },
  { severity: "warning", share: 0.7 },
  { severity: "high", share: 0.9 },
  { severity: "critical", share: 1 },
] as const;

export type Severity = (typeof STEPS)[number]["severity"];
export const SEVERITIES: readonly Severity[] = STEPS.map(({ severity }) => severity);

export const ALERT_NAMES = [
  "queue_lag",
  "dead_letter_growth",
  "sync_latency",
  "mismatch_rate",
  "oversell",
  "rate_limited",
  "breaker_open",
  "webhooks_silent",
  "token_refused",
  "subscription_missing",
] as const;

export type AlertName = (typeof ALERT_NAMES)[number];

export type AlertSpec = {
  readonly name: AlertName;
  /** What one of it is about. */
  readonly per: "queue" | "shop" | "topic" | "destination" | "whole";
  /** 100 %: critical. In `unit`. */
  readonly threshold: number;
  readonly unit: string;
  /** What an override may say: below the first it would never rest, above the second never fire. */
  readonly range: { readonly min: number; readonly max: number };
  /** The value is of this long; null: of the moment. */
  readonly windowMinutes: number | null;
  /** A step is told once it has held so long. */
  readonly forMinutes: number;
  /** It is over when the value was below this share of the threshold, … */
  readonly recoverShare: number;
  /** … for so long. */
  readonly recoverForMinutes: number;
  /** Why these numbers. */
  readonly reason: string;
};

/** Clearly below the first step. */
const RECOVER_SHARE = 0.4;

export const ALERTS: readonly AlertSpec[] = [
  {
    ...{ name: "queue_lag", per: "queue", threshold: 30, unit: "s", range: { min: 1, max: 86_400 } },
    ...{ windowMinutes: null, forMinutes: 2, recoverShare: RECOVER_SHARE, recoverForMinutes: 2 },
    reason:
      "In the ordinary case a message waits below a second. A burst is over within two minutes; what is not is a consumer that fails or is too slow.",
  },
  {
    ...{ name: "dead_letter_growth", per: "queue", threshold: 1, unit: "letters", range: { min: 1, max: 1_000_000 } },
    ...{ windowMinutes: 5, forMinutes: 0, recoverShare: RECOVER_SHARE, recoverForMinutes: 0 },
    reason:
      "Each dead letter is an event that does not count yet, so one is enough. Told once while they come; five minutes without another end it.",
  },
  {
    ...{ name: "sync_latency", per: "shop", threshold: 30, unit: "s", range: { min: 0.1, max: 86_400 } },
    ...{ windowMinutes: 5, forMinutes: 1, recoverShare: RECOVER_SHARE, recoverForMinutes: 5 },
    reason:
      "p95 from the receipt of an event to Shopify's confirmation: one or two seconds in the ordinary case. At 30 s another channel sells what is gone.",
  },
  {
    ...{ name: "mismatch_rate", per: "shop", threshold: 0.1, unit: "share", range: { min: 0.001, max: 1 } },
    ...{ windowMinutes: 60, forMinutes: 0, recoverShare: RECOVER_SHARE, recoverForMinutes: 5 },
    reason:
      "Of the levels that an hour's reconciliations compared, at least as if there had been 20. One lost webhook heals by a read; a tenth of all has a cause.",
  },
  {
    ...{ name: "oversell", per: "whole", threshold: 1, unit: "units", range: { min: 1, max: 1_000_000 } },
    ...{ windowMinutes: null, forMinutes: 1, recoverShare: RECOVER_SHARE, recoverForMinutes: 1 },
    reason:
      "A unit that is sold and missing disappoints a buyer: somebody must find it or call. An order may pull its count below zero for seconds, until its level is read; that is none.",
  },
  {
    ...{ name: "rate_limited", per: "shop", threshold: 5, unit: "calls", range: { min: 1, max: 1_000_000 } },
    ...{ windowMinutes: 5, forMinutes: 0, recoverShare: RECOVER_SHARE, recoverForMinutes: 2 },
    reason:
      "The gate plans its calls by Shopify's bucket, so there are none in the ordinary case. One or two are another app's; five mean that the plan is wrong.",
  },
  {
    ...{ name: "breaker_open", per: "destination", threshold: 1, unit: "state", range: { min: 1, max: 1 } },
    ...{ windowMinutes: null, forMinutes: 0, recoverShare: RECOVER_SHARE, recoverForMinutes: 2 },
    reason:
      "1 is open or half-open: nothing goes there, and it opens only when half the calls fail. 0.5 is isolated by an operator: a notice, so that it is not forgotten.",
  },
  {
    ...{ name: "webhooks_silent", per: "topic", threshold: 3, unit: "usual pauses", range: { min: 1.5, max: 100 } },
    ...{ windowMinutes: 10, forMinutes: 0, recoverShare: RECOVER_SHARE, recoverForMinutes: 0 },
    reason:
      "Only of a topic that came in 18 of the 24 windows before its last webhook. Its silence is measured by the longest pause among these: three times that is no chance.",
  },
  {
    ...{ name: "token_refused", per: "shop", threshold: 1, unit: "state", range: { min: 1, max: 1 } },
    ...{ windowMinutes: null, forMinutes: 0, recoverShare: RECOVER_SHARE, recoverForMinutes: 1 },
    reason: "Without a token nothing reaches the shop, and only a person can correct credentials or install the app.",
  },
  {
    ...{ name: "subscription_missing", per: "shop", threshold: 1, unit: "state", range: { min: 1, max: 1 } },
    ...{ windowMinutes: null, forMinutes: 0, recoverShare: RECOVER_SHARE, recoverForMinutes: 1 },
    reason:
      "1: the newest reconciliation could not make a webhook subscription again, so news of that kind stays away. 0.5: it could, and somebody should know that it was gone.",
  },
];

export const isAlertName = (name: string): name is AlertName => (ALERT_NAMES as readonly string[]).includes(name);

/** What an operator has set instead. */
export type ThresholdOverride = {
  readonly alert: AlertName;
  readonly threshold: number;
  /** Null: as the table says. */
  readonly forMinutes: number | null;
  readonly reason: string;
  readonly actor: string;
  readonly atMs: number;
};

/** The table with what was overridden. */
export const effectiveAlerts = (overrides: readonly ThresholdOverride[]): readonly AlertSpec[] =>
  ALERTS.map((spec) => {
    const override = overrides.find(({ alert }) => alert === spec.name);
    if (override === undefined) return spec;
    return { ...spec, threshold: override.threshold, forMinutes: override.forMinutes ?? spec.forMinutes };
  });

/** One table of thresholds: the rules and the dashboard say what Onhand's own alerts say, or say why not. */
import { expect, it } from "vitest";
import { ALERT_NAMES, ALERTS, type AlertName, STEPS } from "../../../src/domain/alerts/alert-table.ts";
import { USUAL_WINDOWS, WINDOWS } from "../../../src/domain/alerts/topic-history.ts";
import { ROOT } from "../config/read-toml.ts";
import { dashboard } from "./dashboard.ts";
import { readRules } from "./read-rules.ts";

const rules = readRules(`${ROOT}/docs/observability/alert-rules.yml`);
const specOf = (name: AlertName) => {
  const spec = ALERTS.find((each) => each.name === name);
  if (spec === undefined) throw new Error(`no alert ${name}`);
  return spec;
};
const ruleOf = (name: string) => {
  const rule = rules.find((each) => each.name === name);
  if (rule === undefined) throw new Error(`no rule ${name}`);
  return rule;
};

/** The rule that stands beside each alert whose number a metric tells. */
const BESIDE: Readonly<Partial<Record<AlertName, string>>> = {
  queue_lag: "OnhandQueueLag",
  dead_letter_growth: "OnhandDeadLetterGrowth",
  sync_latency: "OnhandSyncLatency",
  mismatch_rate: "OnhandMismatchRate",
  oversell: "OnhandOversell",
  rate_limited: "OnhandRateLimited",
  breaker_open: "OnhandBreakerOpen",
};
/** Told later than by Onhand itself; the reason stands beside the rule. */
const FOR: Readonly<Partial<Record<AlertName, string>>> = { mismatch_rate: "20m" };

it.each(Object.entries(BESIDE) as [AlertName, string][])(
  "%s: its rule has its threshold, time, window and severity",
  (alert, name) => {
    const { threshold, forMinutes, windowMinutes } = specOf(alert);
    const rule = ruleOf(name);
    expect(rule.expr).toMatch(new RegExp(`>= ${threshold}$`));
    expect(rule.for).toBe(FOR[alert] ?? (forMinutes === 0 ? "0s" : `${forMinutes}m`));
    expect(rule.labels).toEqual({ severity: STEPS.at(-1)?.severity, onhand_alert: alert });
    const [recorded] = /job_\w+:\w+:\w+/.exec(rule.expr) ?? [];
    if (recorded !== undefined) {
      expect(recorded).toMatch(new RegExp(`\\D${windowMinutes}m$`));
      expect(ruleOf(recorded).expr).toContain(`[${windowMinutes}m]`);
    }
  },
);

it("webhooks_silent: its rule knows a usual topic by as many windows, and a silence by as many of them", () => {
  const { threshold, windowMinutes } = specOf("webhooks_silent");
  const minutes = windowMinutes ?? 0;
  const { expr, labels } = ruleOf("OnhandWebhooksSilent");
  expect(expr).toContain(`>= ${threshold * minutes * 60}\n`);
  expect(expr).toMatch(new RegExp(`>= ${USUAL_WINDOWS}$`));
  expect(ruleOf("job_topic:onhand_webhook_windows:came4h").expr).toContain(
    `[${minutes}m]) > bool 0)[${(WINDOWS * minutes) / 60}h:${minutes}m]`,
  );
  expect(labels["onhand_alert"]).toBe("webhooks_silent");
});

it("no alert of Onhand's own is without a rule", () => {
  const passedOn = /alert=~"([^"]+)"/.exec(ruleOf("OnhandAccess").expr)?.[1]?.split("|") ?? [];
  const beside = [...Object.keys(BESIDE), "webhooks_silent", ...passedOn];
  expect(beside.sort()).toEqual([...ALERT_NAMES].sort());
});

/** Panels whose colours and lines are an alert's. */
const PANELS: Readonly<Record<string, AlertName>> = {
  "Queue lag": "queue_lag",
  Lag: "queue_lag",
  "Event to Shopify, p95": "sync_latency",
  "Event to Shopify": "sync_latency",
  "Reconciliation: mismatch rate": "mismatch_rate",
  "SKUs oversold": "oversell",
};

it.each(Object.entries(PANELS))(
  "the dashboard's panel %s is red from the threshold on, and orange from half of it",
  (title, alert) => {
    const panel = dashboard.panels.find((each) => each.title === title);
    const { threshold } = specOf(alert);
    for (const { color, value } of panel?.fieldConfig?.defaults.thresholds?.steps ?? []) {
      if (color === "red") expect(value).toBe(threshold);
      if (color === "orange") expect(value).toBe(threshold * (STEPS[0]?.share ?? 1));
    }
    expect(panel?.fieldConfig?.defaults.thresholds?.steps.some(({ color }) => color === "red")).toBe(true);
  },
);

/** Evaluations over the real tables: what is remembered, what is queued, and what a crash leaves. */
import { beforeEach, describe, expect, it } from "vitest";
import type { AlertChange } from "../../../../src/domain/alerts/evaluate.ts";
import { type CorrelationId, fromStore, type ShopDomain } from "../../../../src/domain/ids.ts";
import type { MetricFamily } from "../../../../src/domain/telemetry/metric-family.ts";
import { type EvaluateAlertsDeps, evaluateAlerts } from "../../../../src/services/alerts/evaluate-alerts.ts";
import type { GateStatus } from "../../../../src/services/gate-contract.ts";
import { d1Alerts } from "../../../../src/store/d1-alerts.ts";
import { SqliteD1 } from "../../../support/d1/sqlite-d1.ts";

const MINUTE_MS = 60_000;
const SHOP = fromStore<ShopDomain>("a.myshopify.com");

let d1: SqliteD1;
let sent: AlertChange[][];
let lagSeconds: number;
let ids: number;
let nowMs: number;
beforeEach(() => {
  d1 = new SqliteD1();
  sent = [];
  lagSeconds = 0;
  ids = 0;
  nowMs = 10 ** 9;
});

const families = (): readonly MetricFamily[] => [
  {
    ...{ name: "onhand_queue_lag_seconds", help: "", type: "gauge" },
    samples: [{ value: lagSeconds, labels: { queue: "q" } }],
  },
];
const deps = (more: Partial<EvaluateAlertsDeps> = {}): EvaluateAlertsDeps => ({
  store: d1Alerts(d1.db),
  metrics: async () => families(),
  gateStatus: async () => ({ pausedReason: null, queued: 0, sending: 0 }) as unknown as GateStatus,
  send: async (changes) => void sent.push([...changes]),
  ...{ shops: [SHOP], queues: ["q"], minuteMs: MINUTE_MS, sourceMsMax: 50, log: () => {} },
  newId: () => `writer-${++ids}`,
  ...more,
});
const minute = async (lag: number, more: Partial<EvaluateAlertsDeps> = {}) => {
  lagSeconds = lag;
  nowMs += MINUTE_MS;
  return evaluateAlerts(deps(more), nowMs);
};
const said = (): readonly string[] => sent.flat().map(({ alert, change }) => `${alert} ${change}`);

describe("an evaluation", () => {
  it("remembers from minute to minute, and queues what changed once", async () => {
    for (const lag of [40, 40, 40, 40]) await minute(lag);
    expect(said()).toEqual(["queue_lag fired"]);
    for (const lag of [1, 1, 1, 1]) await minute(lag);
    expect(said()).toEqual(["queue_lag fired", "queue_lag recovered"]);
    const changes = await d1Alerts(d1.db).changes(10);
    expect(changes.map(({ change, subject }) => `${change} ${subject}`)).toEqual(["recovered q", "fired q"]);
  });

  it("queues in the next minute, under the same id, what the queue did not take", async () => {
    const away = async (): Promise<void> => {
      throw new Error("away");
    };
    for (const lag of [40, 40]) await minute(lag);
    await expect(minute(40, { send: away })).rejects.toThrow("away");
    expect((await d1Alerts(d1.db).unqueued(10)).map(({ change }) => change)).toEqual(["fired"]);
    await minute(40);
    expect(said()).toEqual(["queue_lag fired"]);
    await minute(40);
    expect(said()).toEqual(["queue_lag fired"]);
  });

  it("that began from the same memory as another one is dropped", async () => {
    for (const lag of [40, 40]) await minute(lag);
    lagSeconds = 40;
    const [one, other] = await Promise.all([
      evaluateAlerts(deps(), nowMs + MINUTE_MS),
      evaluateAlerts(deps(), nowMs + MINUTE_MS + 1),
    ]);
    expect([one, other].filter((changes) => changes === null)).toHaveLength(1);
    expect(said()).toEqual(["queue_lag fired"]);
  });

  it("of a cron that comes late is none", async () => {
    await minute(0);
    expect(await evaluateAlerts(deps(), nowMs - 1)).toBeNull();
  });

  it("goes on without a gate that does not answer", async () => {
    await minute(0, { gateStatus: () => new Promise(() => {}) });
    const { states } = (await d1Alerts(d1.db).memory()) ?? { states: [] };
    expect(states.find(({ alert }) => alert === "token_refused")).toMatchObject({ isKnown: false });
    expect(states.find(({ alert }) => alert === "queue_lag")).toMatchObject({ isKnown: true });
  });

  it("goes by what an operator set", async () => {
    const set = {
      alert: "queue_lag",
      threshold: 5,
      forMinutes: 0,
      reason: "flash sale",
      actor: "admin",
      atMs: 1,
    } as const;
    const audit = {
      ...{ atMs: 1, actor: "admin", action: "alert.threshold_set", subject: "queue_lag", detail: {} },
      correlationId: fromStore<CorrelationId>("c"),
    };
    await d1Alerts(d1.db).putOverride(set, audit);
    await minute(6);
    expect(sent.flat()).toMatchObject([{ alert: "queue_lag", severity: "critical", threshold: 5 }]);
    const over = { ...audit, action: "alert.threshold_reset" };
    expect(await d1Alerts(d1.db).deleteOverride("queue_lag", over)).toBe(true);
    expect(await d1Alerts(d1.db).deleteOverride("queue_lag", over)).toBe(false);
    expect(d1.database.prepare("SELECT action FROM audit_log ORDER BY id").all()).toEqual([
      { action: "alert.threshold_set" },
      { action: "alert.threshold_reset" },
    ]);
  });

  it("tells what reconciliations found: levels that differ, subscriptions that are missing", async () => {
    const run = (id: string, counts: object) =>
      d1.database
        .prepare(
          `INSERT INTO reconciliation_runs (id, shop, scope, dry_run, trigger_kind, actor, correlation_id, status, cursor, counts, notes,
             created_at_ms, ended_at_ms) VALUES (?, ?, '{}', 0, 'schedule', '', '', 'done', '{}', ?, '[]', ?, ?)`,
        )
        .run(id, SHOP, JSON.stringify(counts), nowMs, nowMs);
    const finding = d1.database.prepare(
      "INSERT INTO reconciliation_findings (run_id, id, state, cause, healed, created_at_ms) VALUES (?, ?, 'found', ?, ?, 0)",
    );
    run("r1", { levels: 50, mismatches: 10 });
    finding.run("r1", "webhook-ORDERS_CREATE", "subscription_refused", 0);
    finding.run("r1", "5-7", "missed_webhook", 1);
    await minute(0);
    expect(sent.flat().map(({ alert, severity, value }) => [alert, severity, value])).toEqual([
      ["mismatch_rate", "critical", 0.2],
      ["subscription_missing", "critical", 1],
    ]);
  });

  it("forgets old changes, and who was told of them", async () => {
    for (const lag of [40, 40, 40]) await minute(lag);
    const store = d1Alerts(d1.db);
    await store.noteTold("c", "log", 5);
    await store.prune(nowMs + 1);
    expect([await store.changes(10), await store.told("c")]).toEqual([[], new Set()]);
  });
});

import { beforeEach, describe, expect, it } from "vitest";
import type { Meter } from "../../../../src/domain/telemetry/meter.ts";
import {
  type AlertDestination,
  type TellAlertDeps,
  type Told,
  tellAlert,
} from "../../../../src/services/alerts/tell-alert.ts";
import { d1Alerts } from "../../../../src/store/d1-alerts.ts";
import { SqliteD1 } from "../../../support/d1/sqlite-d1.ts";

const CHANGE: Told = {
  ...{ id: "oversell//1/critical", alert: "oversell", subject: "", change: "fired", severity: "critical" },
  ...{ value: 2, threshold: 1, unit: "units", text: "2 units are sold and missing.", sinceMs: 1, atMs: 1 },
};

let d1: SqliteD1;
let told: string[];
const failing = new Set<string>();
const waiting = new Set<string>();
let nowMs: number;
let counted: string[];
beforeEach(() => {
  d1 = new SqliteD1();
  told = [];
  counted = [];
  failing.clear();
  waiting.clear();
  nowMs = 9;
});

const destination = (name: string): AlertDestination => ({
  name,
  async tell({ id }) {
    if (failing.has(name)) throw new Error("does not answer");
    if (waiting.has(name)) return { kind: "wait", untilMs: 77, reason: "open" };
    told.push(`${name} ${id}`);
    return { kind: "told" };
  },
});
const meter: Meter = {
  count: (name, labels) => void counted.push(`${name} ${Object.values(labels).join(" ")}`),
  observe: () => {},
};
const deps = (): TellAlertDeps => ({
  destinations: [destination("log"), destination("webhook"), destination("sentry")],
  ...{ store: d1Alerts(d1.db), meter, log: () => {}, ageMsMax: 1_000, nowMs: () => nowMs },
});

describe("a change of an alert", () => {
  it("is told to every destination once, however often its notification is delivered", async () => {
    await tellAlert(CHANGE, deps());
    await tellAlert(CHANGE, deps());
    expect(told).toEqual(["log", "webhook", "sentry"].map((name) => `${name} ${CHANGE.id}`));
    expect(counted).toContain("onhand_notification_sent_total webhook sent");
  });

  it("is told again to those alone who were not told", async () => {
    failing.add("webhook");
    expect(await tellAlert(CHANGE, deps())).toEqual({ kind: "failed", reason: "webhook: Error: does not answer" });
    expect(counted).toContain("onhand_notification_sent_total webhook failed");
    failing.clear();
    expect(await tellAlert(CHANGE, deps())).toEqual({ kind: "told" });
    expect(told).toEqual(["log", "sentry", "webhook"].map((name) => `${name} ${CHANGE.id}`));
  });

  it("waits for a destination whose circuit breaker is open, and says until when", async () => {
    waiting.add("webhook");
    expect(await tellAlert(CHANGE, deps())).toEqual({ kind: "wait", untilMs: 77, reason: "open" });
    expect(told).toHaveLength(2);
    expect(counted).toContain("onhand_notification_sent_total webhook postponed");
  });

  it("is given up for a destination that a day does not bring back", async () => {
    waiting.add("webhook");
    failing.add("sentry");
    nowMs = 2_000;
    expect(await tellAlert(CHANGE, deps())).toEqual({ kind: "told" });
    expect(counted).toContain("onhand_notification_sent_total webhook expired");
    expect(counted).toContain("onhand_notification_sent_total sentry expired");
  });

  it("is told although the database is away: better twice than not at all", async () => {
    d1.state = "away";
    await tellAlert(CHANGE, deps());
    expect(told).toHaveLength(3);
  });

  it("that follows another of the same alert is told by itself", async () => {
    await tellAlert(CHANGE, deps());
    await tellAlert({ ...CHANGE, id: "oversell//1/recovered", change: "recovered" }, deps());
    expect(told).toHaveLength(6);
  });
});

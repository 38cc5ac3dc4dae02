/**
 * Each alert, made to fire and to recover by its cause, in the real runtime. Evaluations get their time handed in, a minute
 * of the alerts' clock apart; what really takes time (windows of webhooks) runs on a clock scaled down. Queue lag, latency
 * under load and a database that is away: the chaos suite.
 */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type DestinationName, fromStore } from "../../src/domain/ids.ts";
import { judgeHttp } from "../../src/services/destination-breaker.ts";
import { d1Destinations } from "../../src/store/d1-destinations.ts";
import { runAlerts, takeAlert } from "../../src/wiring/alerts.ts";
import { callDestination } from "../../src/wiring/breakers.ts";
import { configOf } from "../../src/wiring/configuration.ts";
import { runMinute } from "../../src/wiring/minute.ts";
import { flushNow, meterOf } from "../../src/wiring/telemetry.ts";
import { call } from "./support/api.ts";
import { stock } from "./support/catalogue.ts";
import { HERE, SHOP } from "./support/counters.ts";
import { handOver, message } from "./support/queue.ts";
import { ReconcileShopify, type ShopLevel } from "./support/reconcile-shopify.ts";
import { ScriptedShopify } from "./support/shopify.ts";
import { until } from "./support/until.ts";
import { deliver, orderBody } from "./support/webhooks.ts";

type Change = { readonly alert: string; readonly subject: string; readonly change: string; readonly severity: string };
type Firing = { readonly alert: string; readonly subject: string; readonly severity: string; readonly known: boolean };
type Alerts = {
  readonly firing: readonly Firing[];
  readonly changes: readonly Change[];
  readonly destinations: readonly string[];
  readonly stale: boolean;
  readonly thresholds: readonly (Record<string, unknown> & { readonly name: string })[];
};

const alerts = async (): Promise<Alerts> => (await call("GET", "/v1/alerts")).body as unknown as Alerts;
const firing = async (alert: string): Promise<readonly string[]> =>
  (await alerts()).firing
    .filter((each) => each.alert === alert)
    .map(({ subject, severity }) => `${subject} ${severity}`);
const saidOf = async (alert: string): Promise<readonly string[]> =>
  (await alerts()).changes
    .filter((each) => each.alert === alert)
    .map(({ subject, change, severity }) => `${subject} ${change} ${severity}`)
    .reverse();

/** No other test calls it. */
const SECOND = "second-shop.myshopify.com";

let atMs = Date.now();
beforeEach(async () => {
  for (const table of ["memory", "changes", "told", "thresholds"]) await env.DB.exec(`DELETE FROM alert_${table}`);
  atMs = Date.now();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Minutes pass, an evaluation in each. */
async function minutes(count: number, given: object = {}): Promise<void> {
  const broken = { ...env, ...given } as unknown as Env;
  for (let minute = 0; minute < count; minute += 1) {
    await flushNow(env);
    atMs += 60_000;
    await runAlerts(broken, configOf(env), atMs);
  }
}

const move = (sku: string, body: object, key: string) =>
  call("POST", `/v1/inventory/${sku}/movements`, body, { "idempotency-key": key });

// First: later tests leave pushes behind that nobody answers, and then the gate takes its time.
describe("a reconciliation", () => {
  it("fires for levels that differed and for subscriptions that are missing, and recovers with the next one", async () => {
    const levels = new Map<string, ShopLevel>();
    const shopify = new ReconcileShopify(levels).listen();
    for (const [i, sku] of ["ALERT-2", "ALERT-3"].entries()) {
      await stock(sku, `720${i}`, 5);
      shopify.set(`720${i}`, HERE, 9);
      shopify.set(`720${i}`, "22", 0);
    }
    await env.DB.prepare("INSERT INTO reconciliation_shops (shop, callback_uri) VALUES (?, ?)")
      .bind(SHOP, "https://onhand.test/webhooks/shopify")
      .run();
    const reconcile = async () => {
      const { body } = await call("POST", "/v1/reconciliations", { scope: { shop: SHOP, skus: "all" } });
      const [run] = body["runs"] as { id: string }[];
      await until(
        async () => (await call("GET", `/v1/reconciliations/${run?.id}`)).body,
        ({ status }) => status === "done",
        20_000,
      );
    };
    await reconcile();
    await minutes(1);
    expect(await firing("mismatch_rate")).toEqual([`${SHOP} critical`]);
    // The stand-in has none of them, and makes each anew.
    expect(await firing("subscription_missing")).toEqual([`${SHOP} notice`]);
    shopify.refusesSubscriptions = true;
    await reconcile();
    await minutes(1);
    expect(await firing("subscription_missing")).toEqual([`${SHOP} critical`]);
    shopify.refusesSubscriptions = false;
    shopify.hasSubscriptions = true;
    await reconcile();
    await minutes(2);
    expect(await firing("subscription_missing")).toEqual([]);
    atMs += 60 * 60_000; // what an hour's runs found is old then
    await reconcile();
    await env.DB.prepare(
      "UPDATE reconciliation_runs SET ended_at_ms = ? WHERE id = (SELECT id FROM reconciliation_runs ORDER BY created_at_ms DESC LIMIT 1)",
    )
      .bind(atMs)
      .run();
    await minutes(6);
    expect(await saidOf("mismatch_rate")).toEqual([`${SHOP} fired critical`, `${SHOP} recovered critical`]);
  }, 90_000);
});

describe("an oversell", () => {
  it("fires with the unit that is missing, and recovers when it is found", async () => {
    await stock("ALERT-1", "7101", 1);
    await minutes(1);
    await move("ALERT-1", { kind: "sale", quantity: 3, happened: true }, "alert-1");
    const open = () => call("GET", "/v1/oversells?sku=ALERT-1&status=open");
    await until(open, ({ body }) => (body["oversells"] as unknown[]).length === 1);
    await minutes(1);
    expect(await firing("oversell")).toEqual([]); // what is over within the minute was an order ahead of its level
    await minutes(1);
    expect(await firing("oversell")).toEqual([" critical"]);
    await move("ALERT-1", { kind: "receipt", quantity: 5, locationId: HERE }, "alert-2");
    await until(open, ({ body }) => (body["oversells"] as unknown[]).length === 0);
    await minutes(2);
    expect(await firing("oversell")).toEqual([]);
    expect(await saidOf("oversell")).toEqual([" fired critical", " recovered critical"]);
  });
});

describe("dead letters", () => {
  it("fire for the queue that they died in, and recover when no more came for five minutes", async () => {
    await minutes(1);
    expect(await handOver("onhand-events", message("bad", { v: 99 }))).toMatchObject({ explicitAcks: ["bad"] });
    await until(
      async () => {
        await minutes(1);
        return firing("dead_letter_growth");
      },
      (subjects) => subjects.length > 0,
    );
    expect(await firing("dead_letter_growth")).toEqual(["onhand-events critical"]);
    await minutes(6);
    expect(await saidOf("dead_letter_growth")).toEqual([
      "onhand-events fired critical",
      "onhand-events recovered critical",
    ]);
  });
});

describe("a token that is refused", () => {
  it("fires for its shop, and recovers once the shop gives one", async () => {
    const shopify = new ScriptedShopify().listen();
    shopify.model.tokenFaults.push("refused");
    expect((await call("GET", `/v1/shops/${SECOND}/webhooks`)).status).toBe(502);
    await minutes(1);
    expect(await firing("token_refused")).toEqual([`${SECOND} critical`]);
    await call("POST", `/v1/shops/${SECOND}/gate/resume`);
    await minutes(2);
    expect(await saidOf("token_refused")).toEqual([`${SECOND} fired critical`, `${SECOND} recovered critical`]);
  });
});

describe("a circuit breaker", () => {
  it("that opens fires for its destination, one that an operator isolates is a notice, and closed both recover", async () => {
    const name = fromStore<DestinationName>("webhook/alerts.example.com");
    const says = async (status: number, calls: number) => {
      for (let i = 0; i < calls; i += 1)
        await callDestination(env, { waitUntil: () => {} }, name, async () =>
          judgeHttp(new Response(null, { status }), status),
        );
    };
    await d1Destinations(env.DB).note(name, Date.now());
    await minutes(1);
    await says(503, 20);
    await minutes(1);
    expect(await firing("breaker_open")).toEqual([`${name} critical`]);
    // An operator's release ends its pause; two answers close it.
    await call("POST", `/v1/breakers/${name}/release`);
    await says(200, 2);
    await minutes(3);
    await call("POST", `/v1/breakers/${name}/isolate`, { reason: "their deploy" });
    await minutes(1);
    expect(await firing("breaker_open")).toEqual([`${name} notice`]);
    await call("POST", `/v1/breakers/${name}/release`);
    await says(200, 2);
    await minutes(3);
    expect((await saidOf("breaker_open")).filter((said) => said.startsWith(name))).toEqual([
      `${name} fired critical`,
      `${name} recovered critical`,
      `${name} fired notice`,
      `${name} recovered notice`,
    ]);
  });
});

describe("webhooks", () => {
  it("of a topic that usually comes fire by their silence, and recover with the next one", async () => {
    // A minute of the alerts' clock is 40 ms, so that a window of webhooks is 400 ms.
    const windowMs = 400;
    const config = { ...configOf(env), timing: { ...configOf(env).timing, alertMinuteMs: windowMs / 10 } };
    const evaluate = async () => {
      await flushNow(env);
      await runAlerts(env, config, Date.now());
    };
    // Their pace is the meter's own: the receiver tells what it counted only once a second.
    for (let window = 0; window < 22; window += 1) {
      meterOf(env).count("onhand_webhook_accepted_total", { topic: "orders/create" });
      await evaluate();
      await scheduler.wait(windowMs - (Date.now() % windowMs));
    }
    expect(await firing("webhooks_silent")).toEqual([]);
    await until(
      async () => {
        await evaluate();
        return firing("webhooks_silent");
      },
      (subjects) => subjects.includes("orders/create critical"),
    );
    const body = orderBody("81000", [{ id: "1", variant: "9", quantity: 1 }]);
    expect((await deliver({ topic: "orders/create", body })).status).toBe(200);
    await until(
      async () => {
        await evaluate();
        return firing("webhooks_silent");
      },
      (subjects) => subjects.length === 0,
    );
    const said = await saidOf("webhooks_silent");
    expect(said.at(0)).toMatch(/^orders\/create fired/);
    expect(said.at(-1)).toBe("orders/create recovered critical");
  }, 60_000);
});

describe("what only an outage or load brings about", () => {
  it("fires and recovers by what queues and telemetry tell: lag, rate limits, latency", async () => {
    const lagging = (ageMs: number) => ({
      SHOPIFY_SYNC: {
        metrics: async () => ({
          backlogCount: 1,
          backlogBytes: 9,
          oldestMessageTimestamp: new Date(Date.now() - ageMs),
        }),
      },
    });
    await minutes(1);
    meterOf(env).count("onhand_gate_rate_limited_total", { shop: SECOND, code: "THROTTLED" }, 6);
    for (let i = 0; i < 20; i += 1) meterOf(env).observe("onhand_event_to_shopify_seconds", { shop: SECOND }, 50);
    await minutes(3, lagging(40_000));
    expect(await firing("queue_lag")).toEqual(["onhand-shopify-sync critical"]);
    expect(await firing("rate_limited")).toEqual([`${SECOND} critical`]);
    expect(await firing("sync_latency")).toEqual([`${SECOND} critical`]);
    await minutes(12, lagging(100));
    expect(await saidOf("queue_lag")).toEqual([
      "onhand-shopify-sync fired critical",
      "onhand-shopify-sync recovered critical",
    ]);
    expect((await saidOf("sync_latency")).at(-1)).toBe(`${SECOND} recovered critical`);
    expect((await saidOf("rate_limited")).at(-1)).toBe(`${SECOND} recovered critical`);
  });

  it("is told without the database while that is away, and written down when it is back", async () => {
    const away = () => {
      throw new Error("D1_ERROR: database is locked");
    };
    const evaluateWith = (given: Env): Promise<void> => {
      atMs += 60_000;
      return runAlerts(given, configOf(env), atMs);
    };
    const sent: unknown[] = [];
    const broken = { ...env, DB: { prepare: away, batch: away } } as unknown as Env;
    const withQueue = {
      ...broken,
      NOTIFICATIONS: { sendBatch: away },
    } as unknown as Env;
    // A queue that refuses just then once kept anybody from ever hearing of it.
    for (let failures = 0; failures < 2; failures += 1) await evaluateWith(withQueue);
    Object.assign(withQueue, { NOTIFICATIONS: { sendBatch: async (all: unknown[]) => void sent.push(...all) } });
    for (let failures = 0; failures < 4; failures += 1) await evaluateWith(withQueue);
    expect(sent).toMatchObject([
      { body: { kind: "alert", alert: "not_evaluated", change: "fired", severity: "critical" } },
    ]);
    Object.assign(withQueue, { DB: env.DB, NOTIFICATIONS: env.NOTIFICATIONS });
    await evaluateWith(withQueue);
    expect(await saidOf("not_evaluated")).toEqual([" fired critical", " recovered critical"]);
  });
});

describe("the minute's cron", () => {
  it("alerts are evaluated although the rest of the minute hangs", async () => {
    // Rules are spread first, by a statement that never comes back.
    const hanging = (sql: string) =>
      sql.includes("channel_rules")
        ? { bind: () => hanging(sql), all: () => new Promise(() => {}) }
        : env.DB.prepare(sql);
    const DB = { prepare: hanging, batch: (all: D1PreparedStatement[]) => env.DB.batch(all) };
    void runMinute({ ...env, DB } as unknown as Env, atMs);
    expect(await until(alerts, ({ stale }) => !stale)).toMatchObject({ stale: false });
  });
});

describe("GET /v1/alerts", () => {
  it("shows every alert with its threshold and reason, what fires, and where it is told", async () => {
    await minutes(1);
    const { thresholds, destinations } = await alerts();
    expect(destinations).toEqual(["log"]);
    expect(thresholds).toHaveLength(10);
    expect(thresholds.find(({ name }) => name === "queue_lag")).toMatchObject({
      ...{ per: "queue", threshold: 30, default: 30, unit: "s", forSeconds: 120, windowSeconds: null, override: null },
      reason: expect.stringContaining("below a second"),
    });
  });

  it("goes by an operator's threshold until it is deleted, and says who set it and why", async () => {
    const path = "/v1/alerts/thresholds/oversell";
    const put = await call("PUT", path, { threshold: 1_000, reason: "a sale of the last units" });
    expect(put.body).toMatchObject({ name: "oversell", override: { threshold: 1_000, actor: "admin" } });
    const shown = (await alerts()).thresholds.find(({ name }) => name === "oversell");
    expect(shown).toMatchObject({ threshold: 1_000, default: 1, override: { reason: "a sale of the last units" } });
    expect((await call("DELETE", path)).body).toEqual({ name: "oversell", override: null });
    const { results } = await env.DB.prepare(
      "SELECT actor, action FROM audit_log WHERE subject = 'oversell' ORDER BY id",
    ).all();
    expect(results).toEqual([
      { actor: "admin", action: "alert.threshold_set" },
      { actor: "admin", action: "alert.threshold_reset" },
    ]);
    expect((await alerts()).thresholds.find(({ name }) => name === "oversell")).toMatchObject({ threshold: 1 });
  });

  it.each([
    ["oversell", { threshold: 0, reason: "never" }, 400, "threshold"],
    ["breaker_open", { threshold: 2, reason: "quiet" }, 400, "threshold"],
    ["queue_lag", { threshold: 60 }, 400, "reason"],
    ["queue_lag", { threshold: 60, forMinutes: -1, reason: "x" }, 400, "forMinutes"],
    ["queue_lag", { threshold: "60", reason: "x" }, 400, "threshold"],
    ["nothing", { threshold: 1, reason: "x" }, 404, "name"],
  ])("refuses %s set to %j", async (name, body, status, field) => {
    const answer = await call("PUT", `/v1/alerts/thresholds/${name}`, body);
    expect([answer.status, answer.body["field"]]).toEqual([status, field]);
  });

  it("is told as a metric, for each alert and severity", async () => {
    const { exports } = await import("cloudflare:workers");
    const headers = { authorization: `Bearer ${configOf(env).adminToken}` };
    const text = await (await exports.default.fetch("https://onhand.test/metrics", { headers })).text();
    expect(text.match(/^onhand_alerts_firing\{alert="[a-z_]+",severity="[a-z]+"\} [01]$/gm)).toHaveLength(40);
  });
});

describe("a notification of an alert", () => {
  it("goes to the operator's webhook through its circuit breaker, and waits while that is isolated", async () => {
    const config = { ...configOf(env), alertWebhook: { url: "https://hooks.example.org/7", secret: "s".repeat(20) } };
    const requests: Request[] = [];
    vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
      requests.push(new Request(url, init));
      return new Response("ok");
    });
    const take = takeAlert(env, config, { waitUntil: () => {} });
    const notice = (sinceMs: number) => ({
      ...({
        v: 1,
        kind: "alert",
        id: `oversell//${sinceMs}`,
        alert: "oversell",
        subject: "",
        change: "fired",
      } as const),
      ...({ severity: "critical", value: 1, threshold: 1, unit: "units", text: "Missing.", sinceMs } as const),
      atMs: Date.now(),
    });
    expect(await take(notice(1))).toEqual({ kind: "told" });
    expect(await take(notice(1))).toEqual({ kind: "told" });
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual(["POST https://hooks.example.org/7"]);
    await d1Destinations(env.DB).note(fromStore<DestinationName>("webhook/hooks.example.org"), Date.now());
    await call("POST", "/v1/breakers/webhook/hooks.example.org/isolate", { reason: "theirs" });
    expect(await take(notice(2))).toMatchObject({ kind: "wait", untilMs: null });
    expect(requests).toHaveLength(1);
    await call("POST", "/v1/breakers/webhook/hooks.example.org/release");
    expect(await take(notice(2))).toEqual({ kind: "told" });
    expect(requests).toHaveLength(2);
  });

  it("is logged and counted once, although its queue delivers it twice", async () => {
    const notice = {
      ...{ v: 1, kind: "alert", id: "queue_lag/onhand-events/5", alert: "queue_lag", subject: "onhand-events" },
      ...{
        change: "fired",
        severity: "critical",
        value: 40,
        threshold: 30,
        unit: "s",
        text: "It lags.",
        sinceMs: 5,
        atMs: 5,
      },
    };
    for (const id of ["one", "again"])
      expect(await handOver("onhand-notifications", message(id, notice))).toMatchObject({ explicitAcks: [id] });
    const { results } = await env.DB.prepare("SELECT change_id, destination FROM alert_told").all();
    expect(results).toEqual(
      ["log", "notifications"].map((destination) => ({ change_id: "queue_lag/onhand-events/5/critical", destination })),
    );
  });
});

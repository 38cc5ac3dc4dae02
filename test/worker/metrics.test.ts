/** What really happened, as `/metrics` tells it: real webhooks and events through the real Worker, its queues and objects. */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { Telemetry } from "../../durable-objects/telemetry.ts";
import type { Flush } from "../../src/domain/telemetry/flush.ts";
import type { Sums } from "../../src/domain/telemetry/sums.ts";
import { newTally } from "../../src/domain/telemetry/tally.ts";
import { parseExposition, type ReadFamily } from "../support/telemetry/parse-exposition.ts";
import { RecordingDataset } from "../support/telemetry/recording-dataset.ts";
import { call } from "./support/api.ts";
import { stock } from "./support/catalogue.ts";
import { TEST_ENV } from "./support/test-env.ts";
import { until } from "./support/until.ts";
import { deliver, orderBody } from "./support/webhooks.ts";

async function scrape(): Promise<readonly ReadFamily[]> {
  const headers = { authorization: `Bearer ${TEST_ENV.ADMIN_TOKEN}` };
  const response = await exports.default.fetch("https://onhand.test/metrics", { headers });
  expect(response.status).toBe(200);
  return parseExposition(await response.text());
}

/** Added up over the labels that are not asked for; null: no such series. */
function valueIn(families: readonly ReadFamily[], name: string, labels: Readonly<Record<string, string>> = {}) {
  const matching = families
    .flatMap(({ samples }) => samples)
    .filter((each) => each.name === name && Object.entries(labels).every(([key, value]) => each.labels[key] === value));
  return matching.length === 0 ? null : matching.reduce((sum, { value }) => sum + value, 0);
}

const order = (id: string, variant: string, quantity = 1) => orderBody(id, [{ id: `${id}1`, variant, quantity }]);
const ORDERS = { topic: "orders/create" };

/** All sorts of deliveries, each as many times as the test below expects. */
async function trade(): Promise<void> {
  await stock("MET-1", "9101", 50);
  const again = { "x-shopify-webhook-id": "metrics-again" };
  for (const [i, headers] of [{}, {}, again, again].entries())
    await deliver({ ...ORDERS, body: order(i < 2 ? `88010${i}` : "880109", "9101"), headers });
  await deliver({ ...ORDERS, body: order("880201", "99999999") });
  await deliver({ ...ORDERS, body: order("880301", "9101"), secret: "another" });
  await deliver({ ...ORDERS, body: "[]" });
  await deliver({ topic: "themes/update", body: "{}" });
  await exports.default.fetch("https://onhand.test/webhooks/shopify");
  const lines = [{ sku: "MET-1", quantity: 2 }];
  const held = await call("POST", "/v1/reservations", { lines, ttlSeconds: 600 }, { "idempotency-key": "met-r1" });
  expect(held.status).toBe(201);
  await call("POST", `/v1/reservations/${held.body["id"]}/commit`, {}, { "idempotency-key": "met-r2" });
  const much = [{ sku: "MET-1", quantity: 5_000 }];
  await call("POST", "/v1/reservations", { lines: much, ttlSeconds: 600 }, { "idempotency-key": "met-r3" });
}

describe("GET /metrics", () => {
  it("tells in Prometheus' format what webhooks, events and reservations came to", async () => {
    await trade();
    const consumed = (families: readonly ReadFamily[]) => valueIn(families, "onhand_events_consumed_total", ORDERS);
    const ended = (families: readonly ReadFamily[]) =>
      valueIn(families, "onhand_reservation_settled_total", { outcome: "committed" });
    const told = await until(scrape, (families) => consumed(families) === 5 && ended(families) === 1);
    const values = (name: string, ...labels: readonly Readonly<Record<string, string>>[]) =>
      labels.map((each) => valueIn(told, name, each));
    expect(values("onhand_webhook_accepted_total", ORDERS)).toEqual([5]);
    const refusals = [{ reason: "signature_mismatch" }, { reason: "method" }, { reason: "too_large" }];
    expect(values("onhand_webhook_refused_total", ...refusals)).toEqual([1, 1, null]);
    expect(values("onhand_webhook_dropped_total", { topic: "other", reason: "topic_not_needed" })).toEqual([1]);
    const outcomes = ["counted", "duplicate", "dead"].map((outcome) => ({ outcome }));
    expect(values("onhand_events_consumed_total", ...outcomes)).toEqual([3, 1, 1]);
    expect(values("onhand_events_duplicate_total", ORDERS)).toEqual([1]);
    expect(values("onhand_event_to_counted_seconds_count", ORDERS)).toEqual([3]);
    const deaths = [
      { queue: "onhand-events", code: "unknown_variant" },
      { queue: "ingress/shopify", code: "wrong_shape" },
    ];
    expect(values("onhand_dead_letter_stored_total", ...deaths)).toEqual([1, 1]);
    expect(values("onhand_dead_letters_waiting", ...deaths)).toEqual([1, 1]);
    expect(values("onhand_reservation_settled_total", { outcome: "granted" }, { outcome: "refused" })).toEqual([1, 1]);
    expect(valueIn(told, "onhand_queue_wait_seconds_count", { queue: "onhand-events" })).toBeGreaterThan(0);
    expect(values("onhand_queue_lag_seconds", { queue: "onhand-shopify-sync-dlq" })).toEqual([0]);
    const ageSeconds = Date.now() / 1_000 - (values("onhand_webhook_last_accepted_timestamp_seconds", ORDERS)[0] ?? 0);
    expect(ageSeconds).toBeGreaterThanOrEqual(0);
    expect(ageSeconds).toBeLessThan(30);
    expect(
      told.find(({ name }) => name === "onhand_metrics_source_up")?.samples.map(({ value }) => value),
    ).not.toContain(0);
  });

  it("tells no counter lower than before, though every object that holds one is evicted", async () => {
    const before = await scrape();
    for (let shard = 0; shard < 4; shard += 1)
      await evictDurableObject(env.TELEMETRY.get(env.TELEMETRY.idFromName(`telemetry-${shard}`)));
    const after = await scrape();
    const rising = before.filter(({ type }) => type !== "gauge").flatMap(({ samples }) => samples);
    expect(rising.length).toBeGreaterThan(30);
    for (const { name, labels, value } of rising) {
      const now = valueIn(after, name, labels);
      expect([name, labels, (now ?? -1) >= value]).toEqual([name, labels, true]);
    }
  });
});

/** A Telemetry object of the real class on real storage, with a dataset that is none of the platform's. */
async function tell(dataset: RecordingDataset | undefined, flush: Flush): Promise<Sums> {
  const stub = env.TELEMETRY.get(env.TELEMETRY.idFromName(`analytics ${flush.id}`));
  return runInDurableObject(stub, async (_, state) => {
    const object = new Telemetry(state, { ...env, METRICS: dataset } as unknown as Env);
    await object.add(flush);
    return object.sums();
  });
}

function flushOf(id: string): Flush {
  const tally = newTally();
  tally.count("onhand_message_retried_total", { queue: "onhand-events", code: "counter" }, 3);
  tally.observe("onhand_queue_wait_seconds", { queue: "onhand-events" }, 0.5);
  return { id, atMs: 1, delta: tally.take(250) };
}

describe("Analytics Engine", () => {
  it("is told of a flush by one point per series, by the object that adds it up", async () => {
    const dataset = new RecordingDataset();
    const { counters } = await tell(dataset, flushOf("one"));
    expect(Object.values(counters)).toMatchObject([{ name: "onhand_message_retried_total", value: 3 }]);
    const points = dataset.next();
    expect(points.map(({ indexes, doubles }) => [...indexes, doubles[0]])).toEqual([
      ["onhand_message_retried_total", 3],
      ["onhand_queue_wait_seconds", 1],
    ]);
    expect(points[0]?.blobs.filter((blob) => blob !== null)).toEqual([
      ...["onhand_message_retried_total", "onhand-events", "counter"],
    ]);
  });

  it("may be taken out of the deployment: the sums are kept all the same", async () => {
    const { counters } = await tell(undefined, flushOf("none"));
    expect(Object.values(counters)).toMatchObject([{ value: 3 }]);
  });
});

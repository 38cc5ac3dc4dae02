/** What a scraper gets from the real Worker after a little trade: every metric as the catalogue says, and as Prometheus wants it. */
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stack, startStack } from "../../dev/stack/stack.ts";
import {
  COUNTERS,
  type CounterSpec,
  GAUGES,
  HISTOGRAMS,
  TABLE_COUNTERS,
} from "../../src/domain/telemetry/catalogue.ts";
import { parseExposition, type ReadFamily } from "../support/telemetry/parse-exposition.ts";

const hasPromtool = spawnSync("promtool", ["--version"]).error === undefined;
if (!hasPromtool && process.env["ONHAND_REQUIRE_PROMTOOL"] === "1")
  throw new Error("promtool is required and not installed");

const SKU = "METRICS-01";
/** The little trade, all of it told to Telemetry and read from there, takes some two seconds. */
const TOLD_MS_MAX = 30_000;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    port: 0,
    foreign: null,
    simulator: { seed: 41, courier: { retryScale: 0.001 } },
    seed(shop) {
      shop.seedCatalogue({ skus: 1, locations: 1 });
      shop.addProduct({ title: SKU, variants: [{ sku: SKU, priceCents: 1_000 }] });
      const [location] = shop.store.locations;
      if (location !== undefined) shop.editLevel({ sku: SKU }, location.id, { available: 20 });
    },
    say: () => {},
  });
});
afterAll(() => stack.stop());

async function scrape(): Promise<{ readonly text: string; readonly families: readonly ReadFamily[] }> {
  const response = await fetch(`${stack.file.worker}/metrics`, {
    headers: { authorization: `Bearer ${stack.file.adminToken}` },
  });
  expect([response.status, response.headers.get("content-type")]).toEqual([
    200,
    "text/plain; version=0.0.4; charset=utf-8",
  ]);
  const text = await response.text();
  return { text, families: parseExposition(text) };
}

const post = (path: string, body: object) =>
  fetch(`${stack.file.worker}${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${stack.file.adminToken}`,
      "content-type": "application/json",
      "idempotency-key": `metrics-test-${crypto.randomUUID()}`,
    },
    body: JSON.stringify(body),
  });

/** A webhook that somebody else has made up. */
const sendForged = () =>
  fetch(`${stack.file.worker}/webhooks/shopify`, {
    method: "POST",
    headers: {
      "x-shopify-topic": "orders/create",
      "x-shopify-shop-domain": stack.simulator?.shop ?? "",
      "x-shopify-hmac-sha256": btoa("x".repeat(32)),
    },
    body: "{}",
  });

/** What of each kind of metric the trade below must have moved: a counter, or a histogram's count, summed over its series. */
const MOVED: Readonly<Record<string, number>> = {
  onhand_webhook_accepted_total: 3,
  onhand_webhook_refused_total: 1,
  onhand_events_consumed_total: 3,
  onhand_event_to_counted_seconds_count: 3,
  onhand_gate_call_total: 1,
  onhand_gate_call_rows_count: 1,
  onhand_mirror_read_total: 2,
  onhand_reservation_settled_total: 1,
};

const sumOf = (families: readonly ReadFamily[], name: string, having: Readonly<Record<string, string>> = {}): number =>
  families
    .flatMap(({ samples }) => samples)
    .filter((sample) => sample.name === name)
    .filter(({ labels }) => Object.entries(having).every(([label, value]) => labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);

it("tells what was traded, as the catalogue names it, with its labels", async () => {
  for (let i = 0; i < 3; i += 1) stack.simulator?.createOrder({ lines: [{ sku: SKU, quantity: 1 }] });
  expect((await post(`/v1/inventory/${SKU}/adjustments`, { delta: -1, reason: "shrinkage" })).status).toBe(201);
  expect((await post("/v1/reservations", { lines: [{ sku: SKU, quantity: 1 }], ttlSeconds: 60 })).status).toBe(201);
  expect((await sendForged()).status).toBe(401);

  await expect
    .poll(
      async () => {
        await stack.client.call("GET", `/v1/inventory/${SKU}`);
        const { families } = await scrape();
        // The dashboard and the rules ask for this outcome by name.
        const hits = sumOf(families, "onhand_mirror_read_total", { outcome: "hit" });
        return [
          ...Object.entries(MOVED).filter(([name, least]) => sumOf(families, name) < least),
          ...(hits > 0 ? [] : ["hits of the mirror"]),
        ];
      },
      { timeout: TOLD_MS_MAX, interval: 250 },
    )
    .toEqual([]);

  const { families } = await scrape();
  expect(families.flatMap(unlikeCatalogue)).toEqual([]);
  const down = families.find(({ name }) => name === "onhand_metrics_source_up")?.samples.filter((s) => s.value !== 1);
  expect(down).toEqual([]);
  for (const gauge of ["onhand_queue_backlog_messages", "onhand_queue_lag_seconds", "onhand_oversells_open"])
    expect(families.map(({ name }) => name)).toContain(gauge);
});

it.skipIf(!hasPromtool)("tells it in a form in which promtool finds nothing to blame (needs promtool)", async () => {
  const { text } = await scrape();
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
  expect([status, stdout, stderr]).toEqual([0, "", ""]);
});

const specs: Readonly<Record<ReadFamily["type"], Readonly<Record<string, CounterSpec>>>> = {
  counter: { ...COUNTERS, ...TABLE_COUNTERS },
  gauge: GAUGES,
  histogram: HISTOGRAMS,
};

function unlikeCatalogue({ name, type, help, samples }: ReadFamily): readonly string[] {
  const spec = specs[type][name];
  if (spec === undefined || spec.help !== help) return [`${name} is not in the catalogue as this ${type}`];
  const awaited = JSON.stringify([...spec.labels].sort());
  const wrong = samples.find(
    ({ labels: { le: _, ...labels } }) => JSON.stringify(Object.keys(labels).sort()) !== awaited,
  );
  return wrong === undefined ? [] : [`${wrong.name} has labels ${Object.keys(wrong.labels)}`];
}

import { describe, expect, it } from "vitest";
import { type Observed, readingsOf, type ShopFacts } from "../../../../src/domain/alerts/readings.ts";
import { type Sample, sampleOf, withSample } from "../../../../src/domain/alerts/sample.ts";
import { HISTOGRAMS } from "../../../../src/domain/telemetry/catalogue.ts";
import type { Labels, MetricFamily } from "../../../../src/domain/telemetry/metric-family.ts";

const MINUTE_MS = 60_000;
const SHOP = "a.myshopify.com";
const { buckets } = HISTOGRAMS.onhand_event_to_shopify_seconds;

const family = (name: string, ...samples: readonly (readonly [number, Labels])[]): MetricFamily => ({
  ...{ name, help: "", type: "gauge" },
  samples: samples.map(([value, labels]) => ({ value, labels })),
});
/** `count` observations in the bucket up to `seconds`. */
const latency = (count: number, seconds: number): MetricFamily => ({
  ...{ name: "onhand_event_to_shopify_seconds", help: "", type: "histogram" },
  samples: [
    { labels: { shop: SHOP }, buckets, counts: [...buckets, 0].map((b) => (b === seconds ? count : 0)), sum: 0 },
  ],
});
const FACTS: ShopFacts = { shop: SHOP, pausedReason: "", pushesWaiting: 0, subscriptions: null, compared: null };

type Given = { readonly families?: readonly MetricFamily[]; readonly facts?: Partial<ShopFacts> };

/** One observation per minute; the readings of the last. */
function read(...minutes: readonly Given[]) {
  let samples: readonly Sample[] = [];
  let observed: Observed | null = null;
  for (const [i, { families = [], facts = {} }] of minutes.entries()) {
    const nowMs = 10 ** 9 + i * MINUTE_MS;
    samples = withSample(samples, sampleOf(families, nowMs), 5 * MINUTE_MS);
    const shops = [{ ...FACTS, ...facts }];
    observed = { families, shops, samples, queues: ["q", "q-dlq"], topics: [], nowMs, minuteMs: MINUTE_MS };
  }
  const readings = observed === null ? [] : readingsOf(observed);
  return (alert: string, subject = SHOP): number | null | undefined =>
    readings.find((each) => each.alert === alert && each.subject === subject)?.value;
}
const died = (count: number): Given => ({
  families: [family("onhand_dead_letter_stored_total", [count, { queue: "q", code: "x" }])],
});

describe("readings", () => {
  it("count what rose within the window, not what stood there before", () => {
    expect(read(died(7), died(7))("dead_letter_growth", "q")).toBe(0);
    expect(read(died(7), died(9))("dead_letter_growth", "q")).toBe(2);
    const old = [died(1), died(5), ...Array<Given>(6).fill(died(5))];
    expect(read(...old)("dead_letter_growth", "q")).toBe(0);
  });

  it("know nothing of a rise before there is anything to count from", () => {
    expect(read(died(7))("dead_letter_growth", "q")).toBeNull();
  });

  it("count the first letter of a series that nobody had told of", () => {
    expect(read({}, died(1))("dead_letter_growth", "q")).toBe(1);
  });

  it("take a counter that is smaller than it was for one that began anew", () => {
    expect(read(died(100), died(3))("dead_letter_growth", "q")).toBe(3);
  });

  it("count letters that pile up before a database that is away", () => {
    const piled = (count: number): Given => ({
      families: [family("onhand_queue_backlog_messages", [count, { queue: "q-dlq" }])],
    });
    expect(read(piled(1), piled(4))("dead_letter_growth", "q")).toBe(3);
  });

  it("are unknown where the telemetry did not answer", () => {
    const away: Given = { families: [family("onhand_metrics_source_up", [0, { source: "telemetry 0" }])] };
    expect(read(died(1), away)("rate_limited")).toBeNull();
    expect(read(died(1), away)("sync_latency")).toBeNull();
  });

  it("tell the 95th percentile of the window's latencies alone", () => {
    expect(read({ families: [latency(1_000, 60)] }, { families: [latency(1_000, 60)] })("sync_latency")).toBe(0);
    const slow = read({ families: [latency(0, 60)] }, { families: [latency(10, 60)] })("sync_latency");
    expect(slow).toBeCloseTo(30 + 0.95 * 30);
  });

  it("do not call a shop quick to which nothing gets through", () => {
    const facts = { pushesWaiting: 4 };
    expect(read({}, { facts })("sync_latency")).toBeNull();
  });

  it("tell the lag of each queue, and nothing of one that did not say", () => {
    const reading = read({ families: [family("onhand_queue_lag_seconds", [12, { queue: "q" }])] });
    expect([reading("queue_lag", "q"), reading("queue_lag", "q-dlq")]).toEqual([12, null]);
  });

  it.each([
    [0, 0],
    [1, 1],
    [2, 1],
    [3, 0.5],
  ])("take a breaker in state %i for %f", (state, value) => {
    const reading = read({ families: [family("onhand_breaker_state", [state, { destination: "shopify/a" }])] });
    expect(reading("breaker_open", "shopify/a")).toBe(value);
  });

  it.each([
    ["", 0],
    ["token_invalid_client", 1],
    ["unauthorized", 1],
    ["app_uninstalled", 1],
    ["throttled", 0],
    ["HTTP_503", null],
    ["stopped", null],
    [null, null],
  ])("take a gate that pauses for %j as a token refusal of %j", (pausedReason, value) => {
    expect(read({ facts: { pausedReason } })("token_refused")).toBe(value);
  });

  it.each([
    [{ missing: 0, mended: 0 }, 0],
    [{ missing: 2, mended: 2 }, 0.5],
    [{ missing: 2, mended: 1 }, 1],
    [null, null],
  ])("take subscriptions found as %j for %j", (subscriptions, value) => {
    expect(read({ facts: { subscriptions } })("subscription_missing")).toBe(value);
  });

  it("do not make a large share of one level among few", () => {
    const rate = (levels: number, mismatches: number) =>
      read({ facts: { compared: { levels, mismatches } } })("mismatch_rate");
    expect([rate(2, 1), rate(100, 10), rate(0, 0)]).toEqual([0.05, 0.1, 0]);
  });
});

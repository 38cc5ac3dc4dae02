import { describe, expect, it } from "vitest";
import { metricsText } from "../../../../src/api/metrics-text.ts";
import type { BreakerStatus } from "../../../../src/domain/breaker/status.ts";
import { type DestinationName, fromStore } from "../../../../src/domain/ids.ts";
import { gaugeOf } from "../../../../src/domain/telemetry/family-of.ts";
import { merged } from "../../../../src/domain/telemetry/metric-family.ts";
import { EMPTY_BOOK } from "../../../../src/domain/telemetry/sums.ts";
import { destinationsSource } from "../../../../src/services/telemetry/breaker-sources.ts";
import { queueSource } from "../../../../src/services/telemetry/queue-source.ts";
import { type MetricSource, readMetrics } from "../../../../src/services/telemetry/read-metrics.ts";
import { recordedSource } from "../../../../src/services/telemetry/recorded-source.ts";
import { deadLetterSource, oversellSource } from "../../../../src/services/telemetry/sources.ts";
import { parseExposition } from "../../../support/telemetry/parse-exposition.ts";

const pushes = (shop: string, value: number) => gaugeOf("onhand_gate_pushes_waiting", [{ value, labels: { shop } }]);
const source = (name: string, read: MetricSource["read"]): MetricSource => ({ name, read });
const silent = () => {};

describe("readMetrics", () => {
  it("leaves out a source that fails or hangs, says so, and tells the rest", async () => {
    const warned: unknown[] = [];
    const families = await readMetrics({
      sources: [
        source("good", async () => [pushes("a", 1)]),
        source("broken", () => Promise.reject(new Error("away"))),
        source("hanging", () => new Promise(() => {})),
      ],
      msMax: 20,
      log: (_, event, fields) => warned.push([event, fields?.code, fields?.reason]),
    });
    expect(families.map(({ name }) => name)).toEqual(["onhand_gate_pushes_waiting", "onhand_metrics_source_up"]);
    expect(families[1]?.samples).toEqual([
      { value: 1, labels: { source: "good" } },
      { value: 0, labels: { source: "broken" } },
      { value: 0, labels: { source: "hanging" } },
    ]);
    expect(warned).toEqual([
      ["metrics.source_failed", "broken", "Error: away"],
      ["metrics.source_failed", "hanging", "TimeoutError: no reply in time"],
    ]);
  });

  it("puts what two sources know of one metric into one family: the format allows each name once", async () => {
    const sources = ["a", "b"].map((shop, i) => source(shop, async () => [pushes(shop, i)]));
    const [family] = await readMetrics({ sources, msMax: 1_000, log: silent });
    expect(family?.samples).toEqual([
      { value: 0, labels: { shop: "a" } },
      { value: 1, labels: { shop: "b" } },
    ]);
  });
});

it("prints a counter that a table keeps once: telemetry printed it a second time, at 0", async () => {
  const counts = async () => ({ open: 1, units: 2, unitsEver: 7 });
  const sources = [recordedSource([{ sums: async () => EMPTY_BOOK }]), oversellSource({ counts })];
  const read = parseExposition(metricsText(await readMetrics({ sources, msMax: 1_000, log: silent })));
  const told = read.find(({ name }) => name === "onhand_oversold_units_total")?.samples;
  expect(told).toEqual([{ name: "onhand_oversold_units_total", labels: {}, value: 7 }]);
});

describe("queueSource", () => {
  const read = async (metrics: { backlogCount: number; backlogBytes: number; oldestMessageTimestamp?: Date }) => {
    const families = await queueSource("q", { metrics: async () => metrics }, () => 10_000).read();
    return Object.fromEntries(families.map(({ name, samples }) => [name, samples]));
  };
  const labels = { queue: "q" };

  it("tells backlog, bytes and the age of the oldest message", async () => {
    expect(await read({ backlogCount: 3, backlogBytes: 300, oldestMessageTimestamp: new Date(7_500) })).toEqual({
      onhand_queue_backlog_messages: [{ value: 3, labels }],
      onhand_queue_backlog_bytes: [{ value: 300, labels }],
      onhand_queue_lag_seconds: [{ value: 2.5, labels }],
    });
  });

  it("does not take the epoch's first moment, which an empty queue tells, for a lag of fifty years", async () => {
    const told = await read({ backlogCount: 0, backlogBytes: 0, oldestMessageTimestamp: new Date(0) });
    expect(told["onhand_queue_lag_seconds"]).toEqual([{ value: 0, labels }]);
    expect(await read({ backlogCount: 2, backlogBytes: 9 })).not.toHaveProperty("onhand_queue_lag_seconds");
  });

  it("tells nothing where the runtime knows no metrics of its queues", async () => {
    expect(await queueSource("q", {}, () => 0).read()).toEqual([]);
  });
});

describe("deadLetterSource", () => {
  it("tells of a queue without waiting letters, too, so that its first one is seen as growth", async () => {
    const counts = async () => [
      { origin: "queue/a", code: "x", letters: 2 },
      { origin: "ingress/shopify", code: "y", letters: 1 },
    ];
    const [family] = await deadLetterSource(["a", "b"], counts).read();
    expect(family?.samples).toEqual([
      { value: 2, labels: { queue: "a", code: "x" } },
      { value: 1, labels: { queue: "ingress/shopify", code: "y" } },
      { value: 0, labels: { queue: "b", code: "" } },
    ]);
  });
});

describe("destinationsSource", () => {
  it("tells each breaker's state as a number, and leaves out an object that does not answer", async () => {
    const states = { a: "closed", b: "half_open", c: "open", d: "isolated" } as const;
    const state = async (name: string) => {
      if (!(name in states)) throw new Error("away");
      return states[name as keyof typeof states];
    };
    const names = ["a", "b", "gone", "c", "d"].map((name) => fromStore<DestinationName>(name));
    const stub = (name: string) => ({ status: async () => ({ state: await state(name) }) as BreakerStatus });
    const [family] = merged(await destinationsSource(async () => names, stub).read());
    expect(family?.samples).toEqual(
      ["a", "b", "c", "d"].map((destination, value) => ({ value, labels: { destination } })),
    );
  });
});

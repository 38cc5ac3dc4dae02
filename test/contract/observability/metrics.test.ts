/** What `/metrics` prints is what Prometheus reads, whatever family of the catalogue it prints. */
import { expect, it } from "vitest";
import { metricsText } from "../../../src/api/metrics-text.ts";
import {
  COUNTERS,
  type CounterSpec,
  GAUGES,
  HISTOGRAMS,
  type HistogramSpec,
} from "../../../src/domain/telemetry/catalogue.ts";
import type { Labels, MetricFamily } from "../../../src/domain/telemetry/metric-family.ts";
import { describeWithPromtool, promtool } from "./promtool.ts";

/** Worse than any label that we give. */
const AWKWARD = 'a "quoted" \\ back\nnew line, é';
const labelsOf = ({ labels }: CounterSpec): Labels => Object.fromEntries(labels.map((label) => [label, AWKWARD]));

const single = (type: "counter" | "gauge", specs: Readonly<Record<string, CounterSpec>>): readonly MetricFamily[] =>
  Object.entries(specs).map(([name, spec]) => ({
    ...{ name, type, help: spec.help },
    samples: [{ value: 1.5e9, labels: labelsOf(spec) }],
  }));

const histograms = Object.entries<HistogramSpec>(HISTOGRAMS).map(
  ([name, spec]): MetricFamily => ({
    ...{ name, type: "histogram", help: spec.help },
    samples: [
      { labels: labelsOf(spec), buckets: spec.buckets, counts: [...spec.buckets.map((_, i) => i), 7], sum: 12.25 },
    ],
  }),
);

const families = [...single("counter", COUNTERS), ...single("gauge", GAUGES), ...histograms];

it("gives names and labels the form that Prometheus wants, counters their _total, and no label that Prometheus needs itself", () => {
  const misnamed = families.filter(({ name, type }) => {
    const isForm = /^onhand_[a-z0-9]+(_[a-z0-9]+)*$/.test(name);
    return !isForm || name.endsWith("_total") !== (type === "counter") || /_(bucket|sum|count)$/.test(name);
  });
  expect(misnamed.map(({ name }) => name)).toEqual([]);
  const labels = families.flatMap(({ samples }) => samples.flatMap((sample) => Object.keys(sample.labels ?? {})));
  expect(
    labels.filter((label) => !/^[a-z][a-z_]*$/.test(label) || ["le", "quantile", "job", "instance"].includes(label)),
  ).toEqual([]);
});

describeWithPromtool("promtool", () => {
  it("finds nothing to blame in any family of the catalogue", () => {
    expect(promtool(["check", "metrics"], metricsText(families))).toEqual({ code: 0, output: "" });
  });

  it("blames what is wrong, so that its silence says something", () => {
    const { code, output } = promtool(["check", "metrics"], "# TYPE onhand_things counter\nonhand_things 1\n");
    expect(code).not.toBe(0);
    expect(output).toContain("onhand_things");
  });
});

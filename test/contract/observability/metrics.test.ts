/** What `/metrics` prints is what Prometheus reads, whatever family of the catalogue it prints. */
import { expect, it } from "vitest";
import { metricsText } from "../../../src/api/metrics-text.ts";
import {
  COUNTERS,
  type CounterSpec,
  GAUGES,
  HISTOGRAMS,
  type HistogramSpec,
  TABLE_COUNTERS,
} from "../../../src/domain/telemetry/catalogue.ts";
import type { Labels, MetricFamily } from "../../../src/domain/telemetry/metric-family.ts";
import { parseExposition } from "../../support/telemetry/parse-exposition.ts";
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

const families = [...single("counter", { ...COUNTERS, ...TABLE_COUNTERS }), ...single("gauge", GAUGES), ...histograms];

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

it("is read back as it was meant, awkward labels and all", () => {
  const read = parseExposition(metricsText(families));
  expect(read.map(({ name, type, help }) => ({ name, type, help }))).toEqual(
    families.map(({ name, type, help }) => ({ name, type, help })),
  );
  for (const { samples } of read)
    for (const { labels } of samples) {
      const { le: _, ...rest } = labels;
      expect(new Set([...Object.values(rest), AWKWARD])).toEqual(new Set([AWKWARD]));
    }
  const buckets = read.find(({ name }) => name === "onhand_gate_call_rows")?.samples;
  expect(
    buckets?.map(({ name, labels, value }) => [name.replace("onhand_gate_call_rows", ""), labels["le"], value]),
  ).toEqual([
    ...[
      ["_bucket", "1", 0],
      ["_bucket", "2", 1],
      ["_bucket", "5", 3],
      ["_bucket", "10", 6],
      ["_bucket", "25", 10],
    ],
    ...[
      ["_bucket", "50", 15],
      ["_bucket", "100", 21],
      ["_bucket", "250", 28],
      ["_bucket", "+Inf", 35],
    ],
    ...[
      ["_sum", undefined, 12.25],
      ["_count", undefined, 35],
    ],
  ]);
});

it.each([
  ["a series twice", "# HELP a b\n# TYPE a gauge\na 1\na 2\n"],
  ["a family twice", "# HELP a b\n# TYPE a gauge\na 1\n# HELP a b\n# TYPE a gauge\n"],
  ["a sample of no family", "a 1\n"],
  ["a label without an end", '# HELP a b\n# TYPE a gauge\na{b="c} 1\n'],
  ["a bare quote in a label", '# HELP a b\n# TYPE a gauge\na{b="c"d"} 1\n'],
  ["no number", "# HELP a b\n# TYPE a gauge\na null\n"],
  ["a last line without its end", "# HELP a b\n# TYPE a gauge\na 1"],
  [
    "buckets that are not cumulative",
    '# HELP a b\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
  ],
  ["a histogram without +Inf", '# HELP a b\n# TYPE a histogram\na_bucket{le="1"} 2\na_sum 1\na_count 2\n'],
])("would be noticed, were it to print %s", (_, text) => {
  expect(() => parseExposition(text)).toThrow();
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

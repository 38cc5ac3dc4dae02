/** What an expression asks for that Onhand does not tell: metrics, their labels, and labels that a legend names. */
import {
  COUNTERS,
  type CounterSpec,
  GAUGES,
  HISTOGRAMS,
  TABLE_COUNTERS,
} from "../../../src/domain/telemetry/catalogue.ts";
import { type Expression, parsePromql } from "./promql.ts";

type Labels = ReadonlySet<string>;

/** Labels that the scraper itself adds to each series. */
const OF_TARGET = ["job", "instance"];

const counters: Readonly<Record<string, CounterSpec>> = { ...COUNTERS, ...TABLE_COUNTERS };
const histograms: Readonly<Record<string, CounterSpec>> = HISTOGRAMS;
const gauges: Readonly<Record<string, CounterSpec>> = GAUGES;

export class PromqlReader {
  /** Recording rules met so far: name → labels of their series. */
  readonly #recorded = new Map<string, Labels>();
  readonly problems: string[] = [];
  /** Every metric of the catalogue that was asked for, without a histogram's suffix. */
  readonly metrics = new Set<string>();

  /** @returns the labels of the answer's series */
  read(expression: string, where: string): Labels {
    return this.#labels(parsePromql(expression), where) ?? new Set();
  }

  record(name: string, labels: Labels): void {
    this.#recorded.set(name, labels);
  }

  /** Null: a number, which has no labels and takes those of the other side. */
  #labels(expression: Expression, where: string): Labels | null {
    if (expression.kind === "scalar") return null;
    if (expression.kind === "selector") {
      const labels = this.labelsOf(expression.metric, where);
      this.#demand(
        expression.matchers.map(({ label }) => label),
        labels,
        `${where}: ${expression.metric}`,
      );
      return labels;
    }
    if (expression.kind === "binary") {
      const [left, right] = expression.sides.map((side) => this.#labels(side, where));
      for (const side of [left, right]) if (side) this.#demand(expression.on ?? [], side, `${where}: on`);
      return left ?? right ?? null;
    }
    const args = expression.args.map((arg) => this.#labels(arg, where)).filter((labels) => labels !== null);
    if (expression.kind === "aggregate") {
      for (const labels of args) this.#demand(expression.by, labels, `${where}: ${expression.name} by`);
      return new Set(expression.by);
    }
    const labels = args[0] ?? null;
    if (expression.name !== "histogram_quantile" || labels === null) return labels;
    this.#demand(["le"], labels, `${where}: histogram_quantile`);
    return new Set([...labels].filter((label) => label !== "le"));
  }

  labelsOf(metric: string, where: string): Labels {
    const recorded = this.#recorded.get(metric);
    if (recorded !== undefined) return recorded;
    if (metric === "up") return new Set(OF_TARGET);
    const [, base = "", suffix = ""] = /^(.*)_(bucket|sum|count)$/.exec(metric) ?? [];
    const spec = counters[metric] ?? gauges[metric] ?? histograms[base];
    if (spec === undefined) {
      const why = metric in histograms ? "is a histogram: ask for its _bucket, _sum or _count" : "is not told";
      this.problems.push(`${where}: ${metric} ${why}`);
      return new Set(OF_TARGET);
    }
    this.metrics.add(spec === histograms[base] ? base : metric);
    return new Set([...OF_TARGET, ...spec.labels, ...(suffix === "bucket" && base in histograms ? ["le"] : [])]);
  }

  #demand(labels: readonly string[], known: Labels, where: string): void {
    for (const label of labels) if (!known.has(label)) this.problems.push(`${where}: no label "${label}"`);
  }
}

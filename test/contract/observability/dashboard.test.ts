/** The dashboard asks only for what Onhand tells, and Grafana can show it as it is meant. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { COUNTERS, GAUGES, HISTOGRAMS, TABLE_COUNTERS } from "../../../src/domain/telemetry/catalogue.ts";
import { dashboard, graphs, type Place, queries } from "./dashboard.ts";
import { PromqlReader } from "./promql-problems.ts";
import { describeWithPromtool, promtool } from "./promtool.ts";

const KNOWN_UNITS = ["short", "s", "bytes", "cps", "percentunit"];
const variables = dashboard.templating.list.map(({ name }) => name);

it("asks for metrics of the catalogue alone, by labels that they have, and names no other label in a legend", () => {
  const reader = new PromqlReader();
  for (const { where, expr, legend } of queries) {
    const labels = reader.read(expr, where);
    for (const [, label = ""] of legend.matchAll(/\{\{\s*(\w+)\s*\}\}/g))
      if (!labels.has(label)) reader.problems.push(`${where}: the legend names "${label}"`);
  }
  expect(reader.problems).toEqual([]);
});

it("shows every metric of the catalogue", () => {
  const reader = new PromqlReader();
  for (const { where, expr } of queries) reader.read(expr, where);
  const all = [COUNTERS, TABLE_COUNTERS, HISTOGRAMS, GAUGES].flatMap((specs) => Object.keys(specs));
  expect(all.filter((name) => !reader.metrics.has(name))).toEqual([]);
});

it("chooses its data source, deployment, shops and queues by variables that exist", () => {
  expect(variables).toEqual(["datasource", "job", "shop", "queue"]);
  const used = JSON.stringify(dashboard.panels).match(/\$\{?[a-zA-Z_]+/g) ?? [];
  const builtIn = ["__interval", "__rate_interval"];
  expect([...new Set(used)].map((name) => name.replace(/^\$\{?/, "")).sort()).toEqual(
    [...builtIn, ...variables].sort(),
  );
  const sources = graphs.flatMap(({ datasource, targets = [] }) => [datasource, ...targets.map((t) => t.datasource)]);
  const others = sources.filter((source) => source?.type !== "prometheus" || !/^\$\{datasource\}$/.test(source.uid));
  expect(others).toEqual([]);
});

it("takes the variables' values from metrics and labels that exist", () => {
  const reader = new PromqlReader();
  const missing = dashboard.templating.list.flatMap(({ name, type, definition = "" }) => {
    if (type !== "query") return [];
    const [, selector = "", label = ""] = /^label_values\((.*), (\w+)\)$/.exec(definition) ?? [];
    return selector !== "" && reader.read(selector, name).has(label) ? [] : [`${name}: ${definition}`];
  });
  expect([...missing, ...reader.problems]).toEqual([]);
});

it("filters every query by the deployment, so that two in one Prometheus are told apart", () => {
  const unfiltered = queries.filter(({ expr }) => {
    const metrics = expr.match(/onhand_\w+/g) ?? [];
    return metrics.length === 0 || metrics.length !== (expr.match(/onhand_\w+\{job=~"\$job"/g) ?? []).length;
  });
  expect(unfiltered).toEqual([]);
});

it("gives each panel an id, a title of its own, a description and a unit that Grafana knows", () => {
  const ids = dashboard.panels.map(({ id }) => id);
  const titles = dashboard.panels.map(({ title }) => title);
  expect([new Set(ids).size, new Set(titles).size]).toEqual([ids.length, titles.length]);
  const bare = graphs.filter(({ type, description = "", fieldConfig }) => {
    const { unit, mappings = [] } = fieldConfig?.defaults ?? {};
    const isShown = mappings.length > 0 || type === "heatmap" || KNOWN_UNITS.includes(unit ?? "");
    return description.length < 10 || !isShown;
  });
  expect(bare.map(({ title }) => title)).toEqual([]);
});

it("counts what a bar or a cell shows once: over the panel's own step, which is never shorter than four scrapes", () => {
  const wrong = graphs.filter(({ type, interval, targets = [], fieldConfig }) => {
    const isCounting = type === "heatmap" || fieldConfig?.defaults.custom?.drawStyle === "bars";
    const asks = (step: string): boolean => targets.some(({ expr }) => expr.includes(step));
    return isCounting ? interval !== "2m" || asks("$__rate_interval") : asks("$__interval") || asks("increase(");
  });
  expect(wrong.map(({ title }) => title)).toEqual([]);
});

it("gives each query of a panel its own refId", () => {
  for (const { title, targets = [] } of graphs) {
    expect(targets.length, title).toBeGreaterThan(0);
    expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length);
  }
});

it("lays its panels out within 24 columns, none over another, and each below its row", () => {
  const overlaps = (a: Place, b: Place): boolean =>
    a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
  const faults = dashboard.panels.flatMap((panel, i) => {
    const { gridPos: at, title } = panel;
    const outside = at.x < 0 || at.x + at.w > 24 || at.w < 1 || at.h < 1 ? [`${title} is outside`] : [];
    const under = dashboard.panels.slice(i + 1).filter((other) => overlaps(at, other.gridPos));
    return [...outside, ...under.map((other) => `${title} lies over ${other.title}`)];
  });
  expect(faults).toEqual([]);
  const order = dashboard.panels.map(({ gridPos }) => gridPos.y * 24 + gridPos.x);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(dashboard.panels[0]?.type).toBe("row");
});

it("says which panels it needs, and is of a schema that Grafana 10 knows", () => {
  const needed = dashboard.__requires.filter(({ type }) => type === "panel").map(({ id }) => id);
  expect(needed.sort()).toEqual([...new Set(graphs.map(({ type }) => type))].sort());
  expect(dashboard.schemaVersion).toBe(38);
});

describeWithPromtool("promtool", () => {
  it("reads every expression of the dashboard", () => {
    const folder = mkdtempSync(join(tmpdir(), "onhand-dashboard-"));
    try {
      const rules = queries.map(({ expr }, i) => ({
        record: `panel:query:${i}`,
        expr: expr.replaceAll(/\$__(rate_)?interval/g, "5m"),
      }));
      const file = join(folder, "queries.yml");
      writeFileSync(file, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
      const { code, output } = promtool(["check", "rules", file]);
      expect([code, output]).toEqual([0, expect.stringContaining(`${rules.length} rules found`)]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

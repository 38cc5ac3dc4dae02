/** The rules ask only for what Onhand tells, and each is known to fire, and to be over. */
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ROOT } from "../config/read-toml.ts";
import { PromqlReader } from "./promql-problems.ts";
import { describeWithPromtool, promtool } from "./promtool.ts";
import { readRules } from "./read-rules.ts";

const FOLDER = `${ROOT}/docs/observability`;
const rules = readRules(`${FOLDER}/alert-rules.yml`);
const alerts = rules.filter(({ kind }) => kind === "alert");

it("reads every rule of the file", () => {
  const lines = readFileSync(`${FOLDER}/alert-rules.yml`, "utf8").match(/^\s*- (alert|record): /gm) ?? [];
  expect(rules.length).toBe(lines.length);
  expect(alerts.length).toBeGreaterThanOrEqual(14);
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
});

it("asks for metrics of the catalogue, or recordings above it in its group, by labels that they have, and names no other label in a text", () => {
  const readers = new Map(rules.map(({ group }) => [group, new PromqlReader()]));
  for (const { group, kind, name, expr, labels, annotations } of rules) {
    const reader = readers.get(group) ?? new PromqlReader();
    const answered = reader.read(expr, name);
    if (kind === "record") reader.record(name, answered);
    for (const text of [...Object.values(labels), ...Object.values(annotations)])
      for (const [, label = ""] of text.matchAll(/\$labels\.(\w+)/g))
        if (!answered.has(label)) reader.problems.push(`${name}: its text names "${label}"`);
  }
  expect(Array.from(readers.values(), ({ problems }) => problems).flat()).toEqual([]);
});

it("gives each alert a severity, a summary, and a page that says what to do", () => {
  const bare = alerts.filter(({ labels, annotations }) => {
    const { summary = "", runbook = "" } = annotations;
    const isSevere = /^(notice|warning|high|critical|"\{\{ \$labels\.severity \}\}")$/.test(labels["severity"] ?? "");
    const [page = "", anchor] = runbook.split("#");
    const isThere = page !== "" && existsSync(`${ROOT}/${page}`);
    const text = isThere ? readFileSync(`${ROOT}/${page}`, "utf8") : "";
    const isAnchored = anchor === undefined || headings(text).includes(anchor);
    return !isSevere || summary.length < 10 || !isThere || !isAnchored;
  });
  expect(bare.map(({ name }) => name)).toEqual([]);
});

it("has, for each alert, a rule test in which it fires and one in which it does not", () => {
  const tests = readFileSync(`${FOLDER}/alert-rules.test.yml`, "utf8");
  const untested = alerts.filter(({ name }) => {
    const cases = tests.split(/\n {6}- /).filter((each) => new RegExp(`alertname: ${name}\\b`).test(each));
    const calm = cases.filter((each) => each.includes("exp_alerts: []")).length;
    return calm === 0 || cases.length === calm;
  });
  expect(untested.map(({ name }) => name)).toEqual([]);
});

/** As a reader of Markdown makes them. */
const headings = (markdown: string): readonly string[] =>
  Array.from(markdown.matchAll(/^#+ (.+)$/gm), ([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

describeWithPromtool("promtool", () => {
  it("finds the rules valid", () => {
    const { code, output } = promtool(["check", "rules", `${FOLDER}/alert-rules.yml`]);
    expect([code, output]).toEqual([0, expect.stringContaining(`${rules.length} rules found`)]);
  });

  it("sees each alert fire after its time, not before, and recover", () => {
    const { code, output } = promtool(["test", "rules", `${FOLDER}/alert-rules.test.yml`]);
    expect([code, output]).toEqual([0, expect.stringContaining("SUCCESS")]);
  });
});

/** Each alert is brought about by a fault in the chaos suite, and is over with it: the page of the suite says where. */
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ALERT_NAMES } from "../../../src/domain/alerts/alert-table.ts";
import { NOT_EVALUATED } from "../../../src/domain/alerts/evaluate.ts";
import { ROOT } from "../config/read-toml.ts";

const page = readFileSync(`${ROOT}/docs/chaos.md`, "utf8");

/** Lines of the table that begin with an alert. */
const scenariosOf = (alert: string): readonly { readonly file: string; readonly title: string }[] =>
  page
    .split("\n")
    .filter((line) => line.startsWith(`| \`${alert}\` |`))
    .flatMap((line) =>
      Array.from(line.matchAll(/`([a-z0-9-]+\.test\.ts)` "([^"]+)"/g), ([, file = "", title = ""]) => ({
        file,
        title,
      })),
    );

it.each([...ALERT_NAMES, NOT_EVALUATED])("a test of the chaos suite makes %s fire, and the page names it", (alert) => {
  const scenarios = scenariosOf(alert);
  expect(scenarios.length).toBeGreaterThan(0);
  const wrong = scenarios.filter(({ file, title }) => {
    const path = `${ROOT}/test/chaos/${file}`;
    if (!existsSync(path)) return true;
    const text = readFileSync(path, "utf8");
    return !text.includes(title) || !text.includes(`"${alert}"`);
  });
  expect(wrong).toEqual([]);
});

/** A metric of the catalogue that nobody tells would be a panel that stays empty, and an alert that never fires. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { COUNTERS, GAUGES, HISTOGRAMS, TABLE_COUNTERS } from "../../../src/domain/telemetry/catalogue.ts";
import { ROOT } from "../config/read-toml.ts";

/** What calls one of these with a metric's name tells it; whoever only reads (the alerts) does not. */
const TELLS = /\b(?:count|observe|gaugeOf|tableCounterOf)\(\s*["`](onhand_[a-z0-9_${}]+)["`]/g;

const told = ["src", "durable-objects"].flatMap((folder) =>
  readdirSync(`${ROOT}/${folder}`, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .flatMap((path) =>
      Array.from(readFileSync(`${ROOT}/${folder}/${path}`, "utf8").matchAll(TELLS), ([, name = ""]) => name),
    ),
);
/** A name that is put together from a word: `onhand_dead_letter_${what}_total`. */
const patterns = told.map((name) => new RegExp(`^${name.replaceAll(/\$\{\w+\}/g, "[a-z]+")}$`));

it("every metric of the catalogue is told by somebody", () => {
  const all = [COUNTERS, TABLE_COUNTERS, HISTOGRAMS, GAUGES].flatMap((specs) => Object.keys(specs));
  expect(all.filter((name) => !patterns.some((pattern) => pattern.test(name)))).toEqual([]);
});

/** Events, metrics and docs/observability/logs.md say the same names; and no name stands for nothing. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { COUNTERS } from "../../../src/domain/telemetry/catalogue.ts";
import { LOG_EVENTS, METRICS_WITHOUT_EVENT } from "../../../src/observability/log-events.ts";
import { ROOT } from "../config/read-toml.ts";

const metricOf = (event: string): string => `onhand_${event.replace(".", "_")}_total`;

/** All that is shipped, but the table itself. */
const source = ["src", "durable-objects"]
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.endsWith("log-events.ts"))
      .map((name) => readFileSync(join(ROOT, folder, name), "utf8")),
  )
  .join("\n");

describe("log events", () => {
  it("are named thing.happened, and each is logged somewhere", () => {
    const names = Object.keys(LOG_EVENTS);
    expect(names.filter((name) => !/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/.test(name))).toEqual([]);
    // The outcome of a call to Shopify is put behind `gate.call_`.
    const isLogged = (name: string) =>
      source.includes(`"${name}"`) ||
      (name.startsWith("gate.call_") && source.includes(`"${name.slice("gate.call_".length)}"`));
    expect(names.filter((name) => !isLogged(name))).toEqual([]);
  });

  it("stand behind every counter, but those that say why not", () => {
    const metrics = new Set(Object.keys(LOG_EVENTS).map(metricOf));
    const counters = Object.keys(COUNTERS);
    expect(counters.filter((name) => !metrics.has(name) && METRICS_WITHOUT_EVENT[name] === undefined)).toEqual([]);
    expect(Object.keys(METRICS_WITHOUT_EVENT).filter((name) => !counters.includes(name) || metrics.has(name))).toEqual(
      [],
    );
  });

  it("are told one by one in docs/observability/logs.md", () => {
    const text = readFileSync(join(ROOT, "docs/observability/logs.md"), "utf8");
    const rows = Array.from(
      text.matchAll(/^\| `([a-z_]+\.[a-z_]+)` \| (\w+) \| (.+) \|$/gm),
      ([, name, level, meaning]) => [name, { level, meaning }],
    );
    expect(Object.fromEntries(rows)).toEqual(LOG_EVENTS);
  });
});

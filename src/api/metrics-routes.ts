/** What a scraper asks for: each number is read at the time of asking. */
import { Hono } from "hono";
import type { AppEnv } from "./app-env.ts";
import { METRICS_CONTENT_TYPE, type Metric, metricsText } from "./metrics-text.ts";

export const metricsRoutes = new Hono<AppEnv>().get("/", async (c) => {
  const { open, units, unitsEver } = await c.get("services").oversells.counts();
  const metrics: readonly Metric[] = [
    { name: "onhand_oversells_open", type: "gauge", help: "SKUs oversold now.", samples: [{ value: open }] },
    { name: "onhand_oversold_units", type: "gauge", help: "Units sold and missing now.", samples: [{ value: units }] },
    {
      name: "onhand_oversold_units_total",
      type: "counter",
      help: "The most units that each oversell was missing, summed over all oversells.",
      samples: [{ value: unitsEver }],
    },
  ];
  return c.body(metricsText(metrics), 200, { "content-type": METRICS_CONTENT_TYPE, "cache-control": "no-store" });
});

/** What a scraper asks for: each number is read at the time of asking. */
import { Hono } from "hono";
import type { ShopDomain } from "../domain/ids.ts";
import { mismatchRate } from "../domain/reconcile/run.ts";
import type { Services } from "../wiring.ts";
import type { AppEnv } from "./app-env.ts";
import { METRICS_CONTENT_TYPE, type Metric, metricsText } from "./metrics-text.ts";

export const metricsRoutes = new Hono<AppEnv>().get("/", async (c) => {
  const { oversells, shops, reconciliations } = c.get("services");
  const [{ open, units, unitsEver }, rates] = await Promise.all([
    oversells.counts(),
    Promise.all(Array.from(shops, (shop) => newestRate(shop, reconciliations))),
  ]);
  const metrics: readonly Metric[] = [
    { name: "onhand_oversells_open", type: "gauge", help: "SKUs oversold now.", samples: [{ value: open }] },
    { name: "onhand_oversold_units", type: "gauge", help: "Units sold and missing now.", samples: [{ value: units }] },
    {
      name: "onhand_oversold_units_total",
      type: "counter",
      help: "The most units that each oversell was missing, summed over all oversells.",
      samples: [{ value: unitsEver }],
    },
    {
      name: "onhand_reconciliation_mismatch_rate",
      type: "gauge",
      help: "Share of the compared levels that differed from Shopify in the newest run that came to its end.",
      samples: rates.flat(),
    },
  ];
  return c.body(metricsText(metrics), 200, { "content-type": METRICS_CONTENT_TYPE, "cache-control": "no-store" });
});

/** None for a shop that was never compared. */
async function newestRate(
  shop: ShopDomain,
  { list }: Pick<Services["reconciliations"], "list">,
): Promise<Metric["samples"]> {
  const [run] = (await list({ shop, status: "done", limit: 1 })).runs;
  const value = run === undefined ? null : mismatchRate(run.counts);
  return value === null ? [] : [{ value, labels: { shop } }];
}

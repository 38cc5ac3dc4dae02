/** What holds for every SKU that says nothing of itself: thresholds, and the rule of reordering. */
import { type Context, Hono } from "hono";
import type { ReorderRule } from "../domain/counter/reorder.ts";
import type { StockThresholds } from "../domain/counter/thresholds.ts";
import type { StockDefaultsChange, StockDefaultsView } from "../services/stock-defaults.ts";
import type { AppEnv } from "./app-env.ts";
import { parseBody } from "./parse.ts";
import { problem } from "./problem.ts";
import { reorderRuleBody, thresholdsBody } from "./wire/stock.ts";

export const defaultThresholdRoutes = new Hono<AppEnv>()
  .get("/", async (c) => c.json(thresholdsToWire(await c.get("services").stockDefaults())))
  .put("/", async (c) => {
    const body = await parseBody(c, thresholdsBody);
    if (!body.ok) return problem(c, body.error);
    return c.json(thresholdsToWire(await change(c, { thresholds: body.value as StockThresholds })));
  });

export const defaultReorderRuleRoutes = new Hono<AppEnv>()
  .get("/", async (c) => c.json(ruleToWire(await c.get("services").stockDefaults())))
  .put("/", async (c) => {
    const body = await parseBody(c, reorderRuleBody);
    if (!body.ok) return problem(c, body.error);
    return c.json(ruleToWire(await change(c, { reorderRule: body.value.rule as ReorderRule | null })));
  });

/** Who says what for all is written down. */
async function change(c: Context<AppEnv>, asked: StockDefaultsChange): Promise<StockDefaultsView> {
  const services = c.get("services");
  const view = await services.changeStockDefaults(asked);
  const action = asked.thresholds === undefined ? "reorder_rule.default_set" : "thresholds.default_set";
  const [actor, correlationId] = [c.get("actor"), c.get("correlationId")];
  const detail = { revision: view.revision };
  await services.noteStock({ atMs: Date.now(), actor, action, subject: "default", correlationId, detail });
  return view;
}

const progressToWire = ({ revision, updatedAtMs, progress }: StockDefaultsView) => ({
  ...{ revision, updatedAt: updatedAtMs === null ? null : new Date(updatedAtMs).toISOString() },
  ...progress,
});
const thresholdsToWire = (view: StockDefaultsView) => ({ thresholds: view.thresholds, ...progressToWire(view) });
const ruleToWire = (view: StockDefaultsView) => ({ rule: view.reorderRule, ...progressToWire(view) });

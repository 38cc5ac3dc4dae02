/** Alerts: what fires, what changed, how each is set; and the operator's own thresholds. */
import { Hono } from "hono";
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import { isAlertName } from "../domain/alerts/alert-table.ts";
import { alertsToWire, changeToWire, overrideToWire } from "./alerts-to-wire.ts";
import type { AppEnv } from "./app-env.ts";
import { byOf } from "./caller.ts";
import { parseBody } from "./parse.ts";
import { type Problem, problem } from "./problem.ts";

export const thresholdBody = z.strictObject({
  threshold: z.number(),
  forMinutes: z.optional(z.number().check(z.gte(0), z.lte(LIMITS.alertForMinutesMax))),
  reason: z.string().check(z.trim(), z.minLength(1), z.maxLength(300)),
});

const noSuchAlert: Problem = {
  code: "not_found",
  detail: "No alert has this name: see GET /v1/alerts.",
  field: "name",
};

export const alertRoutes = new Hono<AppEnv>()
  .get("/", async (c) => {
    const view = await c.get("services").alerts.list();
    return c.json({ ...alertsToWire(view), changes: view.changes.map(changeToWire) });
  })
  .put("/thresholds/:name", async (c) => {
    const alert = c.req.param("name");
    if (!isAlertName(alert)) return problem(c, noSuchAlert);
    const body = await parseBody(c, thresholdBody);
    if (!body.ok) return problem(c, body.error);
    const { threshold, forMinutes = null, reason } = body.value;
    const set = await c.get("services").alerts.override({ alert, threshold, forMinutes, reason }, byOf(c));
    if (set.ok) return c.json({ name: alert, override: overrideToWire(set.value) });
    const { min, max } = set.error;
    const detail = `Its threshold lies between ${min} and ${max}.`;
    return problem(c, { code: "bad_request", detail, field: "threshold", more: { min, max } });
  })
  .delete("/thresholds/:name", async (c) => {
    const alert = c.req.param("name");
    if (!isAlertName(alert)) return problem(c, noSuchAlert);
    await c.get("services").alerts.reset(alert, byOf(c));
    return c.json({ name: alert, override: null });
  });

/** What a scraper asks for: each number is read at the time of asking. */
import { Hono } from "hono";
import type { AppEnv } from "./app-env.ts";
import { METRICS_CONTENT_TYPE, metricsText } from "./metrics-text.ts";

export const metricsRoutes = new Hono<AppEnv>().get("/", async (c) => {
  const families = await c.get("services").metrics();
  return c.body(metricsText(families), 200, { "content-type": METRICS_CONTENT_TYPE, "cache-control": "no-store" });
});

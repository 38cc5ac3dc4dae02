/** What was told, to whom, and what came of it. */
import { Hono } from "hono";
import { newsToWire } from "../domain/notification/render.ts";
import type { AppEnv } from "./app-env.ts";
import { byOf } from "./caller.ts";
import { deliveryToWire } from "./notifications-to-wire.ts";
import { parseQuery } from "./parse.ts";
import { type Problem, problem } from "./problem.ts";
import { notificationsQuery } from "./wire/notifications.ts";

const msOf = (time: string | undefined): number | undefined => (time === undefined ? undefined : Date.parse(time));

export const notificationRoutes = new Hono<AppEnv>()
  .get("/", async (c) => {
    const query = parseQuery(c, notificationsQuery);
    if (!query.ok) return problem(c, query.error);
    const { from, to, ...asked } = query.value;
    const found = await c.get("services").notifications.list({ ...asked, fromMs: msOf(from), toMs: msOf(to) });
    return c.json({ notifications: found.news.map(newsToWire), next: found.nextCursor });
  })
  .get("/:id", async (c) => {
    const found = await c.get("services").notifications.get(c.req.param("id"));
    if (found === null) return problem(c, { ...UNKNOWN, detail: "No notification goes by this id." });
    return c.json({ ...newsToWire(found.news), deliveries: found.deliveries.map(deliveryToWire) });
  });

export const deliveryRoutes = new Hono<AppEnv>().post("/:id/resend", async (c) => {
  const by = byOf(c);
  const delivery = await c.get("services").notifications.resend(c.req.param("id"), by);
  if (delivery !== null) return c.json(deliveryToWire(delivery));
  return problem(c, { ...UNKNOWN, detail: "No delivery of this id is settled: one that waits is tried by itself." });
});

const UNKNOWN: Problem = { code: "not_found", detail: "There is none.", field: "id" };

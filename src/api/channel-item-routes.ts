/** What a channel calls our SKUs. */
import { Hono } from "hono";
import type { AppEnv } from "./app-env.ts";
import { byOf } from "./caller.ts";
import { badField } from "./channel-draft.ts";
import { UNKNOWN_CHANNEL } from "./channels-routes.ts";
import { dryRunQuery, parseBody, parseQuery } from "./parse.ts";
import { channelParam } from "./policy-routes.ts";
import { problem } from "./problem.ts";
import { itemsBody, itemsGoneBody, itemsQuery } from "./wire/channels.ts";

export const channelItemRoutes = new Hono<AppEnv>()
  .get("/:channel/listings", async (c) => {
    const id = channelParam(c.req.param("channel"));
    if (!id.ok) return problem(c, id.error);
    const query = parseQuery(c, itemsQuery);
    if (!query.ok) return problem(c, query.error);
    const { after = null, limit } = query.value;
    const listings = await c.get("services").channels.items(id.value, after, limit);
    if (listings === null) return problem(c, UNKNOWN_CHANNEL);
    const next = listings.length < limit ? null : (listings.at(-1)?.itemId ?? null);
    return c.json({ listings: listings.map(({ itemId, sku }) => ({ itemId, sku })), next });
  })
  .put("/:channel/listings", async (c) => {
    const id = channelParam(c.req.param("channel"));
    if (!id.ok) return problem(c, id.error);
    const query = parseQuery(c, dryRunQuery);
    if (!query.ok) return problem(c, query.error);
    const body = await parseBody(c, itemsBody);
    if (!body.ok) return problem(c, body.error);
    const dryRun = query.value.dryRun === "true";
    const mapped = await c.get("services").channels.mapItems(id.value, body.value.listings, dryRun, byOf(c));
    return mapped === null ? problem(c, UNKNOWN_CHANNEL) : c.json({ ...mapped, ...(dryRun ? { dryRun } : {}) });
  })
  .delete("/:channel/listings", async (c) => {
    const id = channelParam(c.req.param("channel"));
    if (!id.ok) return problem(c, id.error);
    const body = await parseBody(c, itemsGoneBody);
    if (!body.ok) return problem(c, body.error);
    const { itemIds, all } = body.value;
    if ((itemIds === undefined) === (all === undefined))
      return problem(c, badField("itemIds", 'say which, or "all": true'));
    const removed = await c.get("services").channels.unmapItems(id.value, itemIds ?? null, byOf(c));
    return removed === null ? problem(c, UNKNOWN_CHANNEL) : c.json({ removed });
  });

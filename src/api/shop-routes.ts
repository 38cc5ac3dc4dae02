/** A connected shop: its webhook subscriptions, and the operator's catches at its gate. */
import { type Context, Hono } from "hono";
import * as z from "zod/mini";
import { fromStore, type InventoryItemId, type PushKey, parseNumericId, parseSku, type Sku } from "../domain/ids.ts";
import type { OperatorReply } from "../services/gate-contract.ts";
import type { Released } from "../services/release-listing.ts";
import type { AppEnv } from "./app-env.ts";
import { parseSettings } from "./gate-settings.ts";
import { levelsToWire } from "./levels-to-wire.ts";
import { dryRunQuery, parseBody, parseQuery } from "./parse.ts";
import { type Problem, problem } from "./problem.ts";
import { gateParam, notOk, shopParam } from "./shop-param.ts";

export const webhooksBody = z.strictObject({
  uri: z.url().check(z.maxLength(2_000)),
  replace: z.optional(z.boolean()),
});
export const releaseBody = z.strictObject({ sku: z.string() });
export const resolveBody = z.strictObject({ applied: z.boolean() });

export const shopRoutes = new Hono<AppEnv>()
  .get("/:shop/webhooks", async (c) => {
    const shop = await shopParam(c);
    if (!shop.ok) return problem(c, shop.error);
    const reply = await c.get("services").listWebhooks(shop.value);
    return reply.kind === "ok" ? c.json({ subscriptions: reply.value }) : problem(c, notOk(reply));
  })
  .post("/:shop/webhooks/sync", async (c) => {
    const shop = await shopParam(c);
    if (!shop.ok) return problem(c, shop.error);
    const body = await parseBody(c, webhooksBody);
    if (!body.ok) return problem(c, body.error);
    const { uri, replace = false } = body.value;
    const reply = await c.get("services").syncWebhooks(shop.value, uri, replace);
    return reply.kind === "ok" ? c.json(reply.value) : problem(c, notOk(reply));
  })
  .post("/:shop/listings/:item/release", async (c) => {
    const shop = await shopParam(c);
    if (!shop.ok) return problem(c, shop.error);
    const item = parseNumericId<InventoryItemId>("inventory item", c.req.param("item"));
    if (!item.ok)
      return problem(c, { code: "bad_request", detail: "An inventory item's id is a number.", field: "item" });
    const body = await parseBody(c, releaseBody);
    if (!body.ok) return problem(c, body.error);
    const sku = parseSku(body.value.sku);
    if (!sku.ok) return problem(c, { code: "bad_request", detail: "This can be no SKU.", field: "sku" });
    const query = parseQuery(c, dryRunQuery);
    if (!query.ok) return problem(c, query.error);
    const dryRun = query.value.dryRun === "true";
    const correlationId = c.get("correlationId");
    const released = await c.get("services").release(shop.value, item.value, sku.value, correlationId, dryRun);
    return releaseReply(c, released, sku.value, dryRun);
  })
  .get("/:shop/gate", async (c) => {
    const shop = await gateParam(c);
    return shop.ok ? c.json(await c.get("services").gate(shop.value).status()) : problem(c, shop.error);
  })
  .patch("/:shop/gate", async (c) => {
    const shop = await gateParam(c);
    if (!shop.ok) return problem(c, shop.error);
    const settings = await parseSettings(c);
    if (!settings.ok) return problem(c, settings.error);
    return c.json(await c.get("services").gate(shop.value).configure(settings.value));
  })
  .post("/:shop/gate/resume", async (c) => {
    const shop = await gateParam(c);
    return shop.ok ? c.json(await c.get("services").gate(shop.value).resume()) : problem(c, shop.error);
  })
  .get("/:shop/gate/pushes", async (c) => {
    const shop = await gateParam(c);
    return shop.ok ? c.json({ pushes: await c.get("services").gate(shop.value).held() }) : problem(c, shop.error);
  })
  .get("/:shop/gate/pushes/:key", async (c) => {
    const shop = await gateParam(c);
    if (!shop.ok) return problem(c, shop.error);
    const evidence = await c.get("services").gate(shop.value).evidence(keyParam(c));
    return evidence === null ? problem(c, UNKNOWN_PUSH) : c.json(evidence);
  })
  .post("/:shop/gate/pushes/:key/approve", async (c) => {
    const shop = await gateParam(c);
    if (!shop.ok) return problem(c, shop.error);
    return operatorReply(c, await c.get("services").gate(shop.value).approve(keyParam(c)));
  })
  .post("/:shop/gate/pushes/:key/cancel", async (c) => {
    const shop = await gateParam(c);
    if (!shop.ok) return problem(c, shop.error);
    return operatorReply(c, await c.get("services").gate(shop.value).cancel(keyParam(c)));
  })
  .post("/:shop/gate/pushes/:key/resolve", async (c) => {
    const shop = await gateParam(c);
    if (!shop.ok) return problem(c, shop.error);
    const body = await parseBody(c, resolveBody);
    if (!body.ok) return problem(c, body.error);
    return operatorReply(c, await c.get("services").gate(shop.value).resolve(keyParam(c), body.value.applied));
  });

const keyParam = (c: Context<AppEnv>): PushKey => fromStore<PushKey>(c.req.param("key") ?? "");

const UNKNOWN_PUSH: Problem = { code: "not_found", detail: "The gate knows no push by this key.", field: "key" };

function releaseReply(c: Context<AppEnv>, released: Released, sku: Sku, dryRun: boolean): Response {
  const mark = dryRun ? { dryRun } : {};
  switch (released.kind) {
    case "former_sku":
      return c.json({ ...mark, released: "former_sku", sku });
    case "listing": {
      const levels = released.view === null ? null : levelsToWire({ view: released.view, source: "counter" });
      return c.json({ ...mark, released: "listing", sku, levels });
    }
    case "unknown_listing":
      return problem(c, { code: "not_found", detail: "No counter belongs to this item.", field: "item" });
    case "not_its_sku": {
      const detail = "This SKU does not lead to the item's counter, or another item still goes by it.";
      return problem(c, { code: "conflict", detail, field: "sku" });
    }
  }
}

function operatorReply(c: Context<AppEnv>, reply: OperatorReply): Response {
  switch (reply.kind) {
    case "done":
      return c.json({ done: true });
    case "unknown_push":
      return problem(c, UNKNOWN_PUSH);
    case "not_allowed":
      return problem(c, { code: "conflict", detail: `The push is ${reply.state}: ${reply.why}.` });
  }
}

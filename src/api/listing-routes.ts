/** A shop's listings: the report of what is counted, and giving an item to a SKU that is counted already. */
import { type Context, Hono } from "hono";
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import { fromStore, type InventoryItemId, parseNumericId, parseSku, type VariantId } from "../domain/ids.ts";
import type { Attached } from "../services/attach-listing.ts";
import { type ListingReport, STATUS_FILTERS } from "../services/list-listings.ts";
import type { AppEnv } from "./app-env.ts";
import { levelsToWire } from "./levels-to-wire.ts";
import { dryRunQuery, parseBody, parseQuery } from "./parse.ts";
import { type Problem, problem } from "./problem.ts";
import { notOk, shopParam } from "./shop-param.ts";
import { importing, unknownSku } from "./sku-problems.ts";

export const listingsQuery = z.strictObject({
  status: z._default(z.enum(STATUS_FILTERS), "unmapped"),
  after: z.optional(z.string().check(z.regex(/^\d{1,20}$/, "must be a variant's id"))),
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(LIMITS.pageRowsMax)), 50),
});
export const attachBody = z.strictObject({ sku: z.string() });

export const listingRoutes = new Hono<AppEnv>()
  .get("/:shop/listings", async (c) => {
    const shop = await shopParam(c);
    if (!shop.ok) return problem(c, shop.error);
    const query = parseQuery(c, listingsQuery);
    if (!query.ok) return problem(c, query.error);
    const { status: filter, after, limit } = query.value;
    const asked = { filter, after: after === undefined ? null : fromStore<VariantId>(after), limit };
    const { listings, next, counts } = await c.get("services").listings(shop.value, asked);
    return c.json({ listings: listings.map(toWire), next, counts });
  })
  .post("/:shop/listings/:item/attach", async (c) => {
    const shop = await shopParam(c);
    if (!shop.ok) return problem(c, shop.error);
    const item = parseNumericId<InventoryItemId>("inventory item", c.req.param("item"));
    if (!item.ok)
      return problem(c, { code: "bad_request", detail: "An inventory item's id is a number.", field: "item" });
    const query = parseQuery(c, dryRunQuery);
    if (!query.ok) return problem(c, query.error);
    const body = await parseBody(c, attachBody);
    if (!body.ok) return problem(c, body.error);
    const sku = parseSku(body.value.sku);
    if (!sku.ok) return problem(c, { code: "bad_request", detail: "This can be no SKU.", field: "sku" });
    const dryRun = query.value.dryRun === "true";
    const correlationId = c.get("correlationId");
    const request = { shop: shop.value, item: item.value, sku: sku.value, dryRun, correlationId };
    const attached = await c.get("services").attach(request);
    switch (attached.kind) {
      case "attached":
        return attachedReply(c, attached, dryRun);
      case "unknown_sku":
        return problem(c, unknownSku(sku.value));
      case "not_connected":
        return problem(c, importing(sku.value));
      default:
        return problem(c, refusalOf(attached));
    }
  });

function attachedReply(c: Context<AppEnv>, attached: Attached & { kind: "attached" }, dryRun: boolean): Response {
  const { levels, unknownLocations, view } = attached;
  return c.json({
    ...(dryRun ? { dryRun } : {}),
    sku: view.sku,
    attached: levels,
    unknownLocations,
    levels: levelsToWire({ view, source: "counter" }),
  });
}

type Refusal = Exclude<Attached, { readonly kind: "attached" | "unknown_sku" | "not_connected" }>;

function refusalOf(refused: Refusal): Problem {
  switch (refused.kind) {
    case "unknown_listing":
      return { code: "not_found", detail: "The catalogue, or Shopify, has no such item: import first.", field: "item" };
    case "has_counter": {
      const detail = refused.isLeaving
        ? "Its release has begun and did not end: release it again, then attach it."
        : "It is counted under another SKU: release it first.";
      return { code: "conflict", detail, field: "item" };
    }
    case "no_stock":
      return { code: "conflict", detail: `It has no stock to count: ${refused.status}.`, field: "item" };
    default:
      return notOk(refused);
  }
}

const toWire = ({ item, importedAtMs, ...listing }: ListingReport) => ({
  ...listing,
  inventoryItemId: item,
  importedAt: new Date(importedAtMs).toISOString(),
});

/** How a shop is connected to our stock: import (which connects it), locations, findings, disconnection. */
import { Hono } from "hono";
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import { type InventoryItemId, type LocationId, parseNumericId, type ShopLocationId } from "../domain/ids.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { Mapped } from "../services/map-locations.ts";
import type { LocationMapping } from "../services/shop-store.ts";
import type { AppEnv } from "./app-env.ts";
import { parseBody } from "./parse.ts";
import { type Problem, problem } from "./problem.ts";
import { notOk, shopParam } from "./shop-param.ts";

const cursor = z.optional(z.nullable(z.string().check(z.minLength(1), z.maxLength(1_000))));
export const shopImportBody = z.strictObject({
  cursor,
  mode: z.optional(z.enum(["adopt", "mirror"])),
  dryRun: z.optional(z.boolean()),
});
export const disconnectBody = z.strictObject({ cursor, dryRun: z.optional(z.boolean()) });
const LOCATIONS_MAX = 1_000;
const digits = z.string().check(z.regex(/^\d{1,20}$/, "must be a numeric id, as text"));
export const mappingBody = z.strictObject({
  locations: z
    .array(z.strictObject({ shopLocationId: digits, locationId: digits }))
    .check(z.minLength(1), z.maxLength(LOCATIONS_MAX)),
});

export const shopConnectionRoutes = new Hono<AppEnv>()
  .post("/:shop/import", async (c) => {
    const shop = await shopParam(c);
    if (!shop.ok) return problem(c, shop.error);
    const body = await parseBody(c, shopImportBody);
    if (!body.ok) return problem(c, body.error);
    const options = { mode: body.value.mode ?? null, dryRun: body.value.dryRun ?? false };
    const services = c.get("services");
    const page = await services.importPage(shop.value, body.value.cursor ?? null, options, c.get("correlationId"));
    if (page.kind === "conflict") return problem(c, { code: "conflict", detail: page.message, field: "mode" });
    if (page.kind !== "page") return problem(c, notOk(page));
    const { kind: _, ...told } = page;
    return c.json({ ...told, dryRun: options.dryRun });
  })
  .post("/:shop/disconnect", async (c) => {
    const shop = await shopParam(c);
    if (!shop.ok) return problem(c, shop.error);
    const body = await parseBody(c, disconnectBody);
    if (!body.ok) return problem(c, body.error);
    const after = body.value.cursor == null ? null : parseNumericId<InventoryItemId>("cursor", body.value.cursor);
    if (after?.ok === false)
      return problem(c, { code: "bad_request", detail: "This is no cursor of a disconnection.", field: "cursor" });
    const dryRun = body.value.dryRun ?? false;
    const page = await c
      .get("services")
      .disconnectPage(shop.value, after?.value ?? null, dryRun, c.get("correlationId"));
    switch (page.kind) {
      case "page": {
        const { kind: _, ...told } = page;
        return c.json({ ...told, dryRun });
      }
      case "not_connected":
        return problem(c, { code: "not_found", detail: "This shop was never imported.", field: "shop" });
      case "conflict":
        return problem(c, { code: "conflict", detail: page.message });
      case "later":
        return problem(c, notOk(page));
    }
  })
  .get("/:shop/locations", async (c) => {
    const shop = await shopParam(c);
    if (!shop.ok) return problem(c, shop.error);
    const reply = await c.get("services").shopLocations(shop.value);
    return reply.kind === "ok" ? c.json(reply.value) : problem(c, notOk(reply));
  })
  .put("/:shop/locations", async (c) => {
    const shop = await shopParam(c);
    if (!shop.ok) return problem(c, shop.error);
    const body = await parseBody(c, mappingBody);
    if (!body.ok) return problem(c, body.error);
    const mappings = parseMappings(body.value.locations);
    if (!mappings.ok) return problem(c, mappings.error);
    const refusal = refusalOf(await c.get("services").mapLocations(shop.value, mappings.value));
    return refusal === null ? c.json({ locations: mappings.value }) : problem(c, refusal);
  })
  .get("/:shop/findings", async (c) => {
    const shop = await shopParam(c);
    if (!shop.ok) return problem(c, shop.error);
    const services = c.get("services");
    const [connection, findings] = await Promise.all([
      services.shopConnection(shop.value),
      services.shopFindings(shop.value, LIMITS.pageRowsMax),
    ]);
    return c.json({
      connection,
      findings: findings.map(({ seenAtMs, ...each }) => ({ ...each, seenAt: new Date(seenAtMs).toISOString() })),
    });
  });

function parseMappings(
  given: readonly { readonly shopLocationId: string; readonly locationId: string }[],
): Result<readonly LocationMapping[], Problem> {
  const seen = new Set<string>();
  const mappings: LocationMapping[] = [];
  for (const [i, each] of given.entries()) {
    const theirs = parseNumericId<ShopLocationId>("location", each.shopLocationId);
    const ours = parseNumericId<LocationId>("location", each.locationId);
    if (!theirs.ok || !ours.ok || seen.has(each.shopLocationId)) {
      const field = `locations.${i}.shopLocationId`;
      return err({ code: "bad_request", detail: "Name each location of the shop once.", field });
    }
    seen.add(each.shopLocationId);
    mappings.push({ shopLocationId: theirs.value, locationId: ours.value });
  }
  return ok(mappings);
}

function refusalOf(mapped: Mapped): Problem | null {
  switch (mapped.kind) {
    case "mapped":
      return null;
    case "unknown_location": {
      const detail = `We have no location ${mapped.locationId}: map to one that GET lists under "ours".`;
      return { code: "bad_request", detail, field: "locations" };
    }
    case "in_use": {
      const detail = "Levels of this shop are connected by the present mapping: disconnect the shop first.";
      return { code: "conflict", detail, field: "locations" };
    }
  }
}

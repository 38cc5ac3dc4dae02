/** A shop in a path, and what to answer when its Shopify cannot be asked. */
import type { Context } from "hono";
import { parseGateName, parseShopDomain, type ShopDomain } from "../domain/ids.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { SourceReply } from "../services/import-catalogue.ts";
import type { AppEnv } from "./app-env.ts";
import type { Problem } from "./problem.ts";

/** Only shops of ours have a gate: a name in a URL makes no object. */
export async function shopParam(c: Context<AppEnv>): Promise<Result<ShopDomain, Problem>> {
  const shop = parseShopDomain(c.req.param("shop"));
  if (shop.ok && (await c.get("services").isOurShop(shop.value))) return ok(shop.value);
  return err({
    code: "not_found",
    detail: "This is no shop of ours: it is neither in SHOPIFY_SHOPS nor a channel of type shopify.",
    field: "shop",
  });
}

/** Of what is true of every gate: a till that keeps its own stock goes by its channel's name. */
export async function gateParam(c: Context<AppEnv>): Promise<Result<ShopDomain, Problem>> {
  const gate = parseGateName(c.req.param("shop"));
  if (gate.ok && (await c.get("services").isOurGate(gate.value))) return ok(gate.value);
  return err({
    code: "not_found",
    detail: "Nothing of ours by this name has a gate: no Shopify shop, and no till that keeps its own stock.",
    field: "shop",
  });
}

/** @param whom  was asked */
export function notOk(reply: Exclude<SourceReply<never>, { kind: "ok" }>, whom = "Shopify"): Problem {
  if (reply.kind === "refused") return { code: "shopify_refused", detail: `${reply.code}: ${reply.message}` };
  const retryAfterSeconds = Math.ceil(reply.afterMs / 1_000);
  return { code: "unavailable", detail: `${whom} cannot be asked just now: ${reply.reason}.`, retryAfterSeconds };
}

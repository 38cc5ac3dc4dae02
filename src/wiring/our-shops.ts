/**
 * Which Shopify shops are ours: those that the environment names, and every channel of type `shopify`. Gates have tills beside
 * them: channels that keep their own stock, each by its name in the place of a shop's domain.
 */
import { lazyShopifyPort } from "../channels/shopify/lazy-shopify-port.ts";
import { createShopifyPort } from "../channels/shopify/shopify-port.ts";
import { LIMITS, originOf } from "../config.ts";
import { hasGate } from "../domain/channel/channel.ts";
import { channelOfShop, fromStore, type ShopDomain } from "../domain/ids.ts";
import { consoleLog as log, reasonOf } from "../observability/log.ts";
import { shopAppOf } from "../services/channels/shop-credentials.ts";
import type { ShopifyPort } from "../services/shop-gate/gate-deps.ts";
import { reach } from "../services/unavailable.ts";
import { inTime } from "../services/with-deadline.ts";
import { channelsOf, channelTtlMsOf } from "./channels.ts";
import { configOf } from "./configuration.ts";

/** Rejects when the database is away and this isolate never knew better. */
export async function ourShops(env: Env): Promise<ReadonlySet<ShopDomain>> {
  const channels = await reach("channels", () => channelsOf(env).list());
  const shops = channels.filter(({ type }) => type === "shopify").map(({ id }) => fromStore<ShopDomain>(id));
  return new Set([...configOf(env).shops, ...shops]);
}

/** Shops and tills: whoever has a gate. Rejects like `ourShops`. */
export async function ourGates(env: Env): Promise<ReadonlySet<ShopDomain>> {
  const channels = await reach("channels", () => channelsOf(env).list());
  const gates = channels.filter(hasGate).map(({ id }) => fromStore<ShopDomain>(id));
  return new Set([...configOf(env).shops, ...gates]);
}

/** For what must go on: `isComplete` false, these are the environment's alone, as nobody can say which others there are. */
export async function knownGates(env: Env): Promise<{ shops: ReadonlySet<ShopDomain>; isComplete: boolean }> {
  try {
    return { shops: await inTime(LIMITS.knownShopsMsMax, () => ourGates(env)), isComplete: true };
  } catch (error) {
    log("warn", "channels.not_listed", { reason: reasonOf(error) });
    return { shops: configOf(env).shops, isComplete: false };
  }
}

/** Asks nobody for a shop of the environment's. Rejects like `ourShops`. */
export async function isOurShop(env: Env, shop: ShopDomain): Promise<boolean> {
  if (configOf(env).shops.has(shop)) return true;
  const known = await reach("channels", () => channelsOf(env).get(channelOfShop(shop)));
  return known?.channel.type === "shopify";
}

/** A name in a URL makes no gate. Asks nobody for a shop of the environment's. Rejects like `ourShops`. */
export async function isOurGate(env: Env, gate: ShopDomain): Promise<boolean> {
  if (configOf(env).shops.has(gate)) return true;
  const known = await reach("channels", () => channelsOf(env).get(channelOfShop(gate)));
  return known !== null && hasGate(known.channel);
}

/**
 * What signs a shop's webhooks: of its own app, or of the environment's.
 * @returns null: it is no shop of ours. Rejects when nobody can say
 */
export async function webhookSecretsOf(env: Env, shop: ShopDomain): Promise<readonly string[] | null> {
  const { shops, shopify } = configOf(env);
  if (shops.has(shop)) return shopify.webhookSecrets;
  return shopAppOf(await channelsOf(env).get(channelOfShop(shop)))?.webhookSecrets ?? null;
}

/** For the shop's gate. The database is asked when a call is made, never before. */
export function shopifyPortOf(env: Env, shop: ShopDomain): ShopifyPort {
  const config = configOf(env);
  const originOverride = originOf(config, shop);
  if (config.shops.has(shop)) return createShopifyPort(shop, { ...config.shopify, originOverride }, log);
  const look = async () => {
    const app = shopAppOf(await channelsOf(env).get(channelOfShop(shop)));
    if (app === null) return null;
    const { clientId, clientSecret, accessToken } = app;
    const client = clientId === null || clientSecret === null ? null : { clientId, clientSecret };
    return { fixedAccessToken: accessToken, client };
  };
  return lazyShopifyPort(shop, { look, ttlMs: channelTtlMsOf(env), nowMs: () => Date.now(), originOverride }, log);
}

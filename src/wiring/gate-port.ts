/** Whom a gate calls: a shop's Shopify, or the till of a channel. */
import { COUNTS_PATH } from "../channels/square/square-client.ts";
import { squareOrigin } from "../channels/square/square-origin.ts";
import { createSquarePort } from "../channels/square/square-port.ts";
import { type ChannelId, fromStore, parseShopDomain, type ShopDomain } from "../domain/ids.ts";
import type { GraphqlRequest } from "../services/gate-contract.ts";
import type { ShopifyPort } from "../services/shop-gate/gate-deps.ts";
import { channelsOf } from "./channels.ts";
import { configOf } from "./configuration.ts";
import { shopifyPortOf } from "./our-shops.ts";

export function gatePortOf(env: Env, name: ShopDomain): ShopifyPort {
  if (parseShopDomain(name).ok) return shopifyPortOf(env, name);
  return createSquarePort({ access: () => squareAccess(env, fromStore<ChannelId>(name)), now: () => Date.now() });
}

/** The least that may be asked of it: whether token and address are right. Changes nothing there. */
export const leastRequestOf = (name: ShopDomain): GraphqlRequest =>
  parseShopDomain(name).ok
    ? { document: "query { shop { myshopifyDomain } }", variables: {}, cost: 1, kind: "other" }
    : { document: COUNTS_PATH, variables: { limit: 1 }, cost: 1, kind: "other" };

async function squareAccess(env: Env, id: ChannelId) {
  const known = await channelsOf(env).get(id);
  if (known?.channel.adapter !== "square") return null;
  const { access_token: accessToken } = known.secrets.credentials;
  const origin = squareOrigin(known.channel.endpoint, configOf(env).environment === "development");
  return accessToken === undefined || origin === null ? null : { accessToken, origin };
}

/** Shopify as a shop's gate sees it: fulfils `ShopifyPort` with documents, client, parsers and token grant. */
import type { ShopDomain } from "../../domain/ids.ts";
import type { ShopifyReply } from "../../domain/shop-gate/reply.ts";
import type { Log } from "../../observability/log.ts";
import type { ShopifyPort } from "../../services/shop-gate/gate-deps.ts";
import { adjustVariables, referenceDocumentUri } from "./adjust-variables.ts";
import { createAdminClient } from "./admin-client.ts";
import { ADJUST_DOCUMENT, levelsDocument, MOVE_DOCUMENT, PROBE_DOCUMENT } from "./documents.ts";
import { itemGid, locationGid } from "./gid.ts";
import { moveVariables } from "./move-variables.ts";
import { parseAdjust, parseMove } from "./parse-adjust.ts";
import { parseLevels } from "./parse-levels.ts";
import { grantToken } from "./token-grant.ts";

export type ShopifyAccess = {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Of an app made before 2026; null: the client-credentials grant. */
  readonly fixedAccessToken: string | null;
  /** Development only: another Shopify-compatible origin. */
  readonly originOverride: string | null;
};

export function createShopifyPort(shop: ShopDomain, access: ShopifyAccess, log: Log): ShopifyPort {
  const { originOverride, fixedAccessToken } = access;
  const origin = originOverride ?? `https://${shop}`;
  const client = createAdminClient({ shop, originOverride, log });
  return {
    fixedToken: fixedAccessToken,
    grantToken: () => grantToken(origin, access),
    adjustVariables,
    referenceDocumentUri,
    async adjust(accessToken, variables) {
      const reply = await client.post(accessToken, ADJUST_DOCUMENT, JSON.parse(variables) as Record<string, unknown>);
      return withData(reply, parseAdjust);
    },
    moveVariables,
    async move(accessToken, variables) {
      const reply = await client.post(accessToken, MOVE_DOCUMENT, JSON.parse(variables) as Record<string, unknown>);
      return withData(reply, parseMove);
    },
    async levels(accessToken, items, locations) {
      const places = Object.fromEntries(locations.map((location, index) => [`l${index}`, locationGid(location)]));
      const variables = { ids: items.map(itemGid), ...places };
      const reply = await client.post(accessToken, levelsDocument(locations.length), variables);
      return withData(reply, (data) => parseLevels(data, items, locations));
    },
    probe: (accessToken) => client.post(accessToken, PROBE_DOCUMENT, {}),
    graphql: (accessToken, document, variables) => client.post(accessToken, document, variables),
  };
}

const withData = <Data>(reply: ShopifyReply<unknown>, parse: (data: unknown) => Data | null): ShopifyReply<Data> =>
  reply.kind === "graphql" ? { ...reply, data: reply.data === null ? null : parse(reply.data) } : reply;

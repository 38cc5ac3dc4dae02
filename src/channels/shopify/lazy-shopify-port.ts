/**
 * Shopify for a shop whose credentials stand in the database: they are looked up when they are needed, and again for each
 * token, so that a rotated one is used without a deploy. A fixed token (of an app made before 2026) is handed to the gate as
 * a granted one first, and is the gate's fixed token as soon as it is known.
 */
import type { ShopDomain } from "../../domain/ids.ts";
import type { TokenReply } from "../../domain/shop-gate/token.ts";
import { type Log, reasonOf } from "../../observability/log.ts";
import type { ShopifyPort } from "../../services/shop-gate/gate-deps.ts";
import { createShopifyPort } from "./shopify-port.ts";
import { type ClientCredentials, grantToken } from "./token-grant.ts";

/** What a shop gave us; null: it lacks that. */
export type ShopCredentials = {
  readonly fixedAccessToken: string | null;
  readonly client: ClientCredentials | null;
};

export interface LazyAccess {
  /** Null: there is no such shop, or it is no channel any more. Rejects when nobody can say. */
  look(): Promise<ShopCredentials | null>;
  /** After this the fixed token is looked up again, beside the next call. */
  readonly ttlMs: number;
  nowMs(): number;
  readonly originOverride: string | null;
}

/** How long a fixed token counts as granted, until it is known to be fixed: a life of the gate begins without that. */
const FIXED_TOKEN_SECONDS = 3_600;

export function lazyShopifyPort(shop: ShopDomain, access: LazyAccess, log: Log): ShopifyPort {
  const { originOverride, ttlMs, nowMs } = access;
  const port = createShopifyPort(shop, { clientId: "", clientSecret: "", fixedAccessToken: null, originOverride }, log);
  let fixed: string | null = null;
  let lookedMs = Number.NEGATIVE_INFINITY;
  const look = async (): Promise<ShopCredentials | null> => {
    lookedMs = nowMs();
    const found = await access.look();
    fixed = found?.fixedAccessToken ?? null;
    return found;
  };
  /** What is known has to do meanwhile: a gate without its database goes on. */
  const lookAgain = async (): Promise<void> => {
    await look().catch(() => null);
  };
  const afterLook =
    <Args extends readonly unknown[], Reply>(call: (...args: Args) => Reply) =>
    (...args: Args): Reply => {
      if (nowMs() - lookedMs >= ttlMs) void lookAgain();
      return call(...args);
    };
  return {
    ...port,
    get fixedToken() {
      return fixed;
    },
    lookAgain,
    async grantToken() {
      try {
        return await granted(await look(), originOverride ?? `https://${shop}`);
      } catch (error) {
        return notGranted("CREDENTIALS_UNKNOWN", reasonOf(error));
      }
    },
    adjust: afterLook(port.adjust),
    move: afterLook(port.move),
    levels: afterLook(port.levels),
    probe: afterLook(port.probe),
    graphql: afterLook(port.graphql),
  };
}

async function granted(found: ShopCredentials | null, origin: string): Promise<TokenReply> {
  if (found === null) return notGranted("NO_CHANNEL", "the shop is no channel of ours");
  const { fixedAccessToken, client } = found;
  if (fixedAccessToken !== null)
    return { kind: "granted", accessToken: fixedAccessToken, expiresInSeconds: FIXED_TOKEN_SECONDS };
  return client === null
    ? notGranted("NO_CREDENTIALS", "client_id and client_secret are not stored")
    : grantToken(origin, client);
}

/** Not for good: what is missing may be stored any moment. */
const notGranted = (code: string, message: string): TokenReply => ({
  ...{ kind: "not_granted", isFinal: false, code, message, retryAfterSeconds: null },
});

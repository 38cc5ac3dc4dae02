/** What a Shopify delivery says about itself. Both spellings are known: `X-Shopify-…`, and `shopify-…` of the coming Events. */
import { parseShopDomain, type ShopDomain } from "../domain/ids.ts";
import { err, ok, type Result } from "../domain/result.ts";

export type ShopifyHeaders = {
  readonly topic: string;
  /** Base64, unverified. */
  readonly signature: string;
  /** Not covered by the signature: only good against the allow-list. Null when it is no shop's domain. */
  readonly shop: ShopDomain | null;
  /** Same across the retries of one delivery. */
  readonly webhookId: string | null;
};

export type MissingHeaders = { readonly kind: "missing_headers"; readonly names: readonly string[] };

export function readShopifyHeaders(headers: Headers): Result<ShopifyHeaders, MissingHeaders> {
  const read = (name: string): string | null => headers.get(`x-shopify-${name}`) ?? headers.get(`shopify-${name}`);
  const topic = read("topic");
  const signature = read("hmac-sha256");
  const shopName = read("shop-domain");
  if (!topic || !signature || !shopName) {
    const names = [
      ...(topic ? [] : ["X-Shopify-Topic"]),
      ...(signature ? [] : ["X-Shopify-Hmac-Sha256"]),
      ...(shopName ? [] : ["X-Shopify-Shop-Domain"]),
    ];
    return err({ kind: "missing_headers", names });
  }
  const shop = parseShopDomain(shopName);
  return ok({
    topic: topic.toLowerCase(),
    signature,
    shop: shop.ok ? shop.value : null,
    webhookId: read("webhook-id"),
  });
}

/** The receiver's check of a signature, against signatures made by Shopify's own library. */
import { createHmac } from "node:crypto";
import { ApiVersion, shopifyApi } from "@shopify/shopify-api";
import "@shopify/shopify-api/adapters/node";
import { describe, expect, it } from "vitest";
import { isSignedByShopify } from "../../../src/ingress/shopify-hmac.ts";

const SECRET = "shpss_0123456789";
const body = '{"id":820982911946154508,"note":"Grüße, 世界"}';
const bytes = new TextEncoder().encode(body) as Uint8Array<ArrayBuffer>;

/** The library signs what it checks: its validator is the judge of the signature, ours of the same. */
async function signatureThatShopifyAccepts(secret: string): Promise<string> {
  const signature = createHmac("sha256", secret).update(body, "utf8").digest("base64");
  const api = shopifyApi({
    apiKey: "key",
    apiSecretKey: secret,
    apiVersion: ApiVersion.October26,
    hostName: "onhand.test",
    isEmbeddedApp: false,
  });
  const rawRequest = {
    method: "POST",
    url: "/webhooks/shopify",
    headers: {
      "x-shopify-hmac-sha256": signature,
      "x-shopify-topic": "orders/create",
      "x-shopify-shop-domain": "a.myshopify.com",
      "x-shopify-api-version": "2026-10",
      "x-shopify-webhook-id": "1",
    },
  };
  const verdict = await api.webhooks.validate({ rawBody: body, rawRequest } as unknown as Parameters<
    typeof api.webhooks.validate
  >[0]);
  expect(verdict.valid).toBe(true);
  return signature;
}

describe("isSignedByShopify", () => {
  it("accepts what Shopify's library accepts, with the current secret or the previous one", async () => {
    const signature = await signatureThatShopifyAccepts(SECRET);
    expect(await isSignedByShopify(bytes, signature, [SECRET])).toBe(true);
    expect(await isSignedByShopify(bytes, signature, ["the-new-one", SECRET])).toBe(true);
  });

  it("refuses another secret, another body, a cut signature and what is no base64", async () => {
    const signature = await signatureThatShopifyAccepts(SECRET);
    const other = new TextEncoder().encode(`${body} `) as Uint8Array<ArrayBuffer>;
    expect(await isSignedByShopify(bytes, signature, ["another"])).toBe(false);
    expect(await isSignedByShopify(other, signature, [SECRET])).toBe(false);
    expect(await isSignedByShopify(bytes, signature.slice(0, 40), [SECRET])).toBe(false);
    expect(await isSignedByShopify(bytes, "%%%", [SECRET])).toBe(false);
    expect(await isSignedByShopify(bytes, "", [SECRET])).toBe(false);
    expect(await isSignedByShopify(bytes, signature, [])).toBe(false);
  });
});

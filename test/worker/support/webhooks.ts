/** Webhooks as Shopify sends them, signed with the app's secret, to the Worker's own address. */
import { exports } from "cloudflare:workers";
import { SHOP } from "./counters.ts";
import { TEST_ENV } from "./test-env.ts";

export type Delivery = {
  readonly topic: string;
  readonly body: string;
  readonly secret?: string;
  readonly shop?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export async function sign(body: string, secret: string = TEST_ENV.SHOPIFY_CLIENT_SECRET): Promise<string> {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  const signature = await crypto.subtle.sign("HMAC", key, encoder.encode(body));
  return btoa(String.fromCharCode(...new Uint8Array(signature)));
}

let deliveries = 0;

export async function deliver({ topic, body, secret, shop = SHOP, headers = {} }: Delivery): Promise<Response> {
  deliveries += 1;
  return exports.default.fetch("https://onhand.test/webhooks/shopify", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-shopify-topic": topic,
      "x-shopify-shop-domain": shop,
      "x-shopify-hmac-sha256": await sign(body, secret),
      "x-shopify-webhook-id": `delivery-${deliveries}`,
      "x-shopify-event-id": `event-${deliveries}-0123456789`,
      "x-shopify-api-version": "2026-10",
      ...headers,
    },
    body,
  });
}

/** Numbers are written raw: ids of 18 digits do not survive `JSON.stringify`. */
export const orderBody = (
  id: string,
  lines: readonly { id: string; variant: string; quantity: number; sku?: string }[],
  createdAt = new Date().toISOString(),
) =>
  `{"id":${id},"created_at":"${createdAt}","updated_at":"${createdAt}","location_id":null,"email":"norman@example.com","line_items":[${lines
    .map(
      (line) =>
        `{"id":${line.id},"variant_id":${line.variant},"sku":"${line.sku ?? ""}","quantity":${line.quantity},"variant_inventory_management":"shopify","fulfillment_status":null}`,
    )
    .join(",")}],"refunds":[]}`;

export const levelBody = (item: string, location: string, available: number | null, updatedAt: string) =>
  `{"inventory_item_id":${item},"location_id":${location},"available":${available},"updated_at":"${updatedAt}","admin_graphql_api_id":"gid://shopify/InventoryLevel/9?inventory_item_id=${item}"}`;

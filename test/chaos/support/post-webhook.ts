/** Webhooks that the simulator would not send: made, signed and posted by a test, to the very address that Shopify delivers to. */
import { createHmac, randomUUID } from "node:crypto";
import type { Calm } from "./calm.ts";

export type Posted = {
  readonly topic: string;
  readonly body: string;
  /** What it is signed with; left out: the app's own. */
  readonly secret?: string;
  /** Whose news it says it is. */
  readonly shop?: string;
  /** Of a delivery that comes again. */
  readonly webhookId?: string;
};

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly eventId: string;
};

/** One that gets a 2xx is an accepted event like any other, to be accounted for. */
export async function postWebhook({ stack, simulator, accepted }: Calm, posted: Posted): Promise<Answer> {
  const { topic, body, secret = simulator.webhookSecret, shop = simulator.shop, webhookId = randomUUID() } = posted;
  const uri = `${stack.client.url}/webhooks/shopify`;
  const headers = {
    "X-Shopify-Topic": topic,
    "X-Shopify-Shop-Domain": shop,
    "X-Shopify-Hmac-Sha256": createHmac("sha256", secret).update(body).digest("base64"),
    "X-Shopify-Webhook-Id": webhookId,
    "X-Shopify-Event-Id": randomUUID(),
  };
  const response = await fetch(uri, { method: "POST", headers, body });
  if (response.ok) accepted.note({ webhookId, subscriptionId: "", topic, uri, body, headers });
  const { status, headers: answered } = response;
  return { status, headers: answered, text: await response.text(), eventId: `shopify/${shop}/${webhookId}` };
}

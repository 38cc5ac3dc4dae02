/** A caught webhook as the receiver would put it on the queue, but for its time of receipt. */
import { parseExactJson } from "../../src/ingress/exact-json.ts";
import { isShopifyTopic, projectShopify } from "../../src/ingress/project-shopify.ts";
import type { CaughtWebhook } from "./webhook-catcher.ts";

export function envelopeOf({ topic, webhookId, raw }: CaughtWebhook, shop: string) {
  const json = parseExactJson(raw);
  if (!json.ok || !isShopifyTopic(topic)) throw new Error(`an unreadable webhook: ${topic}`);
  const projected = projectShopify(topic, json.value);
  if (!projected.ok || projected.value.kind === "nothing") throw new Error(`nothing in it: ${raw}`);
  const { event, occurredAtMs } = projected.value;
  const channel = { type: "shopify", shop };
  const id = `shopify/${shop}/${webhookId}`;
  return { v: 1, id, correlationId: webhookId, channel, kind: topic, occurredAt: occurredAtMs, data: event };
}

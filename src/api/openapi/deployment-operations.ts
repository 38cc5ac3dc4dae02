/** What is not the API's: health, metrics, this document, and the way in for Shopify. */
import * as z from "zod/mini";
import { healthReply, readyReply } from "../wire/health.ts";
import type { Group } from "./operation.ts";

const READY = { status: "ready", checks: { redis: "ok", d1: "ok", counter: "ok" }, redisBreaker: "closed" };
export const text = (status: number, description: string, example?: string) => ({
  ...{ status, description, contentType: "text/plain" },
  ...(example === undefined ? {} : { example }),
});

export const deployment: Group = {
  name: "Deployment",
  description: "Whether it lives, what it measures, and this document.",
  operations: [
    {
      id: "getHealth",
      method: "get",
      path: "/healthz",
      summary: "It lives",
      access: "none",
      answers: [{ status: 200, description: "Yes.", schema: healthReply, example: { status: "ok", version: "local" } }],
      problems: [],
    },
    {
      id: "getReadiness",
      method: "get",
      path: "/readyz",
      summary: "Redis, D1 and a counter answer",
      access: "none",
      answers: [
        { status: 200, description: "All that must.", schema: readyReply, example: READY },
        {
          status: 503,
          description: "Not all.",
          schema: readyReply,
          example: { ...READY, status: "not_ready", checks: { redis: "ok", d1: "unavailable", counter: "ok" } },
        },
      ],
      problems: [],
    },
    {
      id: "getMetrics",
      method: "get",
      path: "/metrics",
      summary: "Every metric as Prometheus text",
      answers: [text(200, "Text format 0.0.4.", "# TYPE onhand_metrics_source_up gauge\n")],
      problems: [],
    },
    {
      id: "getOpenApi",
      method: "get",
      path: "/openapi.json",
      summary: "This document",
      access: "none",
      headers: ["ifNoneMatch"],
      answers: [
        {
          status: 200,
          description: "OpenAPI 3.1.",
          schema: z.looseObject({ openapi: z.literal("3.1.0") }),
          headers: ["etag"],
        },
        { status: 304, description: "It is as the caller knows it.", headers: ["etag"] },
      ],
      problems: [],
    },
    {
      id: "getDocs",
      method: "get",
      path: "/docs",
      summary: "This document, for people",
      access: "none",
      headers: ["ifNoneMatch"],
      answers: [
        { status: 200, description: "A page.", contentType: "text/html", headers: ["etag"] },
        { status: 304, description: "It is as the caller knows it.", headers: ["etag"] },
      ],
      problems: [],
    },
  ],
};

export const shopifyWebhooks: Group = {
  name: "Webhooks from Shopify",
  description: "What Shopify posts. Its `X-Shopify-Hmac-Sha256` is checked over the raw bytes.",
  operations: [
    {
      id: "receiveShopifyWebhook",
      method: "post",
      path: "/webhooks/shopify",
      summary: "A webhook of a shop",
      description:
        "At most 2 MB. Only fields that move stock go further. A bad signature and an unknown shop are answered alike.",
      access: "signature",
      headers: ["shopifyTopic", "shopifyShop", "shopifyHmac", "shopifyWebhookId", "shopifyEventId"],
      body: {
        schema: z.looseObject({}),
        example: { id: 5_512_345_678_901, line_items: [{ id: 1, variant_id: 39_072_856, quantity: 1 }] },
      },
      answers: [
        text(200, "It is durable, or is none of ours.", "ok"),
        text(400, "A header is missing."),
        text(401, "A bad signature or an unknown shop: one answer for both."),
        text(405, "No POST."),
        text(413, "Over 2 MB."),
        text(503, "Nothing is taken just now: Shopify sends it again."),
      ],
      problems: [],
    },
  ],
};

/** Health, metrics, the document, and Shopify's way in. */

import { SHOP } from "../support/counters.ts";
import { sign } from "../support/webhooks.ts";
import type { CaseGroup } from "./harness.ts";

const BODY = '{"id":1,"line_items":[]}';
let signature = "";
let etag = "";
const keepEtag = (_: unknown, headers: Headers) => {
  etag = headers.get("etag") ?? "";
};
const shopify = () => ({
  "x-shopify-topic": "app/uninstalled_not_ours",
  "x-shopify-shop-domain": SHOP,
  "x-shopify-webhook-id": "oa-delivery",
  "x-shopify-event-id": "oa-event-0123456789",
  "x-shopify-hmac-sha256": signature,
});

export const deploymentCases: CaseGroup = {
  name: "deployment",
  prepare: async () => {
    signature = await sign(BODY);
  },
  cases: [
    { op: "getHealth", status: 200 },
    { op: "getReadiness", status: 200 },
    { op: "getReadiness", status: 503, broken: { DB: {} } },
    { op: "getMetrics", status: 200 },
    { op: "getOpenApi", status: 200, keep: keepEtag },
    { op: "getOpenApi", status: 304, headers: () => ({ "if-none-match": etag }) },
    { op: "getDocs", status: 200, keep: keepEtag },
    { op: "getDocs", status: 304, headers: () => ({ "if-none-match": etag }) },
    { op: "receiveShopifyWebhook", status: 200, headers: shopify, body: BODY },
    { op: "receiveShopifyWebhook", status: 400, body: BODY },
    {
      op: "receiveShopifyWebhook",
      status: 401,
      headers: () => ({ ...shopify(), "x-shopify-hmac-sha256": "AAAA" }),
      body: BODY,
    },
    { op: "receiveShopifyWebhook", status: 503, broken: { ADMIN_TOKEN: "" }, headers: shopify, body: BODY },
  ],
};

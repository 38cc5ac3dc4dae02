/** Channels, their secrets, their items. */
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { type ChannelId, type CorrelationId, fromStore } from "../../../src/domain/ids.ts";
import { d1ChannelDocuments } from "../../../src/store/d1-channel-documents.ts";
import { stock } from "../support/catalogue.ts";
import type { CaseGroup } from "./harness.ts";

const DOCUMENT = "doc_0123456789abcdef0123456789abcdef";
const wms = { channel: "oc-wms" };
const nobody = { channel: "oc-nobody" };
const market = { channel: "oc-market" };
const body = { type: "wms", endpoint: "https://wms.example.com/onhand" };
const token = { ...wms, name: "access_token" };

export const channelCases: CaseGroup = {
  name: "channels",
  prepare: async () => {
    await stock("OC-1", "70501", 3);
    const data = { reorderId: "R-1", sku: "OC-1", quantity: 5 };
    const reorder = { channel: fromStore<ChannelId>("oc-wms"), type: "reorder.requested", subject: "R-1" } as const;
    const document = { ...reorder, orderId: null, version: 1, data, correlationId: fromStore<CorrelationId>("oc") };
    await d1ChannelDocuments(env.DB).put(DOCUMENT, document, Date.now());
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response("thanks"));
  },
  cases: [
    { op: "putChannel", status: 200, why: "a dry run", path: wms, query: { dryRun: "true" }, body },
    { op: "putChannel", status: 201, path: wms, body },
    { op: "putChannel", status: 200, path: wms, body: { ...body, outbound: { orders: ["*"] }, rules: { cap: 5 } } },
    { op: "putChannel", status: 400, code: "bad_request", path: wms, body: { ...body, endpoint: "http://10.0.0.1/" } },
    {
      op: "putChannel",
      status: 400,
      code: "bad_request",
      why: "of its rules",
      path: wms,
      body: { ...body, rules: { cap: -1 } },
    },
    { op: "putChannel", status: 412, code: "version_mismatch", path: wms, headers: { "if-match": 'W/"99"' }, body },
    {
      op: "putChannel",
      status: 409,
      code: "conflict",
      path: { channel: "test-shop.myshopify.com" },
      body: { type: "shopify" },
    },
    {
      op: "putChannel",
      status: 201,
      why: "a marketplace",
      path: market,
      body: { type: "marketplace", listings: "mapped" },
    },
    { op: "listChannels", status: 200 },
    { op: "getChannel", status: 200, path: wms },
    { op: "getChannel", status: 404, code: "not_found", path: nobody },
    { op: "testChannel", status: 200, path: wms },
    { op: "testChannel", status: 409, code: "conflict", path: market },
    { op: "getChannelHealth", status: 200, path: wms },
    { op: "getChannelHealth", status: 404, code: "not_found", path: nobody },
    { op: "listChannelDocuments", status: 200, path: wms, query: { state: "waiting" } },
    { op: "listChannelDocuments", status: 400, code: "bad_request", path: wms, query: { cursor: "7_doc" } },
    { op: "listChannelDocuments", status: 400, code: "bad_request", path: wms, query: { state: "lost" } },
    { op: "listChannelDocuments", status: 404, code: "not_found", path: nobody },
    { op: "resendChannelDocument", status: 202, path: { ...wms, document: DOCUMENT } },
    { op: "resendChannelDocument", status: 404, code: "not_found", path: { ...wms, document: "doc_none" } },
    { op: "previewChannel", status: 200, path: wms },
    { op: "previewChannel", status: 400, code: "bad_request", path: wms, query: { limit: "0" } },
    { op: "previewChannel", status: 404, code: "not_found", path: nobody },
    { op: "pauseChannel", status: 200, path: wms, body: { reason: "stocktake" } },
    { op: "pauseChannel", status: 404, code: "not_found", path: nobody },
    { op: "resumeChannel", status: 200, path: wms },
    { op: "resumeChannel", status: 404, code: "not_found", path: nobody },
    { op: "setChannelReadOnly", status: 200, path: wms, body: { on: true } },
    { op: "setChannelReadOnly", status: 400, code: "bad_request", path: wms, body: {} },
    { op: "rotateChannelSecret", status: 200, path: wms, body: { keepOldForSeconds: 60 } },
    { op: "rotateChannelSecret", status: 404, code: "not_found", path: nobody },
    { op: "retirePreviousSecret", status: 200, path: wms },
    { op: "retirePreviousSecret", status: 404, code: "not_found", path: nobody },
    { op: "putChannelCredential", status: 200, path: token, body: { value: "secret" } },
    {
      op: "putChannelCredential",
      status: 400,
      code: "bad_request",
      path: { ...wms, name: "signing" },
      body: { value: "secret" },
    },
    { op: "deleteChannelCredential", status: 200, path: token },
    { op: "deleteChannelCredential", status: 404, code: "not_found", path: token },
    { op: "resealChannelSecrets", status: 200 },
    {
      op: "mapChannelItems",
      status: 200,
      path: market,
      body: {
        listings: [
          { itemId: "A-1", sku: "OC-1" },
          { itemId: "A-2", sku: "OC-NONE" },
        ],
      },
    },
    { op: "mapChannelItems", status: 400, code: "bad_request", path: market, body: { listings: [] } },
    { op: "listChannelItems", status: 200, path: market, query: { limit: "1" } },
    { op: "listChannelItems", status: 404, code: "not_found", path: nobody },
    { op: "unmapChannelItems", status: 200, path: market, body: { itemIds: ["A-1"] } },
    { op: "unmapChannelItems", status: 400, code: "bad_request", path: market, body: {} },
    { op: "deleteChannel", status: 200, path: market },
    { op: "deleteChannel", status: 404, code: "not_found", path: market },
  ],
};

/** What senders post in their own formats. */
import { vi } from "vitest";
import { fromStore } from "../../../src/domain/ids.ts";
import { call } from "../support/api.ts";
import { stock } from "../support/catalogue.ts";
import { putChannel } from "../support/channels.ts";
import { HERE } from "../support/counters.ts";
import { sign } from "../support/webhooks.ts";
import type { CaseGroup } from "./harness.ts";

const URL_AT_SQUARE = "https://onhand.test/webhooks/channels/oa-till";
const KEY = "key-of-the-subscription";
const till = { id: "oa-till" };
/** Of a kind that tells nothing that counts. */
const BODY = JSON.stringify({
  ...{ merchant_id: "M1", type: "customer.created", event_id: "oa-square-1", created_at: "2026-11-28T09:00:00Z" },
  data: { type: "customer", id: "c1", object: {} },
});
let signature = "";
const square = { channel: "oa-square" };

/** Square over `fetch`: what it has of the one item. */
const squareSpeaks = () =>
  vi.spyOn(globalThis, "fetch").mockImplementation(async () =>
    Response.json({
      counts: [
        {
          ...{ catalog_object_id: "ITEM1", catalog_object_type: "ITEM_VARIATION", location_id: "L1" },
          ...{ state: "IN_STOCK", quantity: "5", calculated_at: "2026-11-28T08:00:00Z" },
        },
      ],
    }),
  );

async function connectable(): Promise<void> {
  await stock("OA-T", "71001", 5);
  const given = { type: "pos", adapter: "square", locations: { L1: HERE }, listings: "mapped" };
  await call("PUT", `/v1/channels/${square.channel}`, given);
  await call("PUT", `/v1/channels/${square.channel}/credentials/access_token`, { value: "square-token-of-the-shop" });
  await call("PUT", `/v1/channels/${square.channel}/listings`, { listings: [{ itemId: "ITEM1", sku: "OA-T" }] });
  squareSpeaks();
}

export const adapterCases: CaseGroup = {
  name: "senders' own formats",
  prepare: async () => {
    signature = await sign(`${URL_AT_SQUARE}${BODY}`, KEY);
    await putChannel(till.id, { type: "pos", adapter: "square", locations: new Map([["L1", fromStore(HERE)]]) });
    for (const [name, value] of [
      ["notification_url", URL_AT_SQUARE],
      ["signature_key", KEY],
    ] as const)
      await call("PUT", `/v1/channels/${till.id}/credentials/${name}`, { value });
    await connectable();
  },
  cases: [
    {
      ...{ op: "postAdapterWebhook", status: 200, path: till, body: BODY },
      headers: () => ({ "x-square-hmacsha256-signature": signature }),
    },
    { op: "postAdapterWebhook", status: 401, path: till, body: BODY },
    { op: "postAdapterWebhook", status: 401, why: "an unknown channel", path: { id: "oa-none" }, body: BODY },
    { op: "postAdapterWebhook", status: 413, path: till, body: "x".repeat(1_100_000) },
    { op: "connectChannel", status: 200, why: "a dry run", path: square, body: { mode: "mirror", dryRun: true } },
    { op: "connectChannel", status: 200, path: square, body: { mode: "mirror" } },
    { op: "testChannel", status: 200, why: "of a till", path: square },
    { op: "getChannelHealth", status: 200, why: "of a till", path: square },
    { op: "getGate", status: 200, why: "of a till", path: { shop: square.channel } },
    {
      ...{ op: "releaseBreaker", status: 200, why: "of a till" },
      path: { kind: "square", name: square.channel },
    },
    { op: "connectChannel", status: 400, code: "bad_request", path: square, body: { mode: "odd" } },
    { op: "disconnectChannel", status: 200, why: "a dry run", path: square, body: { dryRun: true } },
  ],
};

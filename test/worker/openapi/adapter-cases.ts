/** What senders post in their own formats. */
import { fromStore } from "../../../src/domain/ids.ts";
import { call } from "../support/api.ts";
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
  },
  cases: [
    {
      ...{ op: "postAdapterWebhook", status: 200, path: till, body: BODY },
      headers: () => ({ "x-square-hmacsha256-signature": signature }),
    },
    { op: "postAdapterWebhook", status: 401, path: till, body: BODY },
    { op: "postAdapterWebhook", status: 401, why: "an unknown channel", path: { id: "oa-none" }, body: BODY },
    { op: "postAdapterWebhook", status: 413, path: till, body: "x".repeat(1_100_000) },
  ],
};

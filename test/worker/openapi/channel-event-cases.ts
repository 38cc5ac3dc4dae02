/** What channels post. */
import { signWebhook } from "../../../src/channels/webhook/sign.ts";
import { fromStore, type LocationId } from "../../../src/domain/ids.ts";
import { stock } from "../support/catalogue.ts";
import { putChannel, type TestChannel } from "../support/channels.ts";
import { HERE } from "../support/counters.ts";
import type { Case, CaseGroup } from "./harness.ts";

const line = { line: "1", sku: "ANY", quantity: 1 };
const order = { type: "order.created", data: { orderId: "1", lines: [line] } };
const channel = { id: "oe-wms" };

let wms: TestChannel;
let signed: Record<string, string> = {};
/** Signed when its turn comes. */
const post = (id: string, body: unknown, given: Pick<Case, "status" | "code" | "why">, secret?: string): Case => ({
  ...{ op: "postChannelEvents", path: channel, body: JSON.stringify(body), headers: () => signed, ...given },
  before: async () => {
    signed = { ...(await signWebhook(id, JSON.stringify(body), secret ?? wms.secret, Date.now())) };
  },
});

export const channelEventCases: CaseGroup = {
  name: "events from channels",
  prepare: async () => {
    wms = await putChannel("oe-wms");
    await stock("OE-1", "70601", 1);
    await putChannel("oe-till", {
      type: "pos",
      adapter: "square",
      locations: new Map([["L1", fromStore<LocationId>(HERE)]]),
    });
    await putChannel("oe-out", { direction: "out", endpoint: "https://wms.example.com/" });
  },
  cases: [
    post("oe-1", order, { status: 202 }),
    post("oe-1", order, { status: 202, why: "again" }),
    post("oe-2", [{ id: "e1", ...order }, { id: "e2" }], { status: 202, why: "a good one and a bad one" }),
    post("oe-1", { ...order, id: "other" }, { status: 409, code: "webhook_id_reused" }),
    post("oe-3", { ...order, color: "red" }, { status: 400, code: "bad_request" }),
    post("oe-4", order, { status: 401, code: "bad_signature" }, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    {
      ...post("oe-5", order, { status: 401, code: "bad_signature", why: "an unknown channel" }),
      path: { id: "oe-none" },
    },
    { op: "getChannelEventsSchema", status: 200 },
    { op: "postAdapterWebhook", status: 401, path: { id: "oe-none" }, body: "{}" },
    { op: "connectChannel", status: 409, code: "conflict", path: { channel: "oe-wms" }, body: { dryRun: true } },
    { op: "connectChannel", status: 200, path: { channel: "oe-till" }, body: { mode: "mirror" } },
    { op: "disconnectChannel", status: 200, path: { channel: "oe-till" }, body: { dryRun: true } },
    { op: "connectChannel", status: 404, code: "not_found", path: { channel: "oe-none" }, body: {} },
    { op: "disconnectChannel", status: 404, code: "not_found", path: { channel: "oe-none" }, body: {} },
  ],
};

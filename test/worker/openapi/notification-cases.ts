/** News, who is told of it, and what came of that. */
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { LIMITS } from "../../../src/config.ts";
import { notifierOf } from "../../../src/wiring/notifier.ts";
import { news } from "../../support/notifications.ts";
import { call } from "../support/api.ts";
import { until } from "../support/until.ts";
import type { CaseGroup } from "./harness.ts";

const hook = { id: "oc-hook" };
const mail = { id: "oc-mail" };
const nobody = { id: "oc-nobody" };
const body = { type: "webhook", url: "https://hooks.example.com/1", name: "Operations" };
const slack = { type: "slack", url: "https://hooks.slack.example.com/services/1", name: "#stock" };
const key = { "idempotency-key": "setup/oc" };
const told = news({ id: "oc-low" });

/** Of the news that was told before the cases run. */
async function deliveryOf(id: string): Promise<string> {
  const { deliveries } = (await call("GET", `/v1/notifications/${id}`)).body as {
    deliveries: { id: string; state: string }[];
  };
  return deliveries.find(({ state }) => state === "sent")?.id ?? "";
}

/** Up to the most that there may be. */
async function fill(): Promise<void> {
  const row = "SELECT ?1 || value, 'email', 'x', 'x@example.com', '{}', 'disabled', 0, 0, 0, 0 FROM json_each(?2)";
  const into = "(id, type, name, address, filter, state, state_at_ms, failures, created_at_ms, updated_at_ms)";
  const many = JSON.stringify(Array.from({ length: LIMITS.notifyDestinationsMax }, (_, n) => n));
  await env.DB.prepare(`INSERT INTO notify_destinations ${into} ${row}`).bind(FILLER, many).run();
}
const FILLER = "oc-filler-";
const empty = () => env.DB.exec(`DELETE FROM notify_destinations WHERE id LIKE '${FILLER}%'`);

let sent = "";

export const notificationCases: CaseGroup = {
  name: "notifications",
  prepare: async () => {
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response("thanks"));
    await call("PUT", "/v1/destinations/oc-first", { ...body, filter: { skus: ["CUP"] } });
    await notifierOf(env).publish([told]);
    sent = await until(
      () => deliveryOf(told.id),
      (id) => id !== "",
    );
  },
  cases: [
    {
      op: "createDestination",
      status: 201,
      headers: key,
      body,
      keep: (answer, headers) => {
        if (headers.get("location") !== `/v1/destinations/${answer["id"]}`) throw new Error("it is elsewhere");
      },
    },
    { op: "createDestination", status: 200, why: "a repeat", headers: key, body },
    { op: "createDestination", status: 201, why: "Slack, without a key", body: slack },
    { op: "createDestination", status: 400, code: "bad_request", body: { ...slack, url: undefined } },
    {
      op: "createDestination",
      status: 400,
      code: "bad_request",
      why: "an id of one's own",
      body: { ...body, id: "a" },
    },
    {
      op: "createDestination",
      status: 400,
      code: "bad_request",
      why: "no key",
      headers: { "idempotency-key": "a b" },
      body,
    },
    {
      op: "createDestination",
      status: 422,
      code: "idempotency_key_reused",
      headers: key,
      body: { ...body, name: "Others" },
    },
    { op: "createDestination", status: 409, code: "conflict", why: "too many", body, before: fill },
    { op: "putDestination", status: 201, path: hook, body, before: empty },
    {
      op: "putDestination",
      status: 200,
      path: hook,
      body: { ...body, filter: { kinds: ["inventory.*"], skus: ["NONE"] } },
    },
    {
      op: "putDestination",
      status: 201,
      why: "e-mail",
      path: mail,
      body: { type: "email", address: "ops@example.com", name: "Ops", digestMinutes: 60 },
    },
    { op: "putDestination", status: 400, code: "bad_request", path: hook, body: { ...body, url: "http://10.0.0.1/" } },
    {
      op: "putDestination",
      status: 400,
      code: "bad_request",
      why: "two lines",
      path: hook,
      body: { ...body, name: "A\r\nB" },
    },
    { op: "putDestination", status: 409, code: "conflict", path: mail, body },
    { op: "listDestinations", status: 200 },
    { op: "getDestination", status: 200, path: hook },
    { op: "getDestination", status: 404, code: "not_found", path: nobody },
    { op: "testDestination", status: 200, path: hook },
    { op: "testDestination", status: 200, why: "what cannot be sent", path: mail },
    { op: "testDestination", status: 404, code: "not_found", path: nobody },
    { op: "rotateDestinationSecret", status: 200, path: hook, body: { keepOldForSeconds: 60 } },
    { op: "rotateDestinationSecret", status: 404, code: "not_found", path: mail },
    { op: "enableDestination", status: 200, path: hook },
    { op: "enableDestination", status: 404, code: "not_found", path: nobody },
    { op: "listDeliveries", status: 200, path: { id: "oc-first" } },
    { op: "listDeliveries", status: 200, why: "a page", path: { id: "oc-first" }, query: { cursor: "9.dlv_5f1c" } },
    { op: "listDeliveries", status: 400, code: "bad_request", path: { id: "oc-first" }, query: { cursor: "9" } },
    { op: "listDeliveries", status: 404, code: "not_found", path: nobody },
    { op: "resendDelivery", status: 200, path: () => ({ id: sent }) },
    { op: "resendDelivery", status: 404, code: "not_found", path: nobody },
    { op: "listNotifications", status: 200, query: { sku: "CUP", limit: "1" } },
    { op: "listNotifications", status: 200, why: "a page", query: { cursor: "9.stock/sku_01/4/low" } },
    { op: "listNotifications", status: 400, code: "bad_request", query: { cursor: "stock/sku_01/4/low" } },
    { op: "listNotifications", status: 400, code: "bad_request", query: { kind: "gossip" } },
    { op: "getNotification", status: 200, path: { id: told.id } },
    { op: "getNotification", status: 404, code: "not_found", path: nobody },
    { op: "deleteDestination", status: 200, path: hook },
    { op: "deleteDestination", status: 404, code: "not_found", path: hook },
  ],
};

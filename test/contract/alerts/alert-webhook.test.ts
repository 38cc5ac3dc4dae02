import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { alertWebhook } from "../../../src/channels/alerts/alert-webhook.ts";
import { signWebhook } from "../../../src/channels/webhook/sign.ts";
import type { TellOutcome, Told } from "../../../src/services/alerts/tell-alert.ts";
import { type Loopback, startLoopback } from "../../support/alerts/loopback.ts";

let receiver: Loopback;
beforeEach(async () => {
  receiver = await startLoopback();
});
afterEach(() => receiver.close());

const SECRET = "a secret of the operator's";
const CHANGE: Told = {
  ...{ id: "breaker_open/shopify/a.myshopify.com/1000/critical", alert: "breaker_open", change: "fired" },
  ...{ subject: "shopify/a.myshopify.com", severity: "critical", value: 1, threshold: 1, unit: "state" },
  ...{ text: "It is open.", sinceMs: 1_000, atMs: 2_000 },
};
const tell = (change = CHANGE, nowMs = 1_700_000_000_123): Promise<TellOutcome> =>
  alertWebhook({
    ...{ url: `${receiver.url}/hooks/7`, secret: SECRET, nowMs: () => nowMs },
    limits: { timeoutMs: 300, replyBytesMax: 10_000, replyCharsMax: 500 },
    through: (call) => call(),
  }).tell(change);

describe("an alert's webhook", () => {
  it("is JSON with what changed, at the operator's address", async () => {
    await tell();
    const [got] = receiver.received;
    expect(got?.path).toBe("/hooks/7");
    expect(got?.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(got?.body ?? "")).toEqual({
      type: "alert.fired",
      timestamp: "1970-01-01T00:00:02.000Z",
      data: {
        ...{ id: CHANGE.id, alert: "breaker_open", subject: "shopify/a.myshopify.com", change: "fired" },
        ...{ severity: "critical", value: 1, threshold: 1, unit: "state", text: "It is open." },
        ...{ since: "1970-01-01T00:00:01.000Z", at: "1970-01-01T00:00:02.000Z" },
      },
    });
  });

  it("is signed over id, time and body, as anybody can check", async () => {
    await tell();
    const [got] = receiver.received;
    if (got === undefined) throw new Error("nothing came");
    const { headers, body } = got;
    const signed = `${String(headers["webhook-id"])}.1700000000.${body}`;
    expect(headers["webhook-timestamp"]).toBe("1700000000");
    expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", SECRET).update(signed).digest("base64")}`);
  });

  it("bears one id for all tries of one change, and another for the next change", async () => {
    await tell();
    await tell(CHANGE, 1_700_000_099_000);
    await tell({ ...CHANGE, id: `${CHANGE.id}/2`, change: "recovered" });
    const ids = receiver.received.map(({ headers }) => headers["webhook-id"]);
    expect(ids[0]).toMatch(/^alert_[0-9a-f]{32}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(receiver.received.map(({ headers }) => headers["idempotency-key"])).toEqual(ids);
  });

  it("that is refused, led elsewhere, or not answered in time was not told", async () => {
    receiver.status = 500;
    expect(await tell()).toEqual({ kind: "failed", reason: "HTTP_500" });
    receiver.status = 302;
    expect(await tell()).toEqual({ kind: "failed", reason: "the receiver answered 302" });
    expect(receiver.received).toHaveLength(2);
    receiver.status = 0;
    await expect(tell()).rejects.toThrow("no reply in time");
    await receiver.close();
    await expect(tell()).rejects.toThrow();
  });

  it("is told, once its receiver has said a status, though its answer never ends", async () => {
    receiver.answer = "trickle";
    const startedMs = performance.now();
    expect(await tell()).toEqual({ kind: "told" });
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(250); // what it says is waited for as long as for a status
    receiver.answer = "flood";
    expect(await tell()).toEqual({ kind: "told" });
    expect(receiver.received).toHaveLength(2);
  });

  // The example of the specification: https://github.com/standard-webhooks/standard-webhooks
  it("is signed as Standard Webhooks has it", async () => {
    const signed = await signWebhook(
      "msg_p5jXN8AQM9LWM0D4loKWxJek",
      '{"test": 2432232314}',
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      1_614_265_330_000,
    );
    expect(signed["webhook-signature"]).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });
});

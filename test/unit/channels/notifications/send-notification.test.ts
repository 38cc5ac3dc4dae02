import { describe, expect, it } from "vitest";
import { type SendDeps, sendNotification } from "../../../../src/channels/notifications/send-notification.ts";
import { destination, news } from "../../../support/notifications.ts";

type Mail = Parameters<Extract<SendDeps["email"], { from: string }>["send"]>[0];

const MESSAGE = { id: "dlv_1", news: [news()] };
let nowMs = 1_000;
const mailTo = (send: (mail: Mail) => Promise<unknown>) =>
  sendNotification(destination({ type: "email", address: "ops@example.com" }), MESSAGE, {
    ...{ secrets: async () => [], refusalOf: () => null, through: (_, call) => call(), nowMs: () => nowMs },
    email: { from: "onhand@example.com", send },
    limits: { timeoutMs: 20, replyBytesMax: 10_000, replyCharsMax: 500 },
  });

describe("an e-mail", () => {
  it("bears the delivery's id, by which its reader's filter knows one that came twice", async () => {
    const mails: Mail[] = [];
    const send = async (mail: Mail) => {
      mails.push(mail);
      nowMs += 40;
    };
    expect(await mailTo(send)).toEqual({ kind: "told", status: null, reply: null, ms: 40 });
    expect(mails).toMatchObject([
      { from: "onhand@example.com", to: "ops@example.com", headers: { "X-Onhand-Delivery": "dlv_1" } },
    ]);
  });

  it("that is refused says by which of Cloudflare's codes", async () => {
    const refusal = Object.assign(new Error("it bounced before"), { code: "E_RECIPIENT_SUPPRESSED" });
    expect(await mailTo(() => Promise.reject(refusal))).toEqual({
      ...{ kind: "failed", reason: "E_RECIPIENT_SUPPRESSED: it bounced before", retryAfterSeconds: null },
      ...{ status: null, reply: null, ms: 0 },
    });
  });

  it("that nobody takes in time has failed", async () => {
    expect(await mailTo(() => new Promise(() => {}))).toMatchObject({
      kind: "failed",
      reason: "TimeoutError: no reply in time",
    });
  });
});

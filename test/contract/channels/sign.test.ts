import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { signWebhook } from "../../../src/channels/webhook/sign.ts";
import { signingSecretOf } from "../../../src/domain/channel/signing-secret.ts";

const newSecret = (): string => signingSecretOf(crypto.getRandomValues(new Uint8Array(32)));
const BODY = '{"type":"channel.test","data":{"name":"Bücher"}}';

describe("a webhook of ours, as the standardwebhooks library verifies it", () => {
  it("is signed with a secret that we made", async () => {
    const secret = newSecret();
    const headers = await signWebhook("msg_1", BODY, secret, Date.now());
    expect(new Webhook(secret).verify(BODY, { ...headers })).toEqual(JSON.parse(BODY));
  });

  it("is good for either secret while one is rotated, and for no other", async () => {
    const [before, now] = [newSecret(), newSecret()];
    const headers = { ...(await signWebhook("msg_1", BODY, [now, before], Date.now())) };
    expect(headers["webhook-signature"].split(" ")).toHaveLength(2);
    expect(new Webhook(before).verify(BODY, headers)).toEqual(JSON.parse(BODY));
    expect(new Webhook(now).verify(BODY, headers)).toEqual(JSON.parse(BODY));
    expect(() => new Webhook(newSecret()).verify(BODY, headers)).toThrow("No matching signature");
  });

  it("is refused when a byte of it, its id or its time has changed", async () => {
    const secret = newSecret();
    const headers = { ...(await signWebhook("msg_1", BODY, secret, Date.now())) };
    const webhook = new Webhook(secret);
    expect(() => webhook.verify(`${BODY} `, headers)).toThrow();
    expect(() => webhook.verify(BODY, { ...headers, "webhook-id": "msg_2" })).toThrow();
    const later = String(Number(headers["webhook-timestamp"]) + 1);
    expect(() => webhook.verify(BODY, { ...headers, "webhook-timestamp": later })).toThrow();
  });
});

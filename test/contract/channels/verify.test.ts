import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { signingSecretOf } from "../../../src/domain/channel/signing-secret.ts";
import { verifyWebhook } from "../../../src/ingress/standard-webhooks.ts";

const newSecret = (bytes = 32): string => signingSecretOf(crypto.getRandomValues(new Uint8Array(bytes)));
const BODY = '{"type":"order.created","data":{"name":"Bücher"}}';
const NOW_MS = 1_800_000_000_000;
const MINUTE_MS = 60_000;

const headersOf = (secret: string, atMs = NOW_MS, id = "msg_1", body = BODY) => ({
  "webhook-id": id,
  "webhook-timestamp": `${Math.floor(atMs / 1_000)}`,
  "webhook-signature": new Webhook(secret).sign(id, new Date(atMs), body),
});

const verify = (headers: Record<string, string>, secrets: readonly string[], body = BODY) =>
  verifyWebhook(new Headers(headers), new Uint8Array(new TextEncoder().encode(body)), secrets, {
    ...{ nowMs: NOW_MS, toleranceMs: 5 * MINUTE_MS },
  });
const refused = (kind: string) => ({ ok: false, error: { kind } });
const GOOD = { ok: true, value: { webhookId: "msg_1", signedAtMs: NOW_MS } };

describe("a webhook that the standardwebhooks library has signed", () => {
  it("is taken with keys of 24 to 64 bytes", async () => {
    for (const bytes of [24, 32, 64]) {
      const secret = newSecret(bytes);
      expect(await verify(headersOf(secret), [secret])).toEqual(GOOD);
    }
  });

  it("is taken by either secret that is in force, and by any of several signatures", async () => {
    const [now, before, other] = [newSecret(), newSecret(), newSecret()];
    expect(await verify(headersOf(before), [now, before])).toEqual(GOOD);
    const both = `${headersOf(other)["webhook-signature"]} v1a,AAAA ${headersOf(now)["webhook-signature"]}`;
    expect(await verify({ ...headersOf(now), "webhook-signature": both }, [now, before])).toEqual(GOOD);
    expect(await verify(headersOf(other), [now, before])).toEqual(refused("signature"));
    expect(await verify(headersOf(other), [])).toEqual(refused("signature"));
  });

  it("is refused when a byte of it, its id or its time is another", async () => {
    const secret = newSecret();
    const headers = headersOf(secret);
    expect(await verify(headers, [secret], `${BODY} `)).toEqual(refused("signature"));
    expect(await verify({ ...headers, "webhook-id": "msg_2" }, [secret])).toEqual(refused("signature"));
    const later = `${Number(headers["webhook-timestamp"]) + 1}`;
    expect(await verify({ ...headers, "webhook-timestamp": later }, [secret])).toEqual(refused("signature"));
  });

  it("is refused five minutes before and after its time, as the library does", async () => {
    const secret = newSecret();
    for (const [offMs, isGood] of [
      [-5 * MINUTE_MS, true],
      [5 * MINUTE_MS, true],
      [-5 * MINUTE_MS - 1_000, false],
      [5 * MINUTE_MS + 1_000, false],
    ] as const) {
      expect((await verify(headersOf(secret, NOW_MS + offMs), [secret])).ok).toBe(isGood);
    }
    const stale = headersOf(secret, Date.now() - 5 * MINUTE_MS - 2_000);
    expect(() => new Webhook(secret).verify(BODY, stale)).toThrow("too old");
  });

  it("is refused without its headers, with a time that is none, and with a signature that is none", async () => {
    const secret = newSecret();
    const good = headersOf(secret);
    expect(await verify({ ...good, "webhook-id": "" }, [secret])).toEqual(refused("headers"));
    expect(await verify({ ...good, "webhook-timestamp": "now" }, [secret])).toEqual(refused("headers"));
    for (const signature of ["", "v1,", "v1,%%%", "v2,AAAA", good["webhook-signature"].slice("v1,".length)])
      expect(await verify({ ...good, "webhook-signature": signature }, [secret])).toEqual(refused("signature"));
  });

  it("is signed by nobody where a secret is no key", async () => {
    const signature = headersOf(newSecret())["webhook-signature"];
    for (const secret of ["", "whsec_", "whsec_%%%", "plain text"])
      expect(await verify({ ...headersOf(newSecret()), "webhook-signature": signature }, [secret])).toEqual(
        refused("signature"),
      );
  });
});

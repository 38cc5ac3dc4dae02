/**
 * Verifies what is signed as "Standard Webhooks" has it: HMAC-SHA256 over "id.timestamp.body", by any of the secrets that are
 * in force. Constant time: `crypto.subtle.verify` compares, and each pair is tried whatever the one before said.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { err, ok, type Result } from "../domain/result.ts";
import { decodeBase64 } from "./decode-base64.ts";

export type Verified = {
  readonly webhookId: string;
  /** Epoch ms; whole seconds. */
  readonly signedAtMs: number;
};

export type NotVerified = { readonly kind: "headers" | "stale" | "signature" };

/** A rotation brings two, and a sender may sign with several algorithms. Each costs a hash of the whole body. */
const SIGNATURES_MAX = 8;
const ID_CHARS_MAX = 255;
const encoder = new TextEncoder();

export async function verifyWebhook(
  headers: Headers,
  body: Uint8Array<ArrayBuffer>,
  secrets: readonly string[],
  { nowMs, toleranceMs }: { readonly nowMs: number; readonly toleranceMs: number },
): Promise<Result<Verified, NotVerified>> {
  const webhookId = headers.get("webhook-id") ?? "";
  const timestamp = headers.get("webhook-timestamp") ?? "";
  const isNamed = webhookId.length > 0 && webhookId.length <= ID_CHARS_MAX && /^\d{1,12}$/.test(timestamp);
  if (!isNamed) return err({ kind: "headers" });
  const signedAtMs = Number(timestamp) * 1_000;
  if (Math.abs(nowMs - signedAtMs) > toleranceMs) return err({ kind: "stale" });
  const signed = joined(encoder.encode(`${webhookId}.${timestamp}.`), body);
  const given = signaturesIn(headers.get("webhook-signature") ?? "");
  const keys = await Promise.all(secrets.map(keyOf));
  const verdicts = await Promise.all(
    keys.flatMap((key) =>
      key === null ? [] : given.map((signature) => crypto.subtle.verify("HMAC", key, signature, signed)),
    ),
  );
  return verdicts.includes(true) ? ok({ webhookId, signedAtMs }) : err({ kind: "signature" });
}

function joined(head: Uint8Array, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(head.byteLength + body.byteLength);
  whole.set(head);
  whole.set(body, head.byteLength);
  return whole;
}

/** "v1,<base64> v1,<base64>"; other versions are other algorithms. */
function signaturesIn(header: string): readonly Uint8Array<ArrayBuffer>[] {
  const parts = header.split(" ").filter((part) => part.startsWith("v1,"));
  return parts.slice(0, SIGNATURES_MAX).flatMap((part) => decodeBase64(part.slice("v1,".length)) ?? []);
}

const PREFIX = "whsec_";

/** Null where it is no secret: nobody has signed with it. */
async function keyOf(secret: string): Promise<CryptoKey | null> {
  const bytes = secret.startsWith(PREFIX) ? decodeBase64(secret.slice(PREFIX.length)) : null;
  if (bytes === null || bytes.byteLength === 0) return null;
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}

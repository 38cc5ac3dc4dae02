/** What senders sign with. Constant time: the runtime compares, and each secret is tried whatever the one before said. */
import { decodeBase64 } from "../decode-base64.ts";

const encoder = new TextEncoder();

/** @param given  base64 of HMAC-SHA256 over `parts`, one after the other */
export async function isHmacOf(
  parts: readonly (string | Uint8Array<ArrayBuffer>)[],
  given: string,
  secrets: readonly string[],
): Promise<boolean> {
  const signature = decodeBase64(given);
  if (signature === null) return false;
  const signed = joined(parts.map((part) => (typeof part === "string" ? encoder.encode(part) : part)));
  const verdicts = await Promise.all(
    secrets.map(async (secret) => crypto.subtle.verify("HMAC", await keyOf(secret), signature, signed)),
  );
  return verdicts.includes(true);
}

/** Whether a text is one of the secrets. Their tags under a key of the moment are compared, which tells nobody where they differ. */
export async function isOneOf(given: string, secrets: readonly string[]): Promise<boolean> {
  const key = await crypto.subtle.importKey("raw", crypto.getRandomValues(new Uint8Array(32)), HMAC, false, [
    "sign",
    "verify",
  ]);
  const verdicts = await Promise.all(
    secrets.map(async (secret) => {
      const tag = await crypto.subtle.sign("HMAC", key, encoder.encode(secret));
      return crypto.subtle.verify("HMAC", key, tag, encoder.encode(given));
    }),
  );
  return verdicts.includes(true);
}

const HMAC = { name: "HMAC", hash: "SHA-256" };

const keyOf = (secret: string): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", encoder.encode(secret), HMAC, false, ["verify"]);

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
}

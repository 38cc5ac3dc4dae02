/**
 * Shopify's webhook signature: base64 of HMAC-SHA256 over the raw body, keyed by the app's client secret.
 * Two secrets are tried, because a rotated one signs for up to an hour more.
 * @see https://shopify.dev/docs/apps/build/webhooks/subscribe/https
 */
import { decodeBase64 } from "./decode-base64.ts";

const encoder = new TextEncoder();
/** At most two secrets of each app; of all that were rotated while the isolate lives, so many. */
const KEYS_MAX = 500;
const keys = new Map<string, Promise<CryptoKey>>();

/** `crypto.subtle.verify` compares in constant time; every secret is tried whatever the first one said. */
export async function isSignedByShopify(
  body: Uint8Array<ArrayBuffer>,
  signature: string,
  secrets: readonly string[],
): Promise<boolean> {
  const given = decodeBase64(signature);
  if (given === null) return false;
  const verdicts = await Promise.all(
    secrets.map(async (secret) => crypto.subtle.verify("HMAC", await keyOf(secret), given, body)),
  );
  return verdicts.includes(true);
}

function keyOf(secret: string): Promise<CryptoKey> {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["verify"]);
  if (keys.size >= KEYS_MAX) keys.clear();
  keys.set(secret, key);
  return key;
}

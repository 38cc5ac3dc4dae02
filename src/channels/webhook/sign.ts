/**
 * Signs a webhook of ours as "Standard Webhooks" has it, so that receivers verify it with a library of their language.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */

export type SignedHeaders = {
  readonly "webhook-id": string;
  /** Seconds since the epoch: a receiver refuses an old one. */
  readonly "webhook-timestamp": string;
  readonly "webhook-signature": string;
};

/**
 * HMAC-SHA256 over "id.timestamp.body".
 * @param id  the same for every try of one message: receivers know by it what they have had
 * @param secret  "whsec_" and base64 of the key, or the key itself as text
 */
export async function signWebhook(id: string, body: string, secret: string, nowMs: number): Promise<SignedHeaders> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const bytes = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", keyOf(secret), algorithm, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${btoa(String.fromCharCode(...signature))}`,
  };
}

const PREFIX = "whsec_";

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  if (!secret.startsWith(PREFIX)) return new Uint8Array(new TextEncoder().encode(secret));
  return Uint8Array.from(atob(secret.slice(PREFIX.length)), (char) => char.charCodeAt(0));
}

/**
 * Signs a webhook of ours as "Standard Webhooks" has it, so that receivers verify it with a library of their language.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */

export type SignedHeaders = {
  readonly "webhook-id": string;
  /** Seconds since the epoch: a receiver refuses an old one. */
  readonly "webhook-timestamp": string;
  /** One for each secret, parted by a space: a receiver is content with any. */
  readonly "webhook-signature": string;
};

/**
 * HMAC-SHA256 over "id.timestamp.body".
 * @param id  the same for every try of one message: receivers know by it what they have had
 * @param secrets  "whsec_" and base64 of the key, or the key itself as text; while one is rotated there are two
 */
export async function signWebhook(
  id: string,
  body: string,
  secrets: string | readonly string[],
  nowMs: number,
): Promise<SignedHeaders> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const bytes = new Uint8Array(new TextEncoder().encode(`${id}.${timestamp}.${body}`));
  const signatures = await Promise.all([secrets].flat().map((secret) => signatureOf(bytes, secret)));
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}

async function signatureOf(bytes: Uint8Array<ArrayBuffer>, secret: string): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", keyOf(secret), algorithm, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
  return `v1,${btoa(String.fromCharCode(...signature))}`;
}

const PREFIX = "whsec_";

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  if (!secret.startsWith(PREFIX)) return new Uint8Array(new TextEncoder().encode(secret));
  return Uint8Array.from(atob(secret.slice(PREFIX.length)), (char) => char.charCodeAt(0));
}

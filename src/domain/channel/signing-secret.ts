/**
 * A signing secret as Standard Webhooks writes it: "whsec_" and base64 of the key, of 24 to 64 bytes; ours have 32.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */

/** As many as its SHA-256 gives. */
export const SIGNING_KEY_BYTES = 32;

/** @param key  random bytes */
export const signingSecretOf = (key: Uint8Array): string => `whsec_${btoa(String.fromCharCode(...key))}`;

/**
 * Secrets of channels at rest: AES-GCM with a key of the deployment's. Each is bound to its channel and its name, so that a
 * row that is moved to another channel does not open there. Two keys are tried, so that the key itself can be changed.
 * @see https://developer.mozilla.org/docs/Web/API/AesGcmParams
 */
export type Sealed = { readonly ciphertext: Uint8Array<ArrayBuffer>; readonly iv: Uint8Array<ArrayBuffer> };

export interface SecretBox {
  /** With the present key. */
  /** @param owner  a channel, or whatever else has secrets */
  seal(owner: string, name: string, secret: string): Promise<Sealed>;
  /** `key` 0: the present one opened it. Null: no key does, or the row is another's. */
  open(owner: string, name: string, sealed: Sealed): Promise<{ readonly secret: string; readonly key: number } | null>;
}

const AES = "AES-GCM";
const IV_BYTES = 12; // what GCM is made for; random, of some thousand secrets at most

/** @param keys  base64 of 32 bytes each, the present one first, then the one before it */
export function secretBox(keys: readonly [string, ...string[]]): SecretBox {
  const imported = keys.map((key) => importKey(key));
  return {
    async seal(owner, name, secret) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const key = await importedAt(imported, 0);
      const bytes = new TextEncoder().encode(secret);
      const sealed = await crypto.subtle.encrypt(paramsOf(owner, name, iv), key, bytes);
      return { ciphertext: new Uint8Array(sealed), iv };
    },
    async open(owner, name, { ciphertext, iv }) {
      for (const [i, pending] of imported.entries()) {
        try {
          const bytes = await crypto.subtle.decrypt(paramsOf(owner, name, iv), await pending, ciphertext);
          return { secret: new TextDecoder().decode(bytes), key: i };
        } catch {
          // Another key, another channel, or a damaged row: which one, nobody can tell.
        }
      }
      return null;
    },
  };
}

function importedAt(keys: readonly Promise<CryptoKey>[], index: number): Promise<CryptoKey> {
  const key = keys[index];
  if (key === undefined) throw new Error("a box has a key");
  return key;
}

const paramsOf = (owner: string, name: string, iv: Uint8Array<ArrayBuffer>) => ({
  name: AES,
  iv,
  additionalData: new TextEncoder().encode(JSON.stringify([owner, name])),
});

const importKey = (base64: string): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", bytesOf(base64), AES, false, ["encrypt", "decrypt"]);

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** What a channel of type `shopify` has of its app, by the names under which they are stored. */
import type { KnownChannel } from "./channel-directory.ts";

export type ShopAppSecrets = {
  readonly clientId: string | null;
  /** Sign its webhooks: the present one first, then the one before it. Empty: none is stored, and nothing is believed. */
  readonly webhookSecrets: readonly string[];
  readonly clientSecret: string | null;
  /** Of an app made before 2026. */
  readonly accessToken: string | null;
};

/** @returns null: it is no shop */
export function shopAppOf(known: KnownChannel | null): ShopAppSecrets | null {
  if (known?.channel.type !== "shopify") return null;
  const { client_id, client_secret, client_secret_previous, access_token } = known.secrets.credentials;
  return {
    clientId: client_id ?? null,
    clientSecret: client_secret ?? null,
    webhookSecrets: [client_secret, client_secret_previous].filter((secret) => secret !== undefined),
    accessToken: access_token ?? null,
  };
}

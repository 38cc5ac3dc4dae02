/**
 * A token of the client-credentials grant: for apps and shops of one organisation, good for 24 h.
 * @see https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant
 */
import * as z from "zod/mini";
import type { TokenReply } from "../../domain/shop-gate/token.ts";
import { withDeadline } from "../../services/with-deadline.ts";
import { FETCH_TIMEOUT_MS } from "./admin-client.ts";
import { readTextCapped } from "./read-text-capped.ts";

export type ClientCredentials = { readonly clientId: string; readonly clientSecret: string };

const TOKEN_BYTES_MAX = 20_000;
const grantSchema = z.object({
  access_token: z.string().check(z.minLength(1), z.maxLength(1_000)),
  expires_in: z.number().check(z.positive()),
});

/** @param origin  `https://name.myshopify.com`. Never throws. */
export async function grantToken(origin: string, { clientId, clientSecret }: ClientCredentials): Promise<TokenReply> {
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret,
  });
  return withDeadline(FETCH_TIMEOUT_MS, async (signal) => {
    try {
      const response = await fetch(`${origin}/admin/oauth/access_token`, {
        method: "POST",
        headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" },
        body: body.toString(),
        signal,
        redirect: "manual",
      });
      const text = await readTextCapped(response, TOKEN_BYTES_MAX);
      if (!response.ok) return refusalOf(response);
      return text.ok ? grantOf(text.value) : notGranted("UNREADABLE", text.error.message);
    } catch {
      // Not the error's words: the request's text holds the secret.
      return notGranted(signal.aborted ? "TIMEOUT" : "NETWORK", "no reply");
    }
  });
}

function grantOf(text: string): TokenReply {
  try {
    const { access_token: accessToken, expires_in: expiresInSeconds } = grantSchema.parse(JSON.parse(text));
    return { kind: "granted", accessToken, expiresInSeconds };
  } catch {
    return notGranted("UNREADABLE", "the reply is no token");
  }
}

/** 4xx: wrong credentials, or the app is not installed: nothing that time repairs. 429 and 5xx pass. */
function refusalOf({ status, headers }: Response): TokenReply {
  const seconds = Number(headers.get("Retry-After") ?? Number.NaN);
  const retryAfterSeconds = Number.isFinite(seconds) ? Math.max(0, seconds) : null;
  const isFinal = status < 500 && status !== 429 && status !== 430 && status !== 408;
  return { kind: "not_granted", isFinal, code: `HTTP_${status}`, message: "the token was refused", retryAfterSeconds };
}

const notGranted = (code: string, message: string): TokenReply => ({
  kind: "not_granted",
  isFinal: false,
  code,
  message,
  retryAfterSeconds: null,
});

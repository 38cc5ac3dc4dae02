/** POST /admin/oauth/access_token: the client-credentials grant, form or JSON. */
import { httpErrorAnswer } from "./http-error-answer.ts";
import type { HttpAnswer } from "./http-io.ts";
import { isSameSecret, type TokenDesk } from "./token-desk.ts";

export type OauthDeps = {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly tokens: TokenDesk;
  /** An outage takes the token endpoint down too. */
  readonly outageStatus: () => number | null;
};

export function answerTokenRequest(deps: OauthDeps, contentType: string, body: string): HttpAnswer {
  const outageStatus = deps.outageStatus();
  if (outageStatus !== null) return httpErrorAnswer(outageStatus);
  const fields = contentType.includes("json") ? jsonFields(body) : new URLSearchParams(body);
  const clientId = fields?.get("client_id") ?? "";
  if (fields === null || fields.get("grant_type") !== "client_credentials") {
    return oauthError(400, "unsupported_grant_type", "The authorization grant type is not supported");
  }
  if (clientId !== deps.clientId) {
    return oauthError(400, "application_cannot_be_found", "Could not find Shopify API application with api_key");
  }
  if (!isSameSecret(fields.get("client_secret") ?? "", deps.clientSecret)) {
    return oauthError(401, "invalid_client", "Client authentication failed");
  }
  if (!deps.tokens.isInstalled) return oauthError(400, "app_not_installed", "The app is not installed on this shop");
  const grant = deps.tokens.grant();
  return {
    status: 200,
    body: { access_token: grant.accessToken, scope: deps.scopes.join(","), expires_in: grant.expiresInSeconds },
    headers: { "Cache-Control": "no-store" },
  };
}

function oauthError(status: number, error: string, description: string): HttpAnswer {
  return { status, body: { error, error_description: description } };
}

function jsonFields(body: string): URLSearchParams | null {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || value === null) return null;
    return new URLSearchParams(Object.entries(value).map(([name, field]): [string, string] => [name, String(field)]));
  } catch {
    return null;
  }
}

/** The access token of one shop: when it is good, when it is renewed. Plain data, stored with the gate. */
import { TOKEN_EARLY_MS, TOKEN_MARGIN_MS } from "./limits.ts";
import type { TokenState } from "./plan.ts";

export type Token = {
  readonly accessToken: string;
  /** Renewed from here on, while it still works. */
  readonly renewAtMs: number;
  /** Not used from here on. */
  readonly endsAtMs: number;
};

export type TokenReply =
  | { readonly kind: "granted"; readonly accessToken: string; readonly expiresInSeconds: number }
  /** `isFinal`: the same request will be refused again. */
  | {
      readonly kind: "not_granted";
      readonly isFinal: boolean;
      readonly code: string;
      readonly message: string;
      readonly retryAfterSeconds: number | null;
    };

/** Five minutes early; a token that lives less than ten is renewed at half its life. */
export function tokenFrom(grant: TokenReply & { kind: "granted" }, nowMs: number): Token {
  const lifeMs = grant.expiresInSeconds * 1_000;
  return {
    accessToken: grant.accessToken,
    renewAtMs: nowMs + Math.max(lifeMs - TOKEN_EARLY_MS, lifeMs / 2),
    endsAtMs: nowMs + Math.max(lifeMs - TOKEN_MARGIN_MS, lifeMs / 2),
  };
}

export function stateOfToken(token: Token | null, nowMs: number): TokenState {
  if (token === null || nowMs >= token.endsAtMs) return "missing";
  return nowMs >= token.renewAtMs ? "ageing" : "ready";
}

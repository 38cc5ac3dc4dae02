/** Access tokens: the client-credentials grant of Dev Dashboard apps (24 h), and one fixed token for tools. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** Shopify's answer says 86399: a day less the second it took. */
export const TOKEN_SECONDS = 86_399;

export type TokenGrant = { readonly accessToken: string; readonly expiresInSeconds: number };

export class TokenDesk {
  readonly #now: () => number;
  readonly #expiryByToken = new Map<string, number>();
  #fixedToken: string | null;
  isInstalled = true;

  constructor(now: () => number, fixedToken: string) {
    this.#now = now;
    this.#fixedToken = fixedToken;
  }

  grant(): TokenGrant {
    const accessToken = `shpat_${randomBytes(16).toString("hex")}`;
    this.#expiryByToken.set(accessToken, this.#now() + TOKEN_SECONDS * 1000);
    return { accessToken, expiresInSeconds: TOKEN_SECONDS };
  }

  isValid(token: string): boolean {
    if (token === this.#fixedToken) return true;
    const expiresAtMs = this.#expiryByToken.get(token);
    return expiresAtMs !== undefined && this.#now() < expiresAtMs;
  }

  /** Every token stops working, the fixed one too; new ones can be had. */
  revokeAll(): void {
    this.#expiryByToken.clear();
    this.#fixedToken = null;
  }

  /** Tokens that were granted expire; the fixed one, which has no term, stays. */
  expireGranted(): void {
    this.#expiryByToken.clear();
  }
}

/** A stable secret for a name, so that a stack with the same seed starts with the same credentials. */
export function derivedSecret(prefix: string, seed: number, name: string): string {
  return prefix + createHash("sha256").update(`${seed} ${name}`).digest("hex").slice(0, 32);
}

/** Compares in constant time. */
export function isSameSecret(one: string, other: string): boolean {
  const left = Buffer.from(one);
  const right = Buffer.from(other);
  return left.length === right.length && timingSafeEqual(left, right);
}

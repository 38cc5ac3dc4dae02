/** Holds the access token of one shop: renewed early, in single flight, dropped when Shopify refuses it. */
import { afterTokenGrant, afterTokenRefusal, type GateMemory } from "../../domain/shop-gate/gate-memory.ts";
import type { TokenState } from "../../domain/shop-gate/plan.ts";
import { stateOfToken, type Token, tokenFrom } from "../../domain/shop-gate/token.ts";
import { reasonOf } from "../../observability/log.ts";
import type { GateDeps } from "./gate-deps.ts";

export class TokenKeeper {
  readonly #deps: GateDeps;
  readonly #change: (change: (memory: GateMemory) => GateMemory) => void;
  #token: Token | null;
  #coming: Promise<void> | null = null;

  /** @param change  applies a change to the gate's memory, and saves it */
  constructor(deps: GateDeps, change: (change: (memory: GateMemory) => GateMemory) => void) {
    this.#deps = deps;
    this.#change = change;
    this.#token = deps.journal.token();
  }

  get isComing(): boolean {
    return this.#coming !== null;
  }

  get isFixed(): boolean {
    return this.#deps.shopify.fixedToken !== null;
  }

  state(nowMs: number): TokenState {
    return this.isFixed ? "ready" : stateOfToken(this.#token, nowMs);
  }

  /** The token to call with; null while there is none. */
  current(nowMs: number): string | null {
    if (this.isFixed) return this.#deps.shopify.fixedToken;
    return this.state(nowMs) === "missing" ? null : (this.#token?.accessToken ?? null);
  }

  /** Ask for a new one, unless somebody already does. Never rejects. */
  fetch(): Promise<void> {
    this.#coming ??= this.#fetch().finally(() => {
      this.#coming = null;
    });
    return this.#coming;
  }

  /** Shopify refused this token. A newer one, fetched meanwhile, stays. */
  drop(accessToken: string): void {
    if (this.#token?.accessToken !== accessToken) return;
    this.#token = null;
    this.#deps.journal.saveToken(null);
  }

  async #fetch(): Promise<void> {
    const { shopify, journal, log, shop, random } = this.#deps;
    const reply = await shopify.grantToken().catch((error: unknown) => ({
      kind: "not_granted" as const,
      isFinal: false,
      code: "BUG",
      message: reasonOf(error),
      retryAfterSeconds: null,
    }));
    const nowMs = this.#deps.now();
    if (reply.kind === "granted") {
      this.#token = tokenFrom(reply, nowMs);
      journal.saveToken(this.#token);
      this.#change(afterTokenGrant);
      log("info", "gate.token_granted", { shop });
      return;
    }
    this.#change((memory) => afterTokenRefusal(memory, reply, nowMs, random));
    log(reply.isFinal ? "error" : "warn", "gate.token_refused", { shop, code: reply.code, reason: reply.message });
  }
}

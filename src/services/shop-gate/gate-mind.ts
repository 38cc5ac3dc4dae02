/**
 * What a gate knows: the memory that survives it (bucket, breakers, costs, counts), the operator's settings, the token.
 * Every reply of any kind passes through `learn`.
 */
import { admit, type Request, type Ticket, take } from "../../domain/shop-gate/budget.ts";
import {
  afterReply,
  counted,
  type GateCounts,
  type GateMemory,
  type ReplyNews,
  resumed,
  revivedMemory,
} from "../../domain/shop-gate/gate-memory.ts";
import type { Trouble } from "../../domain/shop-gate/judge-reply.ts";
import { costOf, type ShopifyReply } from "../../domain/shop-gate/reply.ts";
import { reasonOf } from "../../observability/log.ts";
import type { GateSettings } from "../gate-contract.ts";
import type { GateDeps } from "./gate-deps.ts";
import { TokenKeeper } from "./token-keeper.ts";

/** Until an operator says otherwise. A row above 10,000 units is more often a typing error than a delivery. */
export const DEFAULT_SETTINGS: GateSettings = { readOnly: false, stopped: false, deltaMax: 10_000 };

/** A call that has taken its points and is under way. */
export type Started = Pick<ReplyNews, "ticket" | "asker" | "weight"> & {
  readonly accessToken: string;
  readonly costName?: string | undefined;
};

export class GateMind {
  readonly token: TokenKeeper;
  readonly #deps: GateDeps;
  #memory: GateMemory;
  #settings: GateSettings;

  constructor(deps: GateDeps) {
    this.#deps = deps;
    this.#memory = revivedMemory(deps.journal.memory() ?? {}, deps.now());
    this.#settings = { ...DEFAULT_SETTINGS, ...deps.journal.settings() };
    this.token = new TokenKeeper(deps, (change) => this.#remember(change(this.#memory)));
  }

  get memory(): GateMemory {
    return this.#memory;
  }

  get settings(): GateSettings {
    return this.#settings;
  }

  configure(settings: Partial<GateSettings>): void {
    this.#settings = { ...this.#settings, ...settings };
    this.#deps.journal.saveSettings(this.#settings);
  }

  /** End every pause, of frozen calls, too; only connecting it again brings a disconnected shop back. */
  resume(): void {
    if (this.#settings.paused === "app_uninstalled") this.configure({ paused: null });
    this.#remember(resumed(this.#memory));
    this.#deps.journal.hastenFrozen(this.#deps.now());
  }

  /** Counts that no transaction carries by itself are saved with `save`. */
  count(more: Partial<GateCounts>): void {
    this.#memory = counted(this.#memory, more);
  }

  save(): void {
    this.#remember(this.#memory);
  }

  /** Milliseconds until the bucket and the pace let it go; 0 for now. */
  waitMs(request: Request, nowMs: number): number {
    const admission = admit(this.#memory.budget, request, nowMs);
    return admission.kind === "now" ? 0 : admission.atMs - nowMs;
  }

  take(request: Request, nowMs: number): Ticket {
    const { budget, ticket } = take(this.#memory.budget, request, nowMs);
    this.#memory = { ...this.#memory, budget };
    return ticket;
  }

  /** What a reply teaches. In memory: the caller's transaction saves it. @returns the trouble, handed through */
  learn(started: Started, reply: ShopifyReply<unknown>, trouble: Trouble | null): Trouble | null {
    const { log, shop, random } = this.#deps;
    const { ticket, asker, weight, accessToken, costName = null } = started;
    const nowMs = this.#deps.now();
    const before = this.#memory.breaker;
    const { isFixed: isTokenFixed } = this.token;
    const isTokenCurrent = this.token.current(nowMs) === accessToken;
    const news = { ticket, asker, weight, costName, trouble, cost: costOf(reply), isTokenFixed, isTokenCurrent };
    this.#memory = afterReply(this.#memory, news, nowMs, random);
    if (trouble?.kind === "unauthorized") this.token.drop(accessToken);
    const { breaker } = this.#memory;
    if (breaker.kind === "open" && breaker !== before) {
      log("error", "gate.paused", { shop, reason: breaker.reason, ms: breaker.untilMs - nowMs });
    } else if (breaker.kind === "closed" && before.kind === "open") {
      this.#deps.journal.hastenFrozen(nowMs);
      log("info", "gate.resumed", { shop, reason: before.reason });
    }
    return trouble;
  }

  #remember(memory: GateMemory): void {
    this.#memory = memory;
    this.#deps.journal.saveMemory(memory);
  }
}

/** A port that breaks its promise not to throw leaves us as wise as a broken connection. */
export async function guarded<Data>(ask: () => Promise<ShopifyReply<Data>>): Promise<ShopifyReply<Data>> {
  try {
    return await ask();
  } catch (error) {
    return { kind: "no_reply", fault: "network", message: reasonOf(error) };
  }
}

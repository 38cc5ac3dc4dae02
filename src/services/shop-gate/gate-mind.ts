/**
 * What a gate knows: the memory that survives it (bucket, breakers, costs, counts), the operator's settings, the token.
 * Every reply of any kind passes through `learn`.
 */
import { isolated, probing, released } from "../../domain/breaker/breaker.ts";
import { type BreakerNews, withoutTold } from "../../domain/breaker/news.ts";
import { admit, type Request, type Ticket, take } from "../../domain/shop-gate/budget.ts";
import {
  afterReply,
  counted,
  type GateCounts,
  type GateMemory,
  type ReplyNews,
  resumed,
  revivedMemory,
  withBreaker,
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
export type Started = Pick<ReplyNews, "ticket" | "startedMs" | "asker" | "weight"> & {
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
    const nowMs = this.#deps.now();
    this.#remember(resumed(this.#memory, nowMs));
    this.#deps.journal.hastenFrozen(nowMs);
  }

  /** An operator stops all calls, until `release`. */
  isolate(by: string, reason: string): void {
    const nowMs = this.#deps.now();
    this.#remember(withBreaker(this.#memory, isolated(this.#memory.breaker, by, reason, nowMs), nowMs));
  }

  release(): void {
    const nowMs = this.#deps.now();
    this.#remember(withBreaker(this.#memory, released(this.#memory.breaker, nowMs), nowMs));
  }

  /** The queue has these. */
  told(news: BreakerNews): void {
    this.#remember({ ...this.#memory, breakerNews: withoutTold(this.#memory.breakerNews, news) });
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

  /** A call goes now: its points, and the probe of a breaker whose pause is over. */
  take(request: Request, nowMs: number): Ticket {
    const { budget, ticket } = take(this.#memory.budget, request, nowMs);
    this.#become(withBreaker({ ...this.#memory, budget }, probing(this.#memory.breaker, nowMs), nowMs));
    return ticket;
  }

  /**
   * What a reply teaches. In memory: the caller's transaction saves it.
   * @param outcome  as the numbers call it
   * @returns the trouble, handed through
   */
  learn(
    started: Started,
    reply: ShopifyReply<unknown>,
    trouble: Trouble | null,
    outcome: string = trouble?.kind ?? "answered",
  ): Trouble | null {
    this.#measure(started, trouble, outcome);
    const { accessToken, costName = null, ...call } = started;
    const nowMs = this.#deps.now();
    const isTokenCurrent = this.token.current(nowMs) === accessToken;
    const told = { costName, trouble, cost: costOf(reply), isTokenFixed: this.token.isFixed, isTokenCurrent };
    const { breaker: before } = this.#memory;
    this.#become(afterReply(this.#memory, { ...call, ...told }, nowMs, this.#deps.random));
    if (trouble?.kind === "unauthorized") this.token.drop(accessToken);
    const { breaker } = this.#memory;
    // A probe came back: frozen calls are the next ones, or all may go.
    if (before.kind === "half_open" && breaker !== before && breaker.kind !== "open") {
      this.#deps.journal.hastenFrozen(nowMs);
    }
    return trouble;
  }

  #measure({ asker, ticket }: Started, trouble: Trouble | null, outcome: string): void {
    const { meter, shop } = this.#deps;
    const kind = asker === "caller" ? "other" : ticket.kind;
    meter.count("onhand_gate_call_total", { shop, kind, outcome });
    if (trouble?.kind === "throttled" || trouble?.kind === "rate_limited")
      meter.count("onhand_gate_rate_limited_total", { shop, code: trouble.code });
  }

  #become(memory: GateMemory): void {
    const before = this.#memory.breakerNews;
    this.#memory = memory;
    for (const change of memory.breakerNews) if (!before.includes(change)) this.#deps.breaker.changed(change);
  }

  #remember(memory: GateMemory): void {
    this.#become(memory);
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

/**
 * Calls that are no pushes and no reads of counters: imports, subscriptions, an operator's evidence. They share the
 * shop's token, bucket and breaker, have one connection, and never wait for their turn: they are told when to come again.
 */
import { stateOf } from "../../domain/breaker/breaker.ts";
import type { InventoryItemId, ShopLocationId } from "../../domain/ids.ts";
import { readWeight } from "../../domain/shop-gate/chunk-reads.ts";
import { judgeReply } from "../../domain/shop-gate/judge-reply.ts";
import { OTHER_ASKED_MS, OTHERS_IN_FLIGHT_MAX, PROBE_COST } from "../../domain/shop-gate/limits.ts";
import type { Row } from "../../domain/shop-gate/push.ts";
import type { ShopifyReply } from "../../domain/shop-gate/reply.ts";
import type { GraphqlReply, GraphqlRequest, PushEvidence } from "../gate-contract.ts";
import type { GateDeps } from "./gate-deps.ts";
import { type GateMind, guarded } from "./gate-mind.ts";
import { type NotSent, toGraphqlReply } from "./graphql-reply.ts";

export interface Surroundings {
  /** Calls of all kinds under way. */
  callsInFlight(): number;
  /** Whether pushes wait that only pace and bucket hold back. */
  pushesWait(nowMs: number): boolean;
  /** Called when a call is over. */
  afterwards(): void;
}

type Ask = Pick<GraphqlRequest, "kind" | "cost" | "costName">;

export class OtherCalls {
  readonly #deps: GateDeps;
  readonly #mind: GateMind;
  readonly #around: Surroundings;
  #inFlight = 0;
  /** When somebody was last told to come again for want of points. */
  #askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: GateDeps, mind: GateMind, around: Surroundings) {
    this.#deps = deps;
    this.#mind = mind;
    this.#around = around;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Somebody was sent away for want of points, and will come again. */
  isAskedFor(nowMs: number): boolean {
    return nowMs < this.#askedAtMs + OTHER_ASKED_MS;
  }

  /** Ask the least there is, to see whether Shopify is back; what it answers is the breaker's to learn. */
  async probe(): Promise<void> {
    await this.#call({ kind: "read", cost: PROBE_COST }, (accessToken) => this.#deps.shopify.probe(accessToken));
  }

  async graphql({ document, variables, ...ask }: GraphqlRequest): Promise<GraphqlReply> {
    const { shopify } = this.#deps;
    const reply = await this.#call(ask, (accessToken) => shopify.graphql(accessToken, document, variables));
    return reply.kind === "answered" ? toGraphqlReply(reply.reply, this.#mind.memory, this.#deps.now()) : reply;
  }

  /** Levels as Shopify tells them now, for a person to look at. @returns why not, where they cannot be read */
  async levelsNow(rows: readonly Row[]): Promise<PushEvidence["levels"]> {
    const items: readonly InventoryItemId[] = [...new Set(rows.map(({ item }) => item))];
    const locations: readonly ShopLocationId[] = [...new Set(rows.map(({ location }) => location))];
    const cost = Math.ceil(readWeight(items.length, locations.length) * this.#mind.memory.pointsPerWeight);
    const ask = { kind: "read", cost } as const;
    const answer = await this.#call(ask, (token) => this.#deps.shopify.levels(token, items, locations));
    if (answer.kind === "later") return `${answer.reason}: try again in ${Math.ceil(answer.afterMs / 1_000)} s`;
    if (answer.kind === "refused") return `${answer.code}: ${answer.message}`;
    const { reply } = answer;
    const trouble = judgeReply(reply);
    if (trouble !== null) return `${trouble.code}: ${trouble.message}`;
    if (reply.kind !== "graphql" || reply.data === null) return "Shopify's answer lacks the levels";
    const levels = [...reply.data.values()].flatMap((each) => each ?? []);
    return locations.flatMap((location) =>
      levels.filter((level) => level.location === location).map((level) => ({ ...level, location })),
    );
  }

  async #call<Data>(
    ask: Ask,
    send: (accessToken: string) => Promise<ShopifyReply<Data>>,
  ): Promise<NotSent | { readonly kind: "answered"; readonly reply: ShopifyReply<Data> }> {
    const blocked = this.#blocked();
    if (blocked !== null) return blocked;
    if (this.#mind.token.state(this.#deps.now()) === "missing") await this.#mind.token.fetch();
    // The token took its time: everything may have changed.
    const nowMs = this.#deps.now();
    const blockedNow = this.#blocked();
    if (blockedNow !== null) return blockedNow;
    const accessToken = this.#mind.token.current(nowMs);
    // It did not come, and that pauses nothing yet.
    if (accessToken === null) return later(1_000, "no_token");
    const { kind, costName } = ask;
    const told = costName === undefined ? undefined : this.#mind.memory.otherCosts[costName];
    const request = { kind, cost: told ?? ask.cost, pushesWait: this.#around.pushesWait(nowMs) };
    const waitMs = this.#mind.waitMs(request, nowMs);
    if (waitMs > 0) {
      this.#askedAtMs = nowMs;
      return later(waitMs, "pacing");
    }
    const ticket = this.#mind.take(request, nowMs);
    this.#inFlight += 1;
    const reply = await guarded(() => send(accessToken));
    this.#inFlight -= 1;
    const started = { ticket, startedMs: nowMs, asker: "caller", weight: null, accessToken, costName } as const;
    this.#mind.learn(started, reply, judgeReply(reply));
    this.#mind.save();
    this.#around.afterwards();
    return { kind: "answered", reply };
  }

  #blocked(): NotSent | null {
    const nowMs = this.#deps.now();
    const { breaker } = this.#mind.memory;
    if (this.#mind.settings.paused === "app_uninstalled") return later(60_000, "app_uninstalled");
    if (this.#mind.settings.stopped) return later(60_000, "stopped");
    if (breaker.kind === "isolated") return later(60_000, "isolated");
    if (breaker.kind === "open" && nowMs < breaker.untilMs) return later(breaker.untilMs - nowMs, breaker.reason);
    if (stateOf(breaker, nowMs) === "half_open" && this.#around.callsInFlight() > 0) return later(1_000, "probing");
    const withoutToken = this.#mind.token.state(nowMs) === "missing" ? this.#noToken(nowMs) : null;
    if (withoutToken !== null) return withoutToken;
    return this.#inFlight >= OTHERS_IN_FLIGHT_MAX ? later(250, "busy") : null;
  }

  /** Null: one may be asked for. Asking again and again for what was refused would only load the token endpoint. */
  #noToken(nowMs: number): NotSent | null {
    const { tokenBreaker, tokenRefusal } = this.#mind.memory;
    if (tokenBreaker.kind !== "open" || nowMs >= tokenBreaker.untilMs) return null;
    if (tokenRefusal === null) return later(tokenBreaker.untilMs - nowMs, tokenBreaker.reason);
    const why = `no access token is granted for these credentials (${tokenRefusal})`;
    const remedy = "correct them (at Shopify also the app's installation), then resume the gate";
    return { kind: "refused", code: "token_refused", message: `${why}: ${remedy}` };
  }
}

const later = (afterMs: number, reason: string): NotSent => ({ kind: "later", afterMs, reason });

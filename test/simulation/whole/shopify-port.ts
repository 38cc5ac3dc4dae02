/**
 * Shopify's API of one shop, and the network to it: adjustments with their idempotency keys, levels with their stamps, and
 * all that may become of a request on either way.
 */
import { fromStore, type InventoryItemId, type PushKey, type ShopLocationId } from "../../../src/domain/ids.ts";
import type { Row } from "../../../src/domain/shop-gate/push.ts";
import type {
  AdjustPayload,
  LevelAnswer,
  LevelsPayload,
  QueryCost,
  ShopifyReply,
} from "../../../src/domain/shop-gate/reply.ts";
import type { TokenReply } from "../../../src/domain/shop-gate/token.ts";
import type { ShopifyPort } from "../../../src/services/shop-gate/gate-deps.ts";
import type { Prng } from "../replica/prng.ts";
import type { Clock } from "./clock.ts";
import type { Faults } from "./faults.ts";
import { isWithin, type Window } from "./plan.ts";
import type { Item, Shop } from "./shop.ts";

const TIMEOUT_MS = 10_000;
const LATE_MS_MAX = 60_000;
const LATENCY_MS = [40, 400] as const;
const KEY_KEPT_MS = 24 * 3_600_000;

/** A level as the model tells it: `n` is the version it shows, which only the model's own checks look at. */
export type TaggedLevel = LevelAnswer & { readonly n: number };

type Variables = { readonly callKey: string; readonly kind: "adjust" | "move"; readonly rows: readonly Row[] };
type Kept = { readonly variables: string; readonly payload: AdjustPayload; readonly atMs: number };
type Fate =
  | "answered"
  | "request lost"
  | "request late"
  | "reply lost"
  | "5xx before"
  | "5xx after"
  | "429"
  | "throttled";

export type PortDeps = {
  readonly shop: Shop;
  readonly clock: Clock;
  readonly prng: Prng;
  readonly faults: Faults;
  readonly outages: readonly Window[];
};

export class ModelShopify implements ShopifyPort {
  readonly fixedToken = null;
  mutations = 0;
  reads = 0;
  readonly #deps: PortDeps;
  readonly #kept = new Map<string, Kept>();
  #token = 0;

  constructor(deps: PortDeps) {
    this.#deps = deps;
  }

  grantToken(): Promise<TokenReply> {
    const { faults } = this.#deps;
    const refusal = {
      kind: "not_granted",
      isFinal: false,
      code: "NETWORK",
      message: "",
      retryAfterSeconds: null,
    } as const;
    if (this.#isOut() || faults.strikes("shopify_token_refused")) return this.#after(() => refusal);
    this.#token += 1;
    const accessToken = String(this.#token);
    return this.#after(() => ({ kind: "granted", accessToken, expiresInSeconds: 86_399 }));
  }

  adjustVariables(callKey: string, rows: readonly Row[]): string {
    return JSON.stringify({ callKey, kind: "adjust", rows } satisfies Variables);
  }

  moveVariables(callKey: string, rows: readonly Row[]): string {
    return JSON.stringify({ callKey, kind: "move", rows } satisfies Variables);
  }

  move(accessToken: string, variables: string): Promise<ShopifyReply<AdjustPayload>> {
    return this.adjust(accessToken, variables);
  }

  referenceDocumentUri(callKey: string): string {
    return `gid://onhand/Push/${callKey}`;
  }

  adjust(accessToken: string, variables: string): Promise<ShopifyReply<AdjustPayload>> {
    this.mutations += 1;
    return this.#ask(accessToken, () => {
      const payload = this.#apply(variables);
      if (payload.group === null || !this.#deps.faults.strikes("shopify_no_time_told")) return payload;
      return { ...payload, group: { ...payload.group, createdAtMs: null } };
    });
  }

  levels(
    accessToken: string,
    items: readonly InventoryItemId[],
    locations: readonly ShopLocationId[],
  ): Promise<ShopifyReply<LevelsPayload>> {
    this.reads += 1;
    return this.#ask(
      accessToken,
      () => new Map(items.map((item) => [item as string, this.#levelsOf(item, locations)])),
    );
  }

  probe(accessToken: string): Promise<ShopifyReply<unknown>> {
    return this.#ask(accessToken, () => ({}));
  }

  async graphql(): Promise<ShopifyReply<unknown>> {
    return { kind: "graphql", data: {}, errors: [], cost: this.#cost(2) };
  }

  #ask<Data>(accessToken: string, act: () => Data): Promise<ShopifyReply<Data>> {
    const { clock, prng, faults } = this.#deps;
    const lost = { kind: "no_reply", fault: "timeout", message: "no reply in time" } as const;
    if (this.#isOut()) {
      faults.note("shopify_outage");
      return prng.chance(0.5) ? this.#after(() => status(503)) : this.#after(() => lost, TIMEOUT_MS);
    }
    if (faults.strikes("shopify_token_revoked")) this.#token += 1;
    if (accessToken !== String(this.#token)) return this.#after(() => status(401));
    const fate = this.#fate();
    if (fate === "request late") clock.in(prng.int(TIMEOUT_MS + 1, LATE_MS_MAX), () => void act());
    if (fate === "request late" || fate === "request lost") return this.#after(() => lost, TIMEOUT_MS);
    if (fate === "429") return this.#after(() => ({ ...status(429), retryAfterSeconds: 2 }));
    if (fate === "5xx before") return this.#after(() => status(500));
    if (fate === "throttled") {
      const errors = [{ code: "THROTTLED", message: "Throttled" }];
      return this.#after(() => ({ kind: "graphql", data: null, errors, cost: this.#cost(null) }));
    }
    // It is applied on its way; the answer takes the rest of the time.
    return new Promise((resolve) => {
      clock.in(prng.int(5, 100), () => {
        const data = act();
        if (fate === "reply lost") clock.in(TIMEOUT_MS, () => resolve(lost));
        else if (fate === "5xx after") clock.in(prng.int(...LATENCY_MS), () => resolve(status(503)));
        else
          clock.in(prng.int(...LATENCY_MS), () => resolve({ kind: "graphql", data, errors: [], cost: this.#cost(12) }));
      });
    });
  }

  #fate(): Fate {
    const { faults } = this.#deps;
    if (faults.strikes("shopify_request_lost")) return "request lost";
    if (faults.strikes("shopify_request_late")) return "request late";
    if (faults.strikes("shopify_429")) return "429";
    if (faults.strikes("shopify_throttled")) return "throttled";
    if (faults.strikes("shopify_5xx_unapplied")) return "5xx before";
    if (faults.strikes("shopify_5xx_applied")) return "5xx after";
    return faults.strikes("shopify_reply_lost") ? "reply lost" : "answered";
  }

  #after<Reply>(reply: () => Reply, delayMs: number = this.#deps.prng.int(...LATENCY_MS)): Promise<Reply> {
    return new Promise((resolve) => this.#deps.clock.in(delayMs, () => resolve(reply())));
  }

  /** As `@idempotent`: a key applies once within a day, and a repeat is told what the first one did. */
  #apply(variables: string): AdjustPayload {
    const { shop, clock } = this.#deps;
    const { callKey, kind, rows } = JSON.parse(variables) as Variables;
    const kept = this.#kept.get(callKey);
    if (kept !== undefined && clock.nowMs < kept.atMs + KEY_KEPT_MS) {
      return kept.variables === variables ? kept.payload : refused("IDEMPOTENCY_KEY_PARAMETER_MISMATCH");
    }
    for (const [id, changes] of Map.groupBy(rows, ({ item }) => item)) {
      const moves = changes.map(({ location, delta }) => ({ locationId: fromStore<never>(location), delta }));
      this.#itemOf(id).stock.applyPush(fromStore<PushKey>(callKey), { kind, rows: moves }, clock.nowMs);
    }
    const createdAtMs = Math.floor(shop.nowMs / 1_000) * 1_000;
    const changes = rows.map((row) => ({ name: "available", ...row, quantityAfter: null }));
    const payload: AdjustPayload = { group: { createdAtMs, changes }, userErrors: [] };
    this.#kept.set(callKey, { variables, payload, atMs: clock.nowMs });
    return payload;
  }

  #levelsOf(id: string, locations: readonly string[]): readonly TaggedLevel[] {
    const { stock, committed } = this.#itemOf(id);
    return stock.locationIds
      .filter((locationId) => locations.includes(locationId))
      .map((locationId) => {
        const { available, atMs, n } = stock.level(locationId);
        return { location: locationId, available, committed: committed.get(locationId) ?? 0, atMs, n };
      });
  }

  #itemOf(id: string): Item {
    const item = this.#deps.shop.itemOf(id);
    if (item === undefined) throw new Error(`no item ${id}`);
    return item;
  }

  #isOut(): boolean {
    const { outages, clock, faults } = this.#deps;
    return !faults.isOver && isWithin(outages, clock.nowMs);
  }

  #cost(actual: number | null): QueryCost {
    return { requested: 12, actual, maximum: 2_000, available: 1_900, restorePerSecond: 100 };
  }
}

const status = (code: number) => ({ kind: "status" as const, status: code, retryAfterSeconds: null, message: "" });

const refused = (code: string): AdjustPayload => ({ group: null, userErrors: [{ code, message: code, row: null }] });

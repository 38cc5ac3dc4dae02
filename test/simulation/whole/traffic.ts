/** What happens in a seed's world: customers, merchants, tills and clerks, in shops of Shopify and in channels of ours. */
import type { LocationId, Sku } from "../../../src/domain/ids.ts";
import { fromStore } from "../../../src/domain/ids.ts";
import type { Adjustment, AdjustOutcome } from "../../../src/services/adjust.ts";
import type { Prng } from "../replica/prng.ts";
import { check } from "../replica/violation.ts";
import type { Clock } from "./clock.ts";
import type { Plan } from "./plan.ts";
import type { Item, Order, Shop } from "./shop.ts";

const BURST = 6;
const UNITS_MAX = 4;
/** A client that hears nothing asks again, under the same key. */
const AGAIN_MS = [500, 8_000] as const;

export type TrafficDeps = {
  readonly plan: Plan;
  readonly prng: Prng;
  readonly clock: Clock;
  readonly shops: readonly Shop[];
  readonly skus: readonly Sku[];
  readonly locations: readonly LocationId[];
  readonly adjust: (given: Adjustment) => Promise<AdjustOutcome>;
  readonly log: (line: () => string) => void;
};

export class Traffic {
  /** Of sales that have happened, and of deliveries: each must be counted in the end. */
  readonly owed = new Map<string, { readonly sku: Sku; readonly delta: number }>();
  events = 0;
  refused = 0;
  #unanswered = 0;
  readonly #deps: TrafficDeps;
  #keys = 0;

  constructor(deps: TrafficDeps) {
    this.#deps = deps;
  }

  get unanswered(): number {
    return this.#unanswered;
  }

  plan(): void {
    const { plan, prng, clock } = this.#deps;
    let burstMs = 0;
    for (let k = 0; k < plan.events; k++) {
      if (k % BURST === 0) burstMs = prng.int(100, plan.spanMs);
      const atMs = plan.burstMs === 0 ? prng.int(100, plan.spanMs) : burstMs + prng.int(0, plan.burstMs);
      clock.at(Math.min(atMs, plan.spanMs), () => this.#happen());
    }
  }

  #happen(): void {
    const { prng } = this.#deps;
    this.events += 1;
    const roll = prng.next();
    if (roll < 0.34) this.#order(false);
    else if (roll < 0.4) this.#order(true);
    else if (roll < 0.52) this.#afterwards((shop, order) => this.#refund(shop, order));
    else if (roll < 0.58) this.#afterwards((shop, order) => shop.cancel(order, prng.chance(0.8)));
    else if (roll < 0.66) this.#afterwards((shop, order) => shop.ship(order));
    else if (roll < 0.74) this.#edit();
    else if (roll < 0.86) this.#adjust(-prng.int(1, UNITS_MAX), { allowNegative: false });
    else if (roll < 0.95) this.#adjust(-prng.int(1, UNITS_MAX), { allowNegative: true });
    else this.#adjust(prng.int(1, 3 * UNITS_MAX), { allowNegative: true });
  }

  #order(isAtTill: boolean): void {
    const { prng, log } = this.#deps;
    const shop = this.#anyOf(this.#deps.shops);
    const wanted = Array.from({ length: prng.pick([1, 1, 1, 2, 3]) }, () => ({
      item: this.#anyOf(shop.items),
      quantity: prng.int(1, UNITS_MAX),
    }));
    const till = isAtTill ? this.#anyOf(this.#placesOf(wanted[0]?.item)) : null;
    const order = shop.order(wanted, till);
    log(() => `order ${order.orderId}: ${wanted.map(({ item, quantity }) => `${quantity} ${item.sku}`).join(", ")}`);
    if (!isAtTill && prng.chance(0.1)) this.#deps.clock.in(prng.int(10, 3_000), () => shop.cancel(order, true));
  }

  /** Something becomes of an order of the past. */
  #afterwards(become: (shop: Shop, order: Order) => void): void {
    const shop = this.#anyOf(this.#deps.shops);
    if (shop.orders.length === 0) this.#order(false);
    else become(shop, this.#anyOf(shop.orders.slice(-20)));
  }

  #refund(shop: Shop, order: Order): void {
    const { prng } = this.#deps;
    const place = prng.int(0, order.lines.length - 1);
    const sold = order.lines[place];
    if (sold !== undefined) shop.refund(order, place, prng.int(1, Math.max(1, sold.open + sold.shipped)));
  }

  #edit(): void {
    const { prng, clock } = this.#deps;
    const shop = this.#anyOf(this.#deps.shops);
    const item = this.#anyOf(shop.items);
    const locationId = this.#anyOf(this.#placesOf(item));
    const delta = prng.pick([1, -1]) * prng.int(1, UNITS_MAX);
    shop.change(item, locationId, delta);
    // Undone in a moment: the same values under close stamps.
    if (prng.chance(0.2)) clock.in(prng.int(5, 900), () => shop.change(item, locationId, -delta));
  }

  #adjust(delta: number, { allowNegative }: { readonly allowNegative: boolean }): void {
    const { prng, skus, locations, log } = this.#deps;
    const sku = this.#anyOf(skus);
    const idempotencyKey = `k${++this.#keys}`;
    const locationId = delta > 0 || prng.chance(0.5) ? this.#anyOf(locations) : null;
    const given: Adjustment = {
      ...{ sku, delta, locationId, allowNegative, idempotencyKey, reference: null, actor: "till" },
      reason: delta < 0 ? "sale" : "receipt",
      correlationId: fromStore(`c-${idempotencyKey}`),
    };
    if (allowNegative) this.owed.set(`api/${idempotencyKey}`, { sku, delta });
    log(() => `${idempotencyKey}: ${delta} of ${sku} at ${locationId ?? "any"}${allowNegative ? "" : ", guarded"}`);
    void this.#ask(given, 1);
    // A client in doubt, or two of its threads: the same key twice at once.
    if (prng.chance(0.1)) void this.#ask(given, 1);
  }

  async #ask(given: Adjustment, tries: number): Promise<void> {
    const { prng, clock, adjust } = this.#deps;
    this.#unanswered += tries === 1 ? 1 : 0;
    try {
      const answer = await adjust(given);
      if (answer.kind !== "answered") throw new Error(answer.kind);
      this.#unanswered -= 1;
      const { kind } = answer.outcome;
      if (kind === "insufficient") this.refused += 1;
      else check(kind === "applied" || kind === "duplicate", "answer", () => `${given.idempotencyKey}: ${kind}`);
    } catch {
      clock.in(prng.int(...AGAIN_MS), () => void this.#ask(given, tries + 1));
    }
  }

  #placesOf(item: Item | undefined): readonly LocationId[] {
    return item?.stock.locationIds ?? [];
  }

  #anyOf<Value>(items: readonly Value[]): Value {
    const [first, ...others] = items;
    if (first === undefined) throw new Error("nothing to choose from");
    return this.#deps.prng.pick([first, ...others]);
  }
}

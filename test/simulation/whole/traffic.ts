/** What happens in a seed's world: customers, merchants and clerks in shops of Shopify; what happens in channels of ours is the clients'. */
import { channelOfShop, fromStore, type LocationId, type Sku } from "../../../src/domain/ids.ts";
import { type Buffer, type ChannelRules, DEFAULT_RULES } from "../../../src/domain/policy/sku-policy.ts";
import { Prng } from "../replica/prng.ts";
import type { Carts } from "./carts.ts";
import type { Clients } from "./clients.ts";
import type { Clock } from "./clock.ts";
import type { Plan } from "./plan.ts";
import type { Item, Order, Shop } from "./shop.ts";

const BURST = 6;
const UNITS_MAX = 4;

export type TrafficDeps = {
  readonly plan: Plan;
  readonly prng: Prng;
  readonly clock: Clock;
  readonly shops: readonly Shop[];
  readonly clients: Clients;
  readonly carts: Carts;
  readonly log: (line: () => string) => void;
};

export class Traffic {
  events = 0;
  readonly #deps: TrafficDeps;

  constructor(deps: TrafficDeps) {
    this.#deps = deps;
  }

  plan(): void {
    const { plan, prng, clock } = this.#deps;
    let burstMs = 0;
    for (let k = 0; k < plan.events; k++) {
      if (k % BURST === 0) burstMs = prng.int(100, plan.spanMs);
      const atMs = plan.burstMs === 0 ? prng.int(100, plan.spanMs) : burstMs + prng.int(0, plan.burstMs);
      clock.at(Math.min(atMs, plan.spanMs), () => this.#happen());
    }
    this.#planRules();
  }

  /** In one seed of three, in numbers of its own: what shops may show changes, is stopped, and let go. */
  #planRules(): void {
    const { plan, clock, clients, shops } = this.#deps;
    if (plan.seed % 3 !== 1) return;
    const prng = new Prng(plan.seed ^ 0xb0_ff_e4);
    for (let k = prng.int(3, 20); k > 0; k--) {
      const atMs = prng.int(100, plan.spanMs);
      const rules: ChannelRules = {
        ...DEFAULT_RULES,
        buffer: prng.pick<Buffer>([
          { kind: "none" },
          { kind: "fixed", units: prng.int(1, 12) },
          { kind: "percentage", percent: prng.int(1, 100) },
        ]),
        zeroBelow: prng.chance(0.2) ? prng.int(1, 8) : 0,
        cap: prng.chance(0.2) ? prng.int(0, 12) : null,
        isStopped: prng.chance(0.25),
      };
      const [pickShop, pickItem, isCleared] = [prng.next(), prng.next(), prng.chance(0.15)];
      clock.at(atMs, () => {
        const shop = shops[Math.floor(pickShop * shops.length)];
        const item = shop?.items[Math.floor(pickItem * shop.items.length)];
        if (shop !== undefined && item !== undefined) {
          clients.rule(fromStore<Sku>(item.sku), channelOfShop(shop.domain), isCleared ? null : rules);
        }
      });
    }
  }

  #happen(): void {
    const { prng } = this.#deps;
    this.events += 1;
    const roll = prng.next();
    if (roll < 0.26) this.#order(false);
    else if (roll < 0.3) this.#order(true);
    else if (roll < 0.38) this.#afterwards((shop, order) => this.#refund(shop, order));
    else if (roll < 0.43) this.#afterwards((shop, order) => shop.cancel(order, prng.chance(0.8)));
    else if (roll < 0.48) this.#afterwards((shop, order) => shop.ship(order));
    else if (roll < 0.54) this.#edit();
    else if (roll < 0.64) this.#deps.carts.happen();
    else this.#deps.clients.happen();
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

  #placesOf(item: Item | undefined): readonly LocationId[] {
    return item?.stock.locationIds ?? [];
  }

  #anyOf<Value>(items: readonly Value[]): Value {
    const [first, ...others] = items;
    if (first === undefined) throw new Error("nothing to choose from");
    return this.#deps.prng.pick([first, ...others]);
  }
}

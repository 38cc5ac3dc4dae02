/**
 * Model of one Shopify shop: what is really there of each item, its orders, and the webhooks that tell of both. It sells
 * whenever it likes and asks nobody.
 */
import {
  fromStore,
  type InventoryItemId,
  type ListingId,
  type LocationId,
  type ShopDomain,
  type VariantId,
} from "../../../src/domain/ids.ts";
import type { OrderLine, Restock, ShippedLine, ShopEvent } from "../../../src/domain/shop-event.ts";
import type { Prng } from "../replica/prng.ts";
import { EPOCH_MS, ShopModel, type Version } from "../replica/shopify.ts";
import type { Clock } from "./clock.ts";

/** Worst distance between an order's own time and the change of stock, either way. */
const ORDER_SKEW_MS_MAX = 1_500;

export type Item = {
  readonly item: InventoryItemId;
  readonly variant: string;
  readonly sku: string;
  readonly listingId: ListingId;
  readonly stock: ShopModel;
  readonly committed: Map<LocationId, number>;
};

type SoldLine = {
  readonly line: OrderLine;
  readonly item: Item;
  readonly locationId: LocationId;
  /** Units not yet shipped, cancelled or returned. */
  open: number;
  shipped: number;
};
export type Order = {
  readonly orderId: string;
  readonly createdAtMs: number;
  readonly location: LocationId | null;
  readonly lines: readonly SoldLine[];
  restocks: Restock[];
  isCancelled: boolean;
};

/** Which version a notice or snapshot stands for: what only the model knows. */
export type Meaning = {
  readonly listingId: ListingId;
  readonly locationId: LocationId;
  readonly n: number;
  /** Signed units that a notice tells of; a level tells none. */
  readonly quantity: number;
};

export type ShopDeps = {
  readonly domain: ShopDomain;
  readonly clock: Clock;
  readonly prng: Prng;
  readonly coalesceMs: number;
  readonly locations: readonly LocationId[];
  /** A webhook leaves the shop. */
  readonly announce: (topic: string, event: ShopEvent, meaning: Meaning | null) => void;
  /** The change that a notice (a hint) tells of. */
  readonly explain: (hintId: string, meaning: Meaning) => void;
  readonly changed: () => void;
};

export class Shop {
  readonly domain: ShopDomain;
  readonly items: readonly Item[];
  readonly orders: Order[] = [];
  /** Changes that the shop made itself. */
  changes = 0;
  readonly #deps: ShopDeps;
  readonly #coalescing = new Set<string>();
  #numbers = 0;

  constructor(deps: ShopDeps, skus: readonly { readonly sku: string; readonly item: string }[]) {
    this.#deps = deps;
    this.domain = deps.domain;
    this.items = skus.map(({ sku, item }) => this.#open(sku, item));
  }

  itemOf(item: string): Item | undefined {
    return this.items.find((each) => each.item === item);
  }

  get nowMs(): number {
    return EPOCH_MS + this.#deps.clock.nowMs;
  }

  /** A customer buys: stock moves at once, and two kinds of news set out. */
  order(wanted: readonly { readonly item: Item; readonly quantity: number }[], till: LocationId | null): Order {
    const { prng, clock, explain } = this.#deps;
    const orderId = `${++this.#numbers}`;
    const skewMs = prng.int(-ORDER_SKEW_MS_MAX, ORDER_SKEW_MS_MAX);
    const createdAtMs = EPOCH_MS + Math.floor((clock.nowMs + skewMs) / 1_000) * 1_000;
    const lines = wanted.map(({ item, quantity }, i): SoldLine => {
      const locationId = till ?? item.stock.route(quantity);
      const lineId = `${this.domain.slice(0, 6)}${orderId}${i}`;
      const line: OrderLine = {
        ...{
          lineId,
          variantId: fromStore<VariantId>(item.variant),
          sku: item.sku,
          quantity,
          fulfilled: till !== null,
          skip: null,
        },
      };
      const version = this.change(item, locationId, -quantity);
      if (till === null) this.#commit(item, locationId, quantity);
      explain(`order/${this.domain}${orderId}/${lineId}`, meaningOf(item, locationId, version, -quantity));
      return { line, item, locationId, open: till === null ? quantity : 0, shipped: till === null ? 0 : quantity };
    });
    const order: Order = {
      orderId: `${this.domain}${orderId}`,
      createdAtMs,
      location: till,
      lines,
      restocks: [],
      isCancelled: false,
    };
    this.orders.push(order);
    this.#tell(order, "orders/create", []);
    return order;
  }

  /** Some units are put back: of what was not shipped, or of what came home. */
  refund(order: Order, place: number, quantity: number): void {
    const sold = order.lines[place];
    if (sold === undefined || quantity <= 0) return;
    const isReturn = sold.open < quantity;
    if (isReturn && sold.shipped < quantity) return;
    const restock = this.#restock(order, sold, quantity, isReturn ? "return" : "cancel");
    const refund = { kind: "refund" as const, refundId: `r${++this.#numbers}`, orderId: order.orderId };
    this.#deps.announce("refunds/create", { ...refund, restocks: [restock] }, null);
  }

  /** All that is not shipped. Both topics carry the same restocks; without restock only the order tells of it. */
  cancel(order: Order, isRestocked: boolean): void {
    if (order.isCancelled) return;
    order.isCancelled = true;
    const restocks: Restock[] = [];
    for (const sold of order.lines) {
      const quantity = sold.open;
      if (quantity === 0) continue;
      if (isRestocked) restocks.push(this.#restock(order, sold, quantity, "cancel"));
      else {
        this.#commit(sold.item, sold.locationId, -quantity);
        sold.open = 0;
      }
    }
    this.#tell(order, "orders/cancelled", order.restocks);
    if (restocks.length === 0) return;
    const refundId = `r${++this.#numbers}`;
    this.#deps.announce("refunds/create", { kind: "refund", refundId, orderId: order.orderId, restocks }, null);
  }

  ship(order: Order): void {
    const fulfilmentId = `f${++this.#numbers}`;
    const atMs = Math.floor(this.nowMs / 1_000) * 1_000;
    const lines: ShippedLine[] = [];
    for (const sold of order.lines) {
      const quantity = sold.open;
      if (quantity === 0) continue;
      this.#commit(sold.item, sold.locationId, -quantity);
      sold.shipped += quantity;
      sold.open = 0;
      const { lineId, variantId, sku } = sold.line;
      const location = fromStore<NonNullable<ShippedLine["location"]>>(sold.locationId);
      lines.push({ fulfilmentId, lineId, variantId, sku, quantity, location, atMs, skip: null });
    }
    if (lines.length === 0) return;
    this.#deps.announce("fulfillments/create", { kind: "fulfilment", orderId: order.orderId, lines }, null);
  }

  /** A merchant's edit, a delivery: a change that nothing but the level tells of. */
  change(item: Item, locationId: LocationId, delta: number): Version {
    this.changes += 1;
    const version = item.stock.change(locationId, delta, this.#deps.clock.nowMs);
    this.#deps.changed();
    return version;
  }

  /** The newest state at the end of the window goes out, not each change. */
  levelChanged(item: Item, locationId: LocationId, version: Version): void {
    const { coalesceMs, clock } = this.#deps;
    const level = `${item.item} ${locationId}`;
    if (coalesceMs === 0) this.#tellLevel(item, locationId, version);
    else if (!this.#coalescing.has(level)) {
      this.#coalescing.add(level);
      clock.in(coalesceMs, () => {
        this.#coalescing.delete(level);
        this.#tellLevel(item, locationId, item.stock.level(locationId));
      });
    }
  }

  #open(sku: string, id: string): Item {
    const item: Item = {
      ...{
        item: fromStore(id),
        variant: `9${id}`,
        sku,
        listingId: fromStore(`${this.domain}/${id}`),
        committed: new Map(),
      },
      stock: new ShopModel({
        listingId: fromStore(`${this.domain}/${id}`),
        resolutionMs: 1_000,
        jitter: () => 0,
        changed: (locationId, version) => this.levelChanged(item, locationId, version),
      }),
    };
    return item;
  }

  #restock(order: Order, sold: SoldLine, quantity: number, restockType: "cancel" | "return"): Restock {
    const refundLineId = `${this.domain.slice(0, 6)}rl${++this.#numbers}`;
    const version = this.change(sold.item, sold.locationId, quantity);
    this.#deps.explain(`restock/${refundLineId}`, meaningOf(sold.item, sold.locationId, version, quantity));
    if (restockType === "cancel") {
      this.#commit(sold.item, sold.locationId, -quantity);
      sold.open -= quantity;
    } else sold.shipped -= quantity;
    const { lineId, variantId, sku } = sold.line;
    const atMs = Math.floor(this.nowMs / 1_000) * 1_000;
    const location = fromStore<NonNullable<Restock["location"]>>(sold.locationId);
    const restock: Restock = {
      refundLineId,
      lineId,
      variantId,
      sku,
      quantity,
      restockType,
      location,
      atMs,
      skip: null,
    };
    order.restocks.push(restock);
    return restock;
  }

  #tell(order: Order, topic: "orders/create" | "orders/cancelled", restocks: readonly Restock[]): void {
    const { orderId, createdAtMs, lines } = order;
    const location = order.location === null ? null : fromStore<NonNullable<Restock["location"]>>(order.location);
    const told = { orderId, createdAtMs, location, lines: lines.map(({ line }) => line), restocks: [...restocks] };
    this.#deps.announce(topic, { kind: "order", topic, ...told }, null);
  }

  #tellLevel(item: Item, locationId: LocationId, version: Version): void {
    const { available, atMs } = version;
    const level = {
      item: item.item,
      location: fromStore<NonNullable<Restock["location"]>>(locationId),
      available,
      atMs,
    };
    this.#deps.announce("inventory_levels/update", { kind: "level", ...level }, meaningOf(item, locationId, version));
  }

  #commit(item: Item, locationId: LocationId, units: number): void {
    item.committed.set(locationId, (item.committed.get(locationId) ?? 0) + units);
  }
}

const meaningOf = ({ listingId }: Item, locationId: LocationId, { n }: Version, quantity = 0): Meaning => ({
  listingId,
  locationId,
  n,
  quantity,
});

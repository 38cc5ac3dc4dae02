/**
 * The state of one shop and the only place that creates its records. Every change of a quantity passes `change`, which
 * stamps, logs and tells it; nothing else may write a quantity, or the log stops explaining the levels.
 */
import type { ChangeCause, ChangeLog } from "./change-log.ts";
import { IdMint } from "./ids.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { ShopEvents } from "./shop-events.ts";
import type {
  Address,
  Component,
  InventoryItem,
  InventoryPolicy,
  Level,
  Location,
  Order,
  Product,
  StateName,
  StoredState,
  Variant,
} from "./shop-model.ts";

export type Cause = { readonly kind: ChangeCause; readonly reference: string | null };

export type NewLocation = {
  readonly name: string;
  readonly address: Address;
  readonly fulfillsOnlineOrders?: boolean;
  readonly isActive?: boolean;
};

export type NewVariant = {
  readonly sku: string | null;
  readonly title?: string;
  readonly priceCents: number;
  readonly tracked?: boolean;
  readonly policy?: InventoryPolicy;
  readonly components?: readonly Component[];
  readonly grams?: number;
  /** Share the inventory item of another variant: the real shop allows several variants on one item. */
  readonly itemOf?: Variant;
};

export type NewProduct = {
  readonly title: string;
  readonly vendor?: string;
  readonly productType?: string;
  readonly isGiftCard?: boolean;
  readonly tags?: readonly string[];
  readonly variants: readonly NewVariant[];
};

export type ShopStoreDeps = {
  readonly now: () => number;
  readonly random: SeededRandom;
  readonly events: ShopEvents;
  readonly log: ChangeLog;
  /** Disorder between Shopify's servers: each stamp of a level is off by at most this much. */
  readonly stampJitterMs: () => number;
};

export class ShopStore {
  readonly #deps: ShopStoreDeps;
  readonly #ids: IdMint;
  readonly #jitter: SeededRandom;
  readonly locations: Location[] = [];
  readonly products: Product[] = [];
  readonly variants: Variant[] = [];
  readonly items: InventoryItem[] = [];
  readonly orders: Order[] = [];
  readonly #locationById = new Map<string, Location>();
  readonly #locationByGroup = new Map<string, Location>();
  readonly #productById = new Map<string, Product>();
  readonly #variantById = new Map<string, Variant>();
  readonly #itemById = new Map<string, InventoryItem>();
  readonly #orderById = new Map<string, Order>();
  readonly #itemsBySku = new Map<string, Set<InventoryItem>>();
  #seq = 0;

  constructor(deps: ShopStoreDeps) {
    this.#deps = deps;
    this.#ids = new IdMint(deps.random.fork("ids"));
    this.#jitter = deps.random.fork("stamps");
  }

  get events(): ShopEvents {
    return this.#deps.events;
  }

  now(): number {
    return this.#deps.now();
  }

  newId(): string {
    return this.#ids.next();
  }

  nextSeq(): number {
    this.#seq += 1;
    return this.#seq;
  }

  addLocation(input: NewLocation): Location {
    const nowMs = this.now();
    const location: Location = {
      seq: this.nextSeq(),
      id: this.newId(),
      inventoryGroupId: this.newId(),
      name: input.name,
      priority: this.locations.length,
      fulfillsOnlineOrders: input.fulfillsOnlineOrders ?? true,
      address: input.address,
      createdAtMs: nowMs,
      isActive: input.isActive ?? true,
      updatedAtMs: nowMs,
      deactivatedAtMs: input.isActive === false ? nowMs : null,
      levels: [],
    };
    this.locations.push(location);
    this.#locationById.set(location.id, location);
    this.#locationByGroup.set(location.inventoryGroupId, location);
    this.events.locationChanged(location, "locations/create");
    return location;
  }

  addProduct(input: NewProduct): Product {
    const nowMs = this.now();
    const id = this.newId();
    const product: Product = {
      seq: this.nextSeq(),
      id,
      title: input.title,
      handle: `${input.title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}-${id.slice(-4)}`,
      vendor: input.vendor ?? "Onhand Goods",
      productType: input.productType ?? "",
      isGiftCard: input.isGiftCard ?? false,
      tags: input.tags ?? [],
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
      variants: [],
      totalShown: null,
    };
    for (const variant of input.variants) this.#addVariant(product, variant);
    this.products.push(product);
    this.#productById.set(product.id, product);
    for (const item of new Set(product.variants.map((variant) => variant.item))) {
      if (item.variants.every((variant) => variant.product === product))
        this.events.itemChanged(item, "inventory_items/create");
    }
    this.events.productChanged(product);
    return product;
  }

  /** With its variants, and the items that no other product sells. Their levels go with them, and are not told. */
  deleteProduct(product: Product): void {
    drop(this.products, product);
    this.#productById.delete(product.id);
    const items = new Set(product.variants.map((variant) => variant.item));
    for (const variant of product.variants) {
      drop(this.variants, variant);
      drop(variant.item.variants, variant);
      this.#variantById.delete(variant.id);
    }
    this.events.productDeleted(product);
    for (const item of items) if (item.variants.length === 0) this.#deleteItem(item);
  }

  #deleteItem(item: InventoryItem): void {
    item.isDeleted = true;
    drop(this.items, item);
    this.#itemById.delete(item.id);
    if (item.sku !== null) this.#itemsBySku.get(item.sku)?.delete(item);
    for (const level of item.levels.values()) drop(level.location.levels, level);
    item.levels.clear();
    this.events.itemChanged(item, "inventory_items/delete");
  }

  /** Whether Shopify counts it. */
  setTracked(item: InventoryItem, tracked: boolean): void {
    item.tracked = tracked;
    item.updatedAtMs = this.now();
    this.events.itemChanged(item, "inventory_items/update");
  }

  deleteLocation(location: Location): void {
    drop(this.locations, location);
    this.#locationById.delete(location.id);
    this.#locationByGroup.delete(location.inventoryGroupId);
    for (const level of location.levels) level.item.levels.delete(location.id);
    this.events.locationChanged(location, "locations/delete");
  }

  #addVariant(product: Product, input: NewVariant): void {
    const nowMs = this.now();
    const item = input.itemOf?.item ?? this.#addItem(input, product.isGiftCard);
    const variant: Variant = {
      seq: this.nextSeq(),
      id: this.newId(),
      product,
      item,
      title: input.title ?? "Default Title",
      barcode: `4006${item.id.slice(-9)}`,
      position: product.variants.length + 1,
      priceCents: input.priceCents,
      grams: input.grams ?? 200,
      policy: input.policy ?? "DENY",
      components: input.components ?? [],
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    item.variants.push(variant);
    product.variants.push(variant);
    this.variants.push(variant);
    this.#variantById.set(variant.id, variant);
  }

  #addItem(input: NewVariant, isGiftCard: boolean): InventoryItem {
    const nowMs = this.now();
    const item: InventoryItem = {
      seq: this.nextSeq(),
      id: this.newId(),
      sku: input.sku,
      tracked: input.tracked ?? !isGiftCard,
      requiresShipping: !isGiftCard,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
      variants: [],
      levels: new Map(),
      isDeleted: false,
    };
    this.items.push(item);
    this.#itemById.set(item.id, item);
    if (item.sku !== null) this.#indexSku(item.sku, item);
    return item;
  }

  #indexSku(sku: string, item: InventoryItem): void {
    const known = this.#itemsBySku.get(sku);
    if (known === undefined) this.#itemsBySku.set(sku, new Set([item]));
    else known.add(item);
  }

  addOrder(order: Order): void {
    this.orders.push(order);
    this.#orderById.set(order.id, order);
  }

  locationById(id: string): Location | undefined {
    return this.#locationById.get(id);
  }

  productById(id: string): Product | undefined {
    return this.#productById.get(id);
  }

  variantById(id: string): Variant | undefined {
    return this.#variantById.get(id);
  }

  itemById(id: string): InventoryItem | undefined {
    return this.#itemById.get(id);
  }

  orderById(id: string): Order | undefined {
    return this.#orderById.get(id);
  }

  itemsBySku(sku: string): InventoryItem[] {
    return [...(this.#itemsBySku.get(sku) ?? [])];
  }

  /** The level named by the two numbers of its GID: the location's inventory group and the item. */
  levelByGid(groupId: string, itemId: string): Level | undefined {
    const location = this.#locationByGroup.get(groupId);
    return location === undefined ? undefined : this.#itemById.get(itemId)?.levels.get(location.id);
  }

  /** The merchant renames an item; orders of the past keep the old SKU. */
  renameSku(item: InventoryItem, sku: string | null): void {
    if (item.sku !== null) this.#itemsBySku.get(item.sku)?.delete(item);
    item.sku = sku;
    item.updatedAtMs = this.now();
    if (sku !== null) this.#indexSku(sku, item);
    this.events.itemChanged(item, "inventory_items/update");
    for (const variant of item.variants) this.events.productChanged(variant.product);
  }

  /** Stocks an item at a location (a known level is returned, active or not). Tells `inventory_levels/connect`. */
  connect(item: InventoryItem, location: Location): Level {
    const known = item.levels.get(location.id);
    if (known !== undefined) return known;
    const nowMs = this.now();
    const level: Level = {
      seq: this.nextSeq(),
      item,
      location,
      createdAtMs: nowMs,
      quantities: {
        available: 0,
        committed: 0,
        damaged: 0,
        incoming: 0,
        quality_control: 0,
        reserved: 0,
        safety_stock: 0,
      },
      isActive: true,
      updatedAtMs: nowMs,
      availableAtMs: nowMs,
    };
    item.levels.set(location.id, level);
    location.levels.push(level);
    this.events.levelConnected(level);
    return level;
  }

  /** The one door to a stored quantity. A delta of 0 is no change and leaves no trace. */
  change(level: Level, name: StoredState, delta: number, cause: Cause): void {
    if (delta === 0) return;
    const jitterMs = this.#deps.stampJitterMs();
    const nowMs = this.now() + (jitterMs === 0 ? 0 : this.#jitter.between(-jitterMs, jitterMs));
    level.quantities[name] += delta;
    level.updatedAtMs = nowMs;
    this.#deps.log.append({
      atMs: nowMs,
      cause: cause.kind,
      reference: cause.reference,
      itemId: level.item.id,
      locationId: level.location.id,
      name,
      delta,
      after: level.quantities[name],
    });
    if (name !== "available") return;
    level.availableAtMs = nowMs;
    if (cause.kind !== "seed") this.events.levelChanged(level);
  }
}

function drop<Entry>(list: Entry[], entry: Entry): void {
  const index = list.indexOf(entry);
  if (index >= 0) list.splice(index, 1);
}

/** What Shopify shows for one state of a level. A bundle parent shows what its components allow. */
export function quantityOf(level: Level, name: StateName): number {
  const parent = level.item.variants[0];
  if (parent !== undefined && parent.components.length > 0) return bundleQuantity(parent.components, level, name);
  if (name !== "on_hand") return level.quantities[name];
  const {
    available,
    committed,
    reserved,
    damaged,
    safety_stock: safetyStock,
    quality_control: control,
  } = level.quantities;
  return available + committed + reserved + damaged + safetyStock + control;
}

function bundleQuantity(components: readonly Component[], level: Level, name: StateName): number {
  if (name !== "available" && name !== "on_hand") return 0;
  const perComponent = components.map(({ variant, quantity }) => {
    const stocked = variant.item.levels.get(level.location.id);
    return stocked === undefined ? 0 : Math.floor(stocked.quantities.available / quantity);
  });
  return Math.min(...perComponent);
}

/** Units a buyer can get over all active levels. */
export function totalAvailable(item: InventoryItem): number {
  let total = 0;
  for (const level of item.levels.values()) {
    if (level.isActive && level.location.isActive) total += quantityOf(level, "available");
  }
  return total;
}

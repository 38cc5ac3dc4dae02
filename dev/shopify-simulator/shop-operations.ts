/**
 * What buyers and the merchant do, and what a test wants to know: the same operations for TypeScript and for the HTTP
 * control. Ids are digits, as in webhook bodies. Impossible wishes are outcomes, not exceptions, except for ids that a
 * caller must have got wrong.
 */
import type { ChangeEntry, ChangeLog } from "./model/change-log.ts";
import { type CreateOrderInput, type CreateOrderOutcome, createOrder } from "./model/create-order.ts";
import { type EditOrderInput, editOrder } from "./model/edit-order.ts";
import { dumpLevel, dumpLevels, dumpLevelsBySku, type LevelDump } from "./model/level-dump.ts";
import {
  deactivateLevel,
  editLevel,
  type MerchantEdit,
  reactivateLevel,
  renameLocation,
  setLocationActive,
} from "./model/merchant.ts";
import { type SeedCatalogueInput, type SeededCatalogue, seedCatalogue } from "./model/seed-catalogue.ts";
import type { SeededRandom } from "./model/seeded-random.ts";
import {
  type CancelInput,
  cancelOrder,
  type FulfilInput,
  fulfilOrder,
  type RefundInput,
  refundOrder,
  returnUnits,
  type SettleOutcome,
} from "./model/settle-order.ts";
import type { InventoryItem, Location, Order, Product } from "./model/shop-model.ts";
import type { NewLocation, NewProduct, ShopStore } from "./model/shop-store.ts";

export type ItemRef = { readonly itemId: string } | { readonly sku: string };

export type ShopOperationsDeps = {
  readonly store: ShopStore;
  readonly log: ChangeLog;
  readonly random: SeededRandom;
  readonly orderSkewMs: () => number;
};

export class ShopOperations {
  readonly store: ShopStore;
  readonly #deps: ShopOperationsDeps;
  readonly #orderRandom: SeededRandom;

  constructor(deps: ShopOperationsDeps) {
    this.#deps = deps;
    this.store = deps.store;
    this.#orderRandom = deps.random.fork("orders");
  }

  /** Fills the shop with locations, products and opening stock. Opening stock makes no webhook. */
  seedCatalogue(input: Omit<SeedCatalogueInput, "prng"> & Partial<Pick<SeedCatalogueInput, "prng">>): SeededCatalogue {
    return seedCatalogue(this.store, { ...input, prng: input.prng ?? this.#deps.random.fork("catalogue") });
  }

  addLocation(input: NewLocation): Location {
    return this.store.addLocation(input);
  }

  addProduct(input: NewProduct): Product {
    return this.store.addProduct(input);
  }

  /** Buys. `out_of_stock` when policy and stock forbid it: the buyer could not have checked out. */
  createOrder(input: CreateOrderInput): CreateOrderOutcome {
    const { store, orderSkewMs } = this.#deps;
    return createOrder({ store, orderSkewMs, random: this.#orderRandom }, input);
  }

  /** Cancels what has not shipped, with or without putting it back on the shelf. */
  cancelOrder(orderId: string, input: CancelInput): SettleOutcome {
    return cancelOrder(this.store, this.#order(orderId), input);
  }

  /** Refunds lines (no_restock, cancel, return) or, with no lines, money alone. */
  refundOrder(orderId: string, input: RefundInput): SettleOutcome {
    return refundOrder(this.store, this.#order(orderId), input);
  }

  /** Ships the whole rest, or the named units. */
  fulfilOrder(orderId: string, input: FulfilInput = {}): SettleOutcome {
    return fulfilOrder(this.store, this.#order(orderId), input);
  }

  /** Edits an order in the admin: adds lines, takes unshipped units off others. */
  editOrder(orderId: string, input: EditOrderInput): SettleOutcome {
    return editOrder(this.store, this.#order(orderId), input);
  }

  /** Shipped goods come back on the shelf without a refund. */
  returnUnits(orderId: string, input: Parameters<typeof returnUnits>[2]): SettleOutcome {
    return returnUnits(this.store, this.#order(orderId), input);
  }

  deleteProduct(ref: ItemRef): void {
    for (const product of new Set(this.#item(ref).variants.map((variant) => variant.product))) {
      this.store.deleteProduct(product);
    }
  }

  setTracked(ref: ItemRef, tracked: boolean): void {
    this.store.setTracked(this.#item(ref), tracked);
  }

  renameLocation(locationId: string, name: string): void {
    renameLocation(this.store, this.#location(locationId), name);
  }

  deleteLocation(locationId: string): void {
    this.store.deleteLocation(this.#location(locationId));
  }

  /** The merchant counts (`available`) or corrects (`delta`) a level in the admin; stocks it first where needed. */
  editLevel(ref: ItemRef, locationId: string, edit: MerchantEdit): LevelDump {
    return dumpLevel(editLevel(this.store, this.#item(ref), this.#location(locationId), edit));
  }

  connectLevel(ref: ItemRef, locationId: string): LevelDump {
    return dumpLevel(this.store.connect(this.#item(ref), this.#location(locationId)));
  }

  disconnectLevel(ref: ItemRef, locationId: string): void {
    const level = this.#item(ref).levels.get(locationId);
    if (level !== undefined) deactivateLevel(this.store, level);
  }

  /** Stocks an item again where it was before: its quantities come back, under their old stamps. */
  stockAgain(ref: ItemRef, locationId: string): void {
    const level = this.#item(ref).levels.get(locationId);
    if (level !== undefined) reactivateLevel(this.store, level);
  }

  setLocationActive(locationId: string, isActive: boolean): void {
    setLocationActive(this.store, this.#location(locationId), isActive);
  }

  renameSku(ref: ItemRef, sku: string | null): void {
    this.store.renameSku(this.#item(ref), sku);
  }

  /** Every level of the shop. */
  levels(): LevelDump[] {
    return dumpLevels(this.store);
  }

  /** One level; undefined where the item was never stocked. */
  level(ref: ItemRef, locationId: string): LevelDump | undefined {
    const level = this.#item(ref).levels.get(locationId);
    return level === undefined ? undefined : dumpLevel(level);
  }

  /** Levels of every item that carries the SKU. */
  levelsBySku(sku: string): LevelDump[] {
    return dumpLevelsBySku(this.store, sku);
  }

  /** Σ available of a SKU over items and locations. */
  availableOf(sku: string): number {
    return this.levelsBySku(sku).reduce((sum, level) => sum + level.available, 0);
  }

  /** The log of stock changes after a sequence number. */
  changes(afterSeq = 0, limit?: number): ChangeEntry[] {
    return this.#deps.log.after(afterSeq, limit);
  }

  #order(orderId: string): Order {
    const order = this.store.orderById(orderId);
    if (order === undefined) throw new RangeError(`no order ${orderId}`);
    return order;
  }

  #location(locationId: string): Location {
    const location = this.store.locationById(locationId);
    if (location === undefined) throw new RangeError(`no location ${locationId}`);
    return location;
  }

  #item(ref: ItemRef): InventoryItem {
    const item = "itemId" in ref ? this.store.itemById(ref.itemId) : this.store.itemsBySku(ref.sku)[0];
    if (item === undefined) throw new RangeError(`no inventory item ${"itemId" in ref ? ref.itemId : ref.sku}`);
    return item;
  }
}

/**
 * What Onhand keeps of Shopify's news: the fields that move stock, and nothing about people. Ids are Shopify's digits as
 * text; times are epoch milliseconds.
 */
import type { InventoryItemId, ShopLocationId, VariantId } from "./ids.ts";

/** Why a line moves no stock that we count. */
export type SkipReason = "custom_line" | "gift_card" | "untracked" | "zero_quantity";

export type OrderLine = {
  readonly lineId: string;
  readonly variantId: VariantId | null;
  readonly sku: string | null;
  /** As ordered: never `current_quantity`, which later edits and refunds change. */
  readonly quantity: number;
  /** Shipped when it was sold (a till): it never becomes `committed`. */
  readonly fulfilled: boolean;
  readonly skip: SkipReason | null;
};

/** A refund line that puts units back into stock. */
export type Restock = {
  readonly refundLineId: string;
  readonly lineId: string;
  readonly variantId: VariantId | null;
  readonly sku: string | null;
  readonly quantity: number;
  /** `cancel`: never shipped, so committed goes down. `return`, `legacy_restock`: came back. */
  readonly restockType: "cancel" | "return" | "legacy_restock";
  readonly location: ShopLocationId | null;
  /** The refund's `created_at`. */
  readonly atMs: number;
  readonly skip: SkipReason | null;
};

export type OrderEvent = {
  readonly kind: "order";
  readonly topic: "orders/create" | "orders/cancelled";
  readonly orderId: string;
  readonly createdAtMs: number;
  /** A till's location; null for an online order, whose routing Shopify does not tell. */
  readonly location: ShopLocationId | null;
  readonly lines: readonly OrderLine[];
  readonly restocks: readonly Restock[];
};

export type RefundEvent = {
  readonly kind: "refund";
  readonly refundId: string;
  readonly orderId: string;
  readonly restocks: readonly Restock[];
};

export type LevelEvent = {
  readonly kind: "level";
  readonly item: InventoryItemId;
  readonly location: ShopLocationId;
  readonly available: number;
  readonly atMs: number;
  /** Told because the item began to be stocked there, or was again. */
  readonly isConnected?: boolean;
};

/** The item is stocked there no more. Shopify tells no time of it, so only a read says whether it is still so. */
export type LevelGoneEvent = {
  readonly kind: "level_gone";
  readonly item: InventoryItemId;
  readonly location: ShopLocationId;
};

/** Units of an order line that left a location. */
export type ShippedLine = {
  readonly fulfilmentId: string;
  readonly lineId: string;
  readonly variantId: VariantId | null;
  readonly sku: string | null;
  readonly quantity: number;
  readonly location: ShopLocationId | null;
  /** The fulfilment's `created_at`. */
  readonly atMs: number;
  readonly skip: SkipReason | null;
};

export type FulfilmentEvent = {
  readonly kind: "fulfilment";
  readonly orderId: string;
  readonly lines: readonly ShippedLine[];
};

/** Which lines of an order an edit changed, by how many units. Their variants are not told. */
export type OrderEditEvent = {
  readonly kind: "order_edit";
  readonly editId: string;
  readonly orderId: string;
  readonly atMs: number;
  readonly added: readonly { readonly lineId: string; readonly quantity: number }[];
  readonly removed: readonly { readonly lineId: string; readonly quantity: number }[];
};

/** An order edit together with what the order's lines are. Never travels: it is asked for when the edit is taken in. */
export type EditedOrderEvent = {
  readonly kind: "edited_order";
  readonly editId: string;
  readonly orderId: string;
  readonly atMs: number;
  readonly lines: readonly EditedLine[];
};
export type EditedLine = {
  readonly lineId: string;
  readonly variantId: VariantId | null;
  readonly sku: string | null;
  /** Units that were added; 0 where some were only removed. */
  readonly quantity: number;
  readonly skip: SkipReason | null;
};

/** What a counter is told of: it moves stock, or may have. */
export type StockEvent = OrderEvent | RefundEvent | LevelEvent | LevelGoneEvent | FulfilmentEvent | EditedOrderEvent;

/** Items that are new, changed, or gone at Shopify: the catalogue's affair, never stock. */
export type ItemsEvent = {
  readonly kind: "items";
  readonly items: readonly {
    readonly item: InventoryItemId;
    readonly variantId: VariantId | null;
    readonly sku: string | null;
    /** Null where the body does not tell. */
    readonly isTracked: boolean | null;
  }[];
};
export type ItemDeletedEvent = { readonly kind: "item_deleted"; readonly item: InventoryItemId };
export type ProductDeletedEvent = { readonly kind: "product_deleted"; readonly productId: string };

/** `name` and `isActive` are null where the body does not tell; `atMs` null: deleted, which nothing later undoes. */
export type LocationEvent = {
  readonly kind: "location";
  readonly location: ShopLocationId;
  readonly name: string | null;
  readonly isActive: boolean | null;
  readonly atMs: number | null;
};

/** The app was removed from the shop: its tokens are dead. */
export type UninstalledEvent = { readonly kind: "uninstalled" };

/** What tells of the shop and its catalogue. */
export type CatalogueEvent = ItemsEvent | ItemDeletedEvent | ProductDeletedEvent | LocationEvent | UninstalledEvent;

export type ShopEvent = Exclude<StockEvent, EditedOrderEvent> | OrderEditEvent | CatalogueEvent;

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
};

export type ShopEvent = OrderEvent | RefundEvent | LevelEvent;

/**
 * What a shop is made of. Plain mutable records: the simulator is one process, every change is one synchronous step,
 * and ShopStore is the only one that creates them. Ids are strings of digits, money is in cents, times are epoch ms.
 */

/** Quantity states that are stored. `on_hand` is their sum (without `incoming`) and never stored. */
export type StoredState =
  | "available"
  | "committed"
  | "damaged"
  | "incoming"
  | "quality_control"
  | "reserved"
  | "safety_stock";
export type StateName = StoredState | "on_hand";

export const STORED_STATES: readonly StoredState[] = [
  "available",
  "committed",
  "damaged",
  "incoming",
  "quality_control",
  "reserved",
  "safety_stock",
];
export const STATE_NAMES: readonly StateName[] = [...STORED_STATES, "on_hand"];

export type Address = {
  readonly address1: string;
  readonly city: string;
  readonly zip: string;
  readonly province: string;
  readonly provinceCode: string;
  readonly country: string;
  readonly countryCode: string;
};

export type Location = {
  readonly seq: number;
  readonly id: string;
  /** The number in the GID of every level of this location. Recorded from a live shop: it is not the location's id. */
  readonly inventoryGroupId: string;
  name: string;
  /** Order routing asks low numbers first. */
  readonly priority: number;
  readonly fulfillsOnlineOrders: boolean;
  readonly address: Address;
  readonly createdAtMs: number;
  isActive: boolean;
  updatedAtMs: number;
  deactivatedAtMs: number | null;
  /** Every level ever stocked here, in order of creation. */
  readonly levels: Level[];
};

export type Level = {
  readonly seq: number;
  readonly item: InventoryItem;
  readonly location: Location;
  readonly createdAtMs: number;
  readonly quantities: Record<StoredState, number>;
  isActive: boolean;
  updatedAtMs: number;
  /** When `available` last changed: the stamp of the level webhook and of the quantity. */
  availableAtMs: number;
};

export type InventoryItem = {
  readonly seq: number;
  readonly id: string;
  /** Null where the merchant left it blank. */
  sku: string | null;
  tracked: boolean;
  readonly requiresShipping: boolean;
  readonly createdAtMs: number;
  updatedAtMs: number;
  readonly variants: Variant[];
  readonly levels: Map<string, Level>;
  /** Orders of the past still know it. */
  isDeleted: boolean;
};

export type InventoryPolicy = "DENY" | "CONTINUE";
export type Component = { readonly variant: Variant; readonly quantity: number };

export type Variant = {
  readonly seq: number;
  readonly id: string;
  readonly product: Product;
  readonly item: InventoryItem;
  readonly title: string;
  readonly barcode: string;
  readonly position: number;
  readonly priceCents: number;
  readonly grams: number;
  policy: InventoryPolicy;
  /** Not empty: a bundle parent, whose own stock cannot be written. */
  readonly components: readonly Component[];
  readonly createdAtMs: number;
  updatedAtMs: number;
};

export type Product = {
  readonly seq: number;
  readonly id: string;
  readonly title: string;
  readonly handle: string;
  readonly vendor: string;
  readonly productType: string;
  readonly isGiftCard: boolean;
  readonly tags: readonly string[];
  readonly createdAtMs: number;
  updatedAtMs: number;
  readonly variants: Variant[];
  /** `totalInventory` lags behind the levels in the real shop; this is what it shows now and since when. */
  totalShown: { value: number; atMs: number } | null;
};

/** Units of a line that one location is to ship, and has committed. */
export type Allocation = { readonly level: Level; quantity: number };

export type OrderLine = {
  readonly id: string;
  /** Null for a custom line. */
  readonly variant: Variant | null;
  readonly title: string;
  readonly sku: string | null;
  readonly priceCents: number;
  readonly quantity: number;
  readonly isGiftCard: boolean;
  readonly requiresShipping: boolean;
  /** Pre-order with SellingPlanReserve ON_FULFILLMENT: takes no stock until it is shipped. */
  readonly reservesOnFulfillment: boolean;
  /** Set on the components of a bundle that was bought. */
  readonly group: LineGroup | null;
  /** What is left of the quantity after refunds and removals. */
  currentQuantity: number;
  fulfilledQuantity: number;
  /** Units still to be shipped. */
  fulfillableQuantity: number;
  /** Committed units by location; their sum is at most fulfillableQuantity. */
  readonly allocations: Allocation[];
};

export type LineGroup = {
  readonly id: string;
  readonly variant: Variant;
  readonly quantity: number;
};

export type RestockType = "no_restock" | "cancel" | "return";

export type RefundLine = {
  readonly id: string;
  readonly line: OrderLine;
  readonly quantity: number;
  readonly restockType: RestockType;
  readonly location: Location | null;
};

export type Refund = {
  readonly id: string;
  readonly transactionId: string;
  readonly order: Order;
  readonly createdAtMs: number;
  readonly note: string | null;
  readonly amountCents: number;
  readonly lines: readonly RefundLine[];
};

export type CancelReason = "customer" | "declined" | "fraud" | "inventory" | "other" | "staff";

export type Order = {
  readonly seq: number;
  readonly id: string;
  /** 1001, 1002 …; the name is `#1001`. */
  readonly number: number;
  readonly sourceName: string;
  /** The location of a POS sale; null for an online order. */
  readonly location: Location | null;
  readonly test: boolean;
  readonly createdAtMs: number;
  readonly shippingCents: number;
  /** Seed of the invented customer, so that the same order always shows the same person. */
  readonly customerSeed: number;
  readonly customerId: string;
  readonly token: string;
  isPaid: boolean;
  updatedAtMs: number;
  cancelledAtMs: number | null;
  cancelReason: CancelReason | null;
  closedAtMs: number | null;
  readonly lines: OrderLine[];
  readonly refunds: Refund[];
  readonly fulfilments: Fulfilment[];
};

/** Units that left one location. */
export type Fulfilment = {
  readonly id: string;
  readonly order: Order;
  readonly createdAtMs: number;
  /** Null for what has no stock. */
  readonly location: Location | null;
  readonly lines: readonly { readonly line: OrderLine; readonly quantity: number }[];
};

export type OrderEdit = {
  readonly id: string;
  readonly order: Order;
  readonly createdAtMs: number;
  readonly additions: readonly { readonly lineId: string; readonly delta: number }[];
  readonly removals: readonly { readonly lineId: string; readonly delta: number }[];
};

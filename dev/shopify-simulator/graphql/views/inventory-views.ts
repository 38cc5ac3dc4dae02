/**
 * Locations, levels, items, variants and products as GraphQL shows them. One file, because they refer to each other in a
 * circle. A view is lazy: a field that is not selected costs nothing.
 */
import { gid } from "../../model/ids.ts";
import { type FieldReader, matchesSearch, parseSearch } from "../../model/search-syntax.ts";
import {
  type InventoryItem,
  type Level,
  type Location,
  type Product,
  STATE_NAMES,
  type Variant,
} from "../../model/shop-model.ts";
import { quantityOf, totalAvailable } from "../../model/shop-store.ts";
import { utcStamp } from "../../model/stamps.ts";
import { levelGid } from "../../payloads/level-body.ts";
import { money } from "../../payloads/raw-json.ts";
import type { CallContext, View } from "../call-context.ts";
import { callError } from "../call-error.ts";
import { connection, type PageArgs } from "../connection.ts";
import type { AdjustmentGroup } from "../inventory/adjustment-group.ts";
import { idOf } from "../inventory/quantity-rules.ts";

type LevelPageArgs = PageArgs & { readonly query?: string | null; readonly includeInactive?: boolean | null };

/** `product.totalInventory` was recorded to lag behind the levels; it is refreshed at most this often. */
const TOTAL_LAG_MS = 5_000;

export function exactCount(count: number): View {
  return { count, precision: "EXACT" };
}

export function locationView(context: CallContext, location: Location): View {
  return {
    __typename: "Location",
    id: gid("Location", location.id),
    legacyResourceId: location.id,
    name: location.name,
    isActive: location.isActive,
    isPrimary: location.priority === 0,
    fulfillsOnlineOrders: location.fulfillsOnlineOrders,
    shipsInventory: location.fulfillsOnlineOrders,
    isFulfillmentService: false,
    hasActiveInventory: () => location.levels.some((level) => level.isActive && level.quantities.available !== 0),
    hasUnfulfilledOrders: () => location.levels.some((level) => level.quantities.committed > 0),
    deactivatedAt: () => (location.deactivatedAtMs === null ? null : utcStamp(location.deactivatedAtMs)),
    createdAt: () => utcStamp(location.createdAtMs),
    updatedAt: () => utcStamp(location.updatedAtMs),
    address: () => ({ ...location.address, address2: null, phone: null }),
    inventoryLevel: (args: { inventoryItemId: string; includeInactive?: boolean | null }) => {
      const item = context.store.itemById(idOf(args.inventoryItemId, "InventoryItem"));
      const level = item?.levels.get(location.id);
      return shownLevel(context, level, args.includeInactive ?? false);
    },
    inventoryLevels: (args: LevelPageArgs) => levelConnection(context, location.levels, args),
  };
}

function shownLevel(context: CallContext, level: Level | undefined, includesInactive: boolean): View | null {
  return level !== undefined && (level.isActive || includesInactive) ? levelView(context, level) : null;
}

function levelConnection(context: CallContext, levels: readonly Level[], args: LevelPageArgs): View {
  const query = parseSearch(args.query ?? "");
  const isPlain = query === null && levels.every((level) => level.isActive);
  const shown = isPlain
    ? levels
    : levels.filter((level) => (level.isActive || args.includeInactive) && matchesSearch(query, levelReader(level)));
  return connection(context, shown, args, { view: (level) => levelView(context, level) });
}

function levelReader(level: Level): FieldReader {
  return (field) => {
    switch (field) {
      case "updated_at":
        return { kind: "time", atMs: level.updatedAtMs };
      case "created_at":
        return { kind: "time", atMs: level.createdAtMs };
      case "inventory_item_id":
        return { kind: "id", digits: level.item.id };
      case "inventory_group_id":
        return { kind: "id", digits: level.location.inventoryGroupId };
      default:
        return undefined;
    }
  };
}

export function levelView(context: CallContext, level: Level): View {
  return {
    __typename: "InventoryLevel",
    id: levelGid(level),
    isActive: level.isActive,
    canDeactivate: () => [...level.item.levels.values()].some((other) => other !== level && other.isActive),
    deactivationAlert: null,
    createdAt: () => utcStamp(level.createdAtMs),
    updatedAt: () => utcStamp(level.updatedAtMs),
    item: () => itemView(context, level.item),
    location: () => locationView(context, level.location),
    quantities: (args: { names: readonly string[] }) => args.names.map((name) => quantityView(level, name)),
  };
}

function quantityView(level: Level, wanted: string): View {
  const name = STATE_NAMES.find((state) => state === wanted);
  if (name === undefined) throw callError(`The quantity name ${wanted} is invalid.`, "INVALID_FIELD_ARGUMENTS");
  return {
    __typename: "InventoryQuantity",
    id: `${levelGid(level).replace("/InventoryLevel/", "/InventoryQuantity/")}&name=${name}`,
    name,
    quantity: quantityOf(level, name),
    // Recorded: only `available` tells when it changed.
    updatedAt: name === "available" ? utcStamp(level.availableAtMs) : null,
  };
}

export function itemView(context: CallContext, item: InventoryItem): View {
  const levels = (): Level[] => [...item.levels.values()];
  return {
    __typename: "InventoryItem",
    id: gid("InventoryItem", item.id),
    legacyResourceId: item.id,
    sku: item.sku,
    tracked: item.tracked,
    requiresShipping: item.requiresShipping,
    // How many other items carry the SKU.
    duplicateSkuCount: () => (item.sku === null ? 0 : context.store.itemsBySku(item.sku).length - 1),
    inventoryHistoryUrl: `https://${context.facts.domain}/admin/products/inventory/${item.id}/inventory_history`,
    createdAt: () => utcStamp(item.createdAtMs),
    updatedAt: () => utcStamp(item.updatedAtMs),
    locationsCount: () => exactCount(levels().filter((level) => level.isActive).length),
    inventoryLevel: (args: { locationId: string; includeInactive?: boolean | null }) => {
      const level = item.levels.get(idOf(args.locationId, "Location"));
      return shownLevel(context, level, args.includeInactive ?? false);
    },
    inventoryLevels: (args: LevelPageArgs) => levelConnection(context, levels(), args),
    variant: () => {
      const [variant] = item.variants;
      return variant === undefined ? null : variantView(context, variant);
    },
    variants: (args: PageArgs) =>
      connection(context, item.variants, args, { view: (variant) => variantView(context, variant) }),
  };
}

export function variantView(context: CallContext, variant: Variant): View {
  const { product, item } = variant;
  return {
    __typename: "ProductVariant",
    id: gid("ProductVariant", variant.id),
    legacyResourceId: variant.id,
    title: variant.title,
    displayName: `${product.title} - ${variant.title}`,
    sku: item.sku,
    barcode: variant.barcode,
    price: money(variant.priceCents),
    position: variant.position,
    taxable: true,
    inventoryPolicy: variant.policy,
    requiresComponents: variant.components.length > 0,
    availableForSale: () => !item.tracked || variant.policy === "CONTINUE" || totalAvailable(item) > 0,
    inventoryQuantity: () => totalAvailable(item),
    sellableOnlineQuantity: () => totalAvailable(item),
    selectedOptions: [{ name: "Title", value: variant.title }],
    createdAt: () => utcStamp(variant.createdAtMs),
    updatedAt: () => utcStamp(variant.updatedAtMs),
    inventoryItem: () => itemView(context, item),
    product: () => productView(context, product),
    productVariantComponents: (args: PageArgs) => {
      const components = variant.components.map((component, index) => ({ ...component, seq: index + 1 }));
      return connection(context, components, args, {
        view: (component) => ({
          __typename: "ProductVariantComponent",
          id: gid("ProductVariantComponent", `${variant.id}${component.seq}`),
          quantity: component.quantity,
          productVariant: () => variantView(context, component.variant),
        }),
      });
    },
  };
}

export function productView(context: CallContext, product: Product): View {
  return {
    __typename: "Product",
    id: gid("Product", product.id),
    legacyResourceId: product.id,
    title: product.title,
    handle: product.handle,
    status: "ACTIVE",
    vendor: product.vendor,
    productType: product.productType,
    tags: product.tags,
    isGiftCard: product.isGiftCard,
    hasOnlyDefaultVariant: product.variants.length === 1,
    hasVariantsThatRequiresComponents: () => product.variants.some((variant) => variant.components.length > 0),
    tracksInventory: () => product.variants.some((variant) => variant.item.tracked),
    totalInventory: () => laggingTotal(context, product),
    createdAt: () => utcStamp(product.createdAtMs),
    updatedAt: () => utcStamp(product.updatedAtMs),
    publishedAt: () => utcStamp(product.createdAtMs),
    variantsCount: () => exactCount(product.variants.length),
    variants: (args: PageArgs) =>
      connection(context, product.variants, args, { view: (variant) => variantView(context, variant) }),
  };
}

function laggingTotal(context: CallContext, product: Product): number {
  const nowMs = context.store.now();
  if (product.totalShown === null || nowMs - product.totalShown.atMs >= TOTAL_LAG_MS) {
    const value = product.variants.reduce((sum, variant) => sum + totalAvailable(variant.item), 0);
    product.totalShown = { value, atMs: nowMs };
  }
  return product.totalShown.value;
}

export function groupView(context: CallContext, group: AdjustmentGroup): View {
  return {
    __typename: "InventoryAdjustmentGroup",
    id: gid("InventoryAdjustmentGroup", group.id),
    createdAt: () => utcStamp(group.createdAtMs),
    reason: group.reason,
    referenceDocumentUri: group.referenceDocumentUri,
    app: () => appView(context),
    changes: (args: ChangeFilter) =>
      group.rows.filter((row) => isWanted(row, args)).map((row) => rowView(context, row)),
  };
}

type ChangeFilter = {
  readonly inventoryItemIds?: readonly string[] | null;
  readonly locationIds?: readonly string[] | null;
  readonly quantityNames?: readonly string[] | null;
};

function isWanted(row: AdjustmentGroup["rows"][number], filter: ChangeFilter): boolean {
  const isNamed = (list: readonly string[] | null | undefined, value: string): boolean => list?.includes(value) ?? true;
  return (
    isNamed(filter.inventoryItemIds, gid("InventoryItem", row.item.id)) &&
    isNamed(filter.locationIds, gid("Location", row.location.id)) &&
    isNamed(filter.quantityNames, row.name)
  );
}

function rowView(context: CallContext, row: AdjustmentGroup["rows"][number]): View {
  return {
    name: row.name,
    delta: row.delta,
    quantityAfterChange: context.tellsQuantityAfterChange ? row.after : null,
    ledgerDocumentUri: row.ledgerDocumentUri,
    item: () => itemView(context, row.item),
    location: () => locationView(context, row.location),
  };
}

export function appView(context: CallContext): View {
  return {
    __typename: "App",
    id: gid("App", "2305843009"),
    apiKey: context.facts.clientId,
    handle: "onhand",
    title: "Onhand",
  };
}

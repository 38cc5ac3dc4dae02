/** Rules and messages that the quantity mutations share. Messages are verbatim from recordings or from the schema. */
import { parseGid } from "../../model/ids.ts";
import type { InventoryItem, Level, Location, StateName, StoredState } from "../../model/shop-model.ts";
import { quantityOf, type ShopStore } from "../../model/shop-store.ts";
import type { UserErrorRow } from "../user-error.ts";

/** Every reason that is accepted, from the error message. */
export const REASONS = (
  "correction cycle_count_available damaged movement_canceled movement_created movement_received movement_updated " +
  "other promotion quality_control received reservation_created reservation_deleted reservation_updated restock " +
  "safety_stock shrinkage"
).split(" ");

/** States that adjust and move may touch. */
const PUBLIC_STATES: readonly StoredState[] = [
  "available",
  "damaged",
  "incoming",
  "quality_control",
  "reserved",
  "safety_stock",
];

export const QUANTITY_MAX = 1_000_000_000;
export const DELTA_MAX = 2_000_000_000;

type Path = readonly string[];

export function userError(field: Path | null, message: string, code: string): UserErrorRow {
  return { field, message, code };
}

export function publicState(name: string): StoredState | null {
  return PUBLIC_STATES.find((state) => state === name) ?? null;
}

export function quantityNameError(field: Path): UserErrorRow {
  const valid = PUBLIC_STATES.join(", ");
  return userError(
    field,
    `The specified quantity name is invalid. Valid values are: ${valid}.`,
    "INVALID_QUANTITY_NAME",
  );
}

/** Problems of the call as a whole: its reason and its reference. */
export function headerErrors(input: {
  readonly reason: string;
  readonly referenceDocumentUri?: string | null;
}): UserErrorRow[] {
  const errors: UserErrorRow[] = [];
  if (!REASONS.includes(input.reason)) {
    const message = `The specified reason is invalid. Valid values are: ${REASONS.join(", ")}.`;
    errors.push(userError(["input", "reason"], message, "INVALID_REASON"));
  }
  const reference = input.referenceDocumentUri ?? null;
  if (reference !== null && !isUri(reference)) {
    const message = "The specified reference document is invalid.";
    errors.push(userError(["input", "referenceDocumentUri"], message, "INVALID_REFERENCE_DOCUMENT"));
  }
  return errors;
}

/** Any URI with a scheme and content. */
export function isUri(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/{0,2}\S+$/i.test(text);
}

/** The rules for the ledger document of one state: forbidden for `available`, required for every other one. */
export function ledgerError(field: Path, state: string, uri: string | null): UserErrorRow | null {
  if (state === "available") {
    if (uri === null) return null;
    const message = "A ledger document URI is not allowed when adjusting available.";
    return userError(field, message, "INVALID_AVAILABLE_DOCUMENT");
  }
  if (uri === null) {
    const message = "A ledger document URI is required except when adjusting available.";
    return userError(field, message, "INVALID_QUANTITY_DOCUMENT");
  }
  if (uri.startsWith("gid://shopify/")) {
    const message = "Internal (gid://shopify/) ledger documents are not allowed to be adjusted via API.";
    return userError(field, message, "INTERNAL_LEDGER_DOCUMENT");
  }
  return isUri(uri) ? null : userError(field, "The specified ledger document is invalid.", "INVALID_LEDGER_DOCUMENT");
}

export type FoundPair = { readonly item: InventoryItem; readonly location: Location };

/** Looks up item and location of a row; both problems are reported at once, as recorded. */
export function findPair(
  store: ShopStore,
  ids: { readonly inventoryItemId: string; readonly locationId: string },
  paths: { readonly item: Path; readonly location: Path },
): { readonly pair: FoundPair } | { readonly errors: readonly UserErrorRow[] } {
  const item = store.itemById(idOf(ids.inventoryItemId, "InventoryItem"));
  const location = store.locationById(idOf(ids.locationId, "Location"));
  const errors: UserErrorRow[] = [];
  if (item === undefined) {
    errors.push(userError(paths.item, "The specified inventory item could not be found.", "INVALID_INVENTORY_ITEM"));
  }
  if (location === undefined || !location.isActive) {
    errors.push(userError(paths.location, "The specified location could not be found.", "INVALID_LOCATION"));
  }
  if (item === undefined || location === undefined || errors.length > 0) return { errors };
  if (item.variants.some((variant) => variant.components.length > 0)) {
    const message =
      "The specified inventory item is not allowed to be adjusted via API. Example: if the inventory item is a parent bundle.";
    return { errors: [userError(paths.item, message, "NON_MUTABLE_INVENTORY_ITEM")] };
  }
  return { pair: { item, location } };
}

/** The digits of a GID of that type; a text that is none is found by nobody. */
export function idOf(text: string, type: string): string {
  const parsed = parseGid(text);
  return parsed !== null && parsed.type === type ? parsed.id : "";
}

/** The compare-and-swap check of one row; null expects nothing. */
export function staleError(
  pair: FoundPair,
  expected: { readonly name: StateName; readonly quantity: number | null },
  field: Path,
): UserErrorRow | null {
  if (expected.quantity === null) return null;
  const level: Level | undefined = pair.item.levels.get(pair.location.id);
  const current = level === undefined ? 0 : quantityOf(level, expected.name);
  if (current === expected.quantity) return null;
  const message = "The changeFromQuantity argument no longer matches the persisted quantity.";
  return userError(field, message, "CHANGE_FROM_QUANTITY_STALE");
}

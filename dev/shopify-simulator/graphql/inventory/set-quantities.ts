/**
 * `inventorySetQuantities` and its deprecated sibling `inventorySetOnHandQuantities`: absolute values of `available` or
 * `on_hand`. Setting one drags the other by the same delta; a value that is there already is no change.
 */
import type { GraphQLResolveInfo } from "graphql";
import { quantityOf } from "../../model/shop-store.ts";
import type { CallContext, View } from "../call-context.ts";
import type { UserErrorRow } from "../user-error.ts";
import { groupView } from "../views/inventory-views.ts";
import { applyMoves, type PlannedMove } from "./adjustment-group.ts";
import { idempotencyKey, requireChangeFrom, runGuarded } from "./guarded-mutation.ts";
import { findPair, headerErrors, QUANTITY_MAX, staleError, userError } from "./quantity-rules.ts";

export type SetRow = {
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly quantity: number;
  readonly changeFromQuantity?: number | null;
};

type SetCall = {
  readonly name: string;
  readonly reason: string;
  readonly referenceDocumentUri: string | null;
  readonly rows: readonly SetRow[];
  /** Name of the list in the input: it stands in the error paths. */
  readonly listName: "quantities" | "setQuantities";
  readonly rowType: "InventoryQuantityInput" | "InventorySetQuantityInput";
};

type Reading = { readonly moves: readonly PlannedMove[]; readonly errors: readonly UserErrorRow[] };

export type SetInput = {
  readonly name: string;
  readonly reason: string;
  readonly referenceDocumentUri?: string | null;
  readonly quantities: readonly SetRow[];
};

export function setQuantities(context: CallContext, input: SetInput, info: GraphQLResolveInfo): View {
  return runSet(context, info, {
    name: input.name,
    reason: input.reason,
    referenceDocumentUri: input.referenceDocumentUri ?? null,
    rows: input.quantities,
    listName: "quantities",
    rowType: "InventoryQuantityInput",
  });
}

export type SetOnHandInput = {
  readonly reason: string;
  readonly referenceDocumentUri?: string | null;
  readonly setQuantities: readonly SetRow[];
};

export function setOnHandQuantities(context: CallContext, input: SetOnHandInput, info: GraphQLResolveInfo): View {
  return runSet(context, info, {
    name: "on_hand",
    reason: input.reason,
    referenceDocumentUri: input.referenceDocumentUri ?? null,
    rows: input.setQuantities,
    listName: "setQuantities",
    rowType: "InventorySetQuantityInput",
  });
}

function runSet(context: CallContext, info: GraphQLResolveInfo, call: SetCall): View {
  // Recorded order: here a missing directive is told first.
  idempotencyKey(info);
  requireChangeFrom(call.rows, call.rowType);
  let reading: Reading = { moves: [], errors: [] };
  return runGuarded(context, info, {
    resultField: "inventoryAdjustmentGroup",
    args: call,
    check: () => {
      reading = readRows(context, call);
      return reading.errors;
    },
    checkStale: () => readRows(context, call).errors.filter((error) => error.code === "CHANGE_FROM_QUANTITY_STALE"),
    apply: (key) => {
      const header = { reason: call.reason, referenceDocumentUri: call.referenceDocumentUri, key };
      const group = applyMoves(context.store, header, reading.moves);
      context.onRowsChanged(reading.moves.length);
      return group === null ? null : groupView(context, group);
    },
  });
}

function readRows(context: CallContext, call: SetCall): Reading {
  const { name } = call;
  const header = headerErrors(call);
  if (name !== "available" && name !== "on_hand") {
    const message = "The quantity name must be either 'available' or 'on_hand'.";
    return { moves: [], errors: [userError(["input", "name"], message, "INVALID_NAME"), ...header] };
  }
  const errors: UserErrorRow[] = [...header, ...duplicateErrors(call)];
  if (errors.length > 0) return { moves: [], errors };
  const moves: PlannedMove[] = [];
  for (const [index, row] of call.rows.entries()) {
    const path = ["input", call.listName, String(index)];
    const limit = limitError([...path, "quantity"], name, row.quantity);
    if (limit !== null) errors.push(limit);
    const found = findPair(context.store, row, {
      item: [...path, "inventoryItemId"],
      location: [...path, "locationId"],
    });
    if ("errors" in found) {
      errors.push(...found.errors);
      continue;
    }
    const { item, location } = found.pair;
    const expected = { name, quantity: row.changeFromQuantity ?? null } as const;
    const stale = staleError(found.pair, expected, [...path, "changeFromQuantity"]);
    if (stale !== null) errors.push(stale);
    const level = item.levels.get(location.id);
    const current = level === undefined ? 0 : quantityOf(level, name);
    moves.push({ item, location, name: "available", delta: row.quantity - current, ledgerDocumentUri: null });
  }
  return { moves, errors };
}

function limitError(field: readonly string[], name: "available" | "on_hand", quantity: number): UserErrorRow | null {
  if (quantity > QUANTITY_MAX) {
    return userError(field, "The quantity can't be higher than 1,000,000,000.", "INVALID_QUANTITY_TOO_HIGH");
  }
  if (name === "on_hand" && quantity < 0) {
    return userError(field, "The quantity can't be negative.", "INVALID_QUANTITY_NEGATIVE");
  }
  if (quantity < -QUANTITY_MAX) {
    return userError(field, "The quantity can't be lower than -1,000,000,000.", "INVALID_QUANTITY_TOO_LOW");
  }
  return null;
}

/** Every row of a pair that occurs twice is named. */
function duplicateErrors(call: SetCall): UserErrorRow[] {
  const pairOf = (row: SetRow): string => `${row.inventoryItemId} ${row.locationId}`;
  const counts = Map.groupBy(call.rows, pairOf);
  return call.rows.flatMap((row, index) => {
    if ((counts.get(pairOf(row))?.length ?? 0) < 2) return [];
    const message = "The combination of inventoryItemId and locationId must be unique.";
    const field = ["input", call.listName, String(index), "locationId"];
    return [userError(field, message, "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR")];
  });
}

/** `inventoryAdjustQuantities`: deltas. One bad row refuses the whole call, its index is in `userErrors.field`. */
import type { GraphQLResolveInfo } from "graphql";
import type { CallContext, View } from "../call-context.ts";
import type { UserErrorRow } from "../user-error.ts";
import { groupView } from "../views/inventory-views.ts";
import { applyMoves, type PlannedMove } from "./adjustment-group.ts";
import { idempotencyKey, requireChangeFrom, runGuarded } from "./guarded-mutation.ts";
import {
  DELTA_MAX,
  findPair,
  headerErrors,
  ledgerError,
  publicState,
  quantityNameError,
  staleError,
  userError,
} from "./quantity-rules.ts";

export type AdjustInput = {
  readonly name: string;
  readonly reason: string;
  readonly referenceDocumentUri?: string | null;
  readonly changes: readonly {
    readonly delta: number;
    readonly inventoryItemId: string;
    readonly locationId: string;
    readonly changeFromQuantity?: number | null;
    readonly ledgerDocumentUri?: string | null;
  }[];
};

type Reading = { readonly moves: readonly PlannedMove[]; readonly errors: readonly UserErrorRow[] };

export function adjustQuantities(context: CallContext, input: AdjustInput, info: GraphQLResolveInfo): View {
  // Recorded order: a missing changeFromQuantity is told before a missing directive.
  requireChangeFrom(input.changes, "InventoryChangeInput");
  idempotencyKey(info);
  let reading: Reading = { moves: [], errors: [] };
  return runGuarded(context, info, {
    resultField: "inventoryAdjustmentGroup",
    args: { input },
    check: () => {
      reading = readChanges(context, input);
      return reading.errors;
    },
    checkStale: () => readChanges(context, input).errors.filter((error) => error.code === "CHANGE_FROM_QUANTITY_STALE"),
    apply: (key) => {
      const header = { reason: input.reason, referenceDocumentUri: input.referenceDocumentUri ?? null, key };
      const group = applyMoves(context.store, header, reading.moves);
      context.onRowsChanged(reading.moves.length);
      return group === null ? null : groupView(context, group);
    },
  });
}

function readChanges(context: CallContext, input: AdjustInput): Reading {
  const state = publicState(input.name);
  const header = headerErrors(input);
  if (state === null) header.unshift(quantityNameError(["input", "name"]));
  if (state === null || header.length > 0) return { moves: [], errors: header };
  const errors: UserErrorRow[] = [];
  const moves: PlannedMove[] = [];
  for (const [index, change] of input.changes.entries()) {
    const path = ["input", "changes", String(index)];
    const uri = change.ledgerDocumentUri ?? null;
    const limit = limitError([...path, "delta"], change.delta);
    const ledger = ledgerError([...path, "ledgerDocumentUri"], state, uri);
    const found = findPair(context.store, change, {
      item: [...path, "inventoryItemId"],
      location: [...path, "locationId"],
    });
    for (const error of [limit, ledger]) if (error !== null) errors.push(error);
    if ("errors" in found) {
      errors.push(...found.errors);
      continue;
    }
    const expected = { name: state, quantity: change.changeFromQuantity ?? null };
    const stale = staleError(found.pair, expected, [...path, "changeFromQuantity"]);
    if (stale !== null) errors.push(stale);
    moves.push({ ...found.pair, name: state, delta: change.delta, ledgerDocumentUri: uri });
  }
  const uris = new Set(input.changes.map((change) => change.ledgerDocumentUri ?? null));
  if (errors.length === 0 && uris.size > 1) {
    const message =
      "All changes must have the same ledger document URI or, in the case of adjusting available, no ledger document URI.";
    errors.push(userError(["input", "changes"], message, "MAX_ONE_LEDGER_DOCUMENT"));
  }
  return { moves, errors };
}

function limitError(field: readonly string[], delta: number): UserErrorRow | null {
  if (delta > DELTA_MAX) {
    return userError(field, "The quantity can't be higher than 2,000,000,000.", "INVALID_QUANTITY_TOO_HIGH");
  }
  if (delta < -DELTA_MAX) {
    return userError(field, "The quantity can't be lower than -2,000,000,000.", "INVALID_QUANTITY_TOO_LOW");
  }
  return null;
}

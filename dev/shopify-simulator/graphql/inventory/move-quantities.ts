/** `inventoryMoveQuantities`: units change their state at one place, for instance available → safety_stock. */
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

type Terminal = {
  readonly locationId: string;
  readonly name: string;
  readonly changeFromQuantity?: number | null;
  readonly ledgerDocumentUri?: string | null;
};

type MoveRow = {
  readonly inventoryItemId: string;
  readonly quantity: number;
  readonly from: Terminal;
  readonly to: Terminal;
};

export type MoveInput = {
  readonly reason: string;
  readonly referenceDocumentUri: string;
  readonly changes: readonly MoveRow[];
};

type Reading = { readonly moves: PlannedMove[]; readonly errors: UserErrorRow[] };

const URIS_MAX = 2;

export function moveQuantities(context: CallContext, input: MoveInput, info: GraphQLResolveInfo): View {
  idempotencyKey(info);
  const terminals = input.changes.flatMap((change) => [change.from, change.to]);
  requireChangeFrom(terminals, "InventoryMoveQuantityTerminalInput");
  let reading: Reading = { moves: [], errors: [] };
  return runGuarded(context, info, {
    resultField: "inventoryAdjustmentGroup",
    args: { input },
    check: () => {
      reading = readMoves(context, input);
      return reading.errors;
    },
    checkStale: () => readMoves(context, input).errors.filter((error) => error.code === "CHANGE_FROM_QUANTITY_STALE"),
    apply: (key) => {
      const group = applyMoves(context.store, { ...input, key }, reading.moves);
      context.onRowsChanged(reading.moves.length);
      return group === null ? null : groupView(context, group);
    },
  });
}

function readMoves(context: CallContext, input: MoveInput): Reading {
  const reading: Reading = { moves: [], errors: headerErrors(input) };
  if (reading.errors.length > 0) return reading;
  for (const [index, row] of input.changes.entries())
    readRow(context, row, ["input", "changes", String(index)], reading);
  const terminals = input.changes.flatMap(({ from, to }) => [from.ledgerDocumentUri, to.ledgerDocumentUri]);
  const uris = new Set(terminals.filter((uri) => typeof uri === "string"));
  if (reading.errors.length === 0 && uris.size > URIS_MAX) {
    const message = "Only a maximum of 2 ledger document URIs across all changes is allowed.";
    reading.errors.push(userError(["input", "changes"], message, "MAXIMUM_LEDGER_DOCUMENT_URIS"));
  }
  return reading;
}

function readRow(context: CallContext, row: MoveRow, path: readonly string[], reading: Reading): void {
  const rowErrors = shapeErrors(row, path);
  if (rowErrors.length > 0) {
    reading.errors.push(...rowErrors);
    return;
  }
  for (const [side, terminal, sign] of [
    ["from", row.from, -1],
    ["to", row.to, 1],
  ] as const) {
    const state = publicState(terminal.name);
    const uri = terminal.ledgerDocumentUri ?? null;
    if (state === null) {
      reading.errors.push(quantityNameError([...path, side, "name"]));
      continue;
    }
    const ledger = ledgerError([...path, side, "ledgerDocumentUri"], state, uri);
    if (ledger !== null) reading.errors.push(ledger);
    const ids = { inventoryItemId: row.inventoryItemId, locationId: terminal.locationId };
    const paths = { item: [...path, "inventoryItemId"], location: [...path, side, "locationId"] };
    const found = findPair(context.store, ids, paths);
    if ("errors" in found) {
      reading.errors.push(...found.errors.filter((error) => side === "from" || error.code === "INVALID_LOCATION"));
      continue;
    }
    const expected = { name: state, quantity: terminal.changeFromQuantity ?? null };
    const stale = staleError(found.pair, expected, [...path, side, "changeFromQuantity"]);
    if (stale !== null) reading.errors.push(stale);
    reading.moves.push({ ...found.pair, name: state, delta: sign * row.quantity, ledgerDocumentUri: uri });
  }
}

function shapeErrors(row: MoveRow, path: readonly string[]): UserErrorRow[] {
  if (row.quantity < 0) {
    return [userError([...path, "quantity"], "The quantity can't be negative.", "INVALID_QUANTITY_NEGATIVE")];
  }
  if (row.quantity > DELTA_MAX) {
    const message = "The quantity can't be higher than 2,000,000,000.";
    return [userError([...path, "quantity"], message, "INVALID_QUANTITY_TOO_HIGH")];
  }
  if (row.from.locationId !== row.to.locationId) {
    return [userError(path, "The quantities can't be moved between different locations.", "DIFFERENT_LOCATIONS")];
  }
  if (row.from.name === row.to.name) {
    return [userError(path, "The quantity names for each change can't be the same.", "SAME_QUANTITY_NAME")];
  }
  return [];
}

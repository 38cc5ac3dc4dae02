/** The record an inventory mutation leaves: one group, one row per quantity state that moved. */
import type { InventoryItem, Level, Location, StateName, StoredState } from "../../model/shop-model.ts";
import { quantityOf, type ShopStore } from "../../model/shop-store.ts";

export type AdjustmentRow = {
  readonly name: StateName;
  readonly delta: number;
  readonly item: InventoryItem;
  readonly location: Location;
  readonly ledgerDocumentUri: string | null;
  /** The level right after this mutation. */
  readonly after: number;
};

export type AdjustmentGroup = {
  readonly id: string;
  readonly createdAtMs: number;
  readonly reason: string;
  readonly referenceDocumentUri: string | null;
  readonly rows: readonly AdjustmentRow[];
};

/** One stored state that a mutation is to move. */
export type PlannedMove = {
  readonly item: InventoryItem;
  readonly location: Location;
  readonly name: StoredState;
  readonly delta: number;
  readonly ledgerDocumentUri: string | null;
};

export type GroupInput = {
  readonly reason: string;
  readonly referenceDocumentUri: string | null;
  /** Idempotency key of the call, for the shop's log. */
  readonly key: string;
};

/**
 * Applies the moves and records them. Each stored state drags `on_hand` along, unless the moves of the same level
 * cancel out (available → damaged). An item that was never stocked at the location is stocked by it, silently (2026-10).
 * @returns null when nothing moves, as Shopify does
 */
export function applyMoves(store: ShopStore, input: GroupInput, moves: readonly PlannedMove[]): AdjustmentGroup | null {
  const moving = moves.filter((move) => move.delta !== 0);
  if (moving.length === 0) return null;
  const rows: AdjustmentRow[] = [];
  const onHandDeltas = new Map<Level, number>();
  for (const move of moving) {
    const level = store.connect(move.item, move.location);
    store.change(level, move.name, move.delta, { kind: "api", reference: input.key });
    rows.push({ ...move, after: level.quantities[move.name] });
    const isCounted = move.name !== "incoming";
    onHandDeltas.set(level, (onHandDeltas.get(level) ?? 0) + (isCounted ? move.delta : 0));
  }
  return {
    id: store.newId(),
    createdAtMs: store.now(),
    reason: input.reason,
    referenceDocumentUri: input.referenceDocumentUri,
    rows: withOnHand(rows, onHandDeltas),
  };
}

/** Puts the on_hand row of a level behind its last moved state, as recorded (available +5, on_hand +5). */
function withOnHand(rows: readonly AdjustmentRow[], onHandDeltas: ReadonlyMap<Level, number>): AdjustmentRow[] {
  const lastRow = new Map<Level, AdjustmentRow>();
  for (const row of rows) {
    const level = row.item.levels.get(row.location.id);
    if (level !== undefined) lastRow.set(level, row);
  }
  return rows.flatMap((row) => {
    const level = row.item.levels.get(row.location.id);
    const delta = level === undefined ? 0 : (onHandDeltas.get(level) ?? 0);
    if (level === undefined || delta === 0 || lastRow.get(level) !== row) return [row];
    return [
      row,
      { ...row, name: "on_hand" as const, delta, ledgerDocumentUri: null, after: quantityOf(level, "on_hand") },
    ];
  });
}

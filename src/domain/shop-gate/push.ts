/** What the journal carries: rows, pushes, and what became of them. Shapes equal those of the gate's contract. */
import type { CorrelationId, InventoryItemId, ListingId, PushKey, ShopLocationId, SkuId } from "../ids.ts";
import { CALL_ROWS_MAX, DELTA_UNITS_MAX } from "./limits.ts";

/** A signed number of units at one existing inventory level. */
export type Row = {
  readonly item: InventoryItemId;
  readonly location: ShopLocationId;
  readonly delta: number;
};

/**
 * `adjust`: available changes by each row's delta. `move`: units go from available to safety_stock (negative delta) or back.
 * A call is of one kind. Equals the merge's word for it.
 */
export type PushKind = "adjust" | "move";

export type Push = {
  readonly pushKey: PushKey;
  readonly skuId: SkuId;
  readonly listingId: ListingId;
  readonly kind: PushKind;
  readonly rows: readonly Row[];
  readonly correlationId: CorrelationId;
  /** Receipt of the oldest event that it carries; null: unknown, or nobody's event. */
  readonly receivedAtMs: number | null;
};

/** A push as a call carries it. `tries` counts the calls that it has been in, this one included. */
export type CallPush = Pick<Push, "pushKey" | "listingId" | "kind" | "rows" | "receivedAtMs"> & {
  readonly tries: number;
};

export type LevelAfter = { readonly location: ShopLocationId; readonly quantity: number };

export type PushOutcome = { readonly pushKey: PushKey; readonly listingId: ListingId } & (
  | { readonly kind: "applied"; readonly atMs: number | null; readonly after: readonly LevelAfter[] }
  | {
      readonly kind: "failed";
      readonly code: string;
      readonly message: string;
      readonly park: readonly ShopLocationId[];
    }
);

/** Largest |delta| of a push, in units: what the operator's limit is compared with. */
export const largestDelta = (rows: readonly Row[]): number =>
  rows.reduce((largest, row) => Math.max(largest, Math.abs(row.delta)), 0);

/**
 * The shop shows too much until this has arrived: units are withheld (stop-sell, a raised buffer), or its counter says that
 * they are sold already, more of them than there are.
 */
export const isUrgent = ({ kind, rows, urgent = false }: Pick<Push, "kind" | "rows"> & { urgent?: boolean }): boolean =>
  rows.some(({ delta }) => delta < 0) && (kind === "move" || urgent);

/** Same rows in the same order. A counter hands the same push out again exactly as it was. */
export const sameRows = (a: readonly Row[], b: readonly Row[]): boolean =>
  a.length === b.length &&
  a.every((row, index) => {
    const other = b[index];
    return row.item === other?.item && row.location === other.location && row.delta === other.delta;
  });

const isDigits = (text: string): boolean => /^\d{1,20}$/.test(text);

/** Of whoever takes the rows. */
export type RowLimits = { readonly rowsMax?: number | undefined; isId?(text: string): boolean };

/**
 * What is wrong with a push's rows, or null. Checked on entry, so that an error about our variables can only be an
 * error of our document: one malformed row must not stop a whole shop.
 */
export function faultOfRows(rows: readonly Row[], limits: RowLimits = {}): string | null {
  const { rowsMax = CALL_ROWS_MAX, isId = isDigits } = limits;
  if (rows.length === 0) return "no rows";
  if (rows.length > rowsMax) return `more than ${rowsMax} rows`;
  const seen = new Set<string>();
  for (const { item, location, delta } of rows) {
    if (!isId(item) || !isId(location)) return "an id is not numeric";
    if (!Number.isSafeInteger(delta) || delta === 0) return "a delta is not a whole number other than 0";
    if (Math.abs(delta) > DELTA_UNITS_MAX) return "a delta is beyond Shopify's limit";
    seen.add(`${item}@${location}`);
  }
  return seen.size === rows.length ? null : "two rows of one level";
}

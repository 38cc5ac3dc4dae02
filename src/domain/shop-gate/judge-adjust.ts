/**
 * What a reply to `inventoryAdjustQuantities` or `inventoryMoveQuantities` says about the call: applied, refused (by row, or as a whole), or unclear.
 * The judgement is of this attempt alone; what follows from it for a call whose earlier attempt is unknown is decided in
 * after-attempt.ts.
 */
import { judgeErrors, judgeReply, type Trouble, unclear } from "./judge-reply.ts";
import type { PushKind } from "./push.ts";
import type { AdjustChange, AdjustPayload, AdjustUserError, GraphqlError, ShopifyReply } from "./reply.ts";

export type RowFault = { readonly row: number; readonly code: string; readonly message: string };

export type AdjustVerdict =
  | Trouble
  | { readonly kind: "applied"; readonly atMs: number | null; readonly changes: readonly AdjustChange[] }
  | ({
      /** Nothing was applied: Shopify rejects the whole call for one bad row. */
      readonly kind: "rows_refused";
      readonly rows: readonly RowFault[];
      /** An error of this class that names no row of the call. */
      readonly hasUnnamed: boolean;
    } & Told)
  /** Nothing was applied, and no row is to blame: try again under a new key. */
  | ({ readonly kind: "call_refused" } & Told)
  /** An earlier request with this key failed for certain (B12): try again under a new key. */
  | ({ readonly kind: "previous_failed" } & Told)
  /** The key was used with other variables: a bug of ours. Nothing more may be sent under it. */
  | ({ readonly kind: "mismatch" } & Told);

type Told = { readonly code: string; readonly message: string };

export type UserErrorClass =
  | "row"
  | "call"
  | "document"
  | "unclear"
  | "unclear_shopify"
  | "previous_failed"
  | "mismatch";

/** Every code of InventoryAdjustQuantitiesUserErrorCode (2026-10), and ITEM_NOT_STOCKED_AT_LOCATION of older versions. */
export const ADJUST_USER_ERRORS: ReadonlyMap<string, UserErrorClass> = new Map<string, UserErrorClass>([
  ["ADJUST_QUANTITIES_FAILED", "call"],
  // We never send a baseline, so this would be news; it names its row, and that row would fail again.
  ["CHANGE_FROM_QUANTITY_STALE", "row"],
  ["IDEMPOTENCY_CONCURRENT_REQUEST", "unclear"],
  ["IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "mismatch"],
  ["IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", "previous_failed"],
  ["INTERNAL_LEDGER_DOCUMENT", "document"],
  ["INVALID_AVAILABLE_DOCUMENT", "document"],
  ["INVALID_INVENTORY_ITEM", "row"],
  ["INVALID_LEDGER_DOCUMENT", "document"],
  ["INVALID_LOCATION", "row"],
  ["INVALID_QUANTITY_DOCUMENT", "document"],
  ["INVALID_QUANTITY_NAME", "document"],
  ["INVALID_QUANTITY_TOO_HIGH", "row"],
  ["INVALID_QUANTITY_TOO_LOW", "row"],
  ["INVALID_REASON", "document"],
  ["INVALID_REFERENCE_DOCUMENT", "document"],
  ["ITEM_NOT_STOCKED_AT_LOCATION", "row"],
  ["MAX_ONE_LEDGER_DOCUMENT", "document"],
  ["NON_MUTABLE_INVENTORY_ITEM", "row"],
  ["SERVICE_UNAVAILABLE", "unclear_shopify"],
]);

/** Every code of InventoryMoveQuantitiesUserErrorCode (2026-10), and ITEM_NOT_STOCKED_AT_LOCATION of older versions. */
export const MOVE_USER_ERRORS: ReadonlyMap<string, UserErrorClass> = new Map<string, UserErrorClass>([
  ["CHANGE_FROM_QUANTITY_STALE", "row"],
  ["DIFFERENT_LOCATIONS", "document"],
  ["IDEMPOTENCY_CONCURRENT_REQUEST", "unclear"],
  ["IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "mismatch"],
  ["IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", "previous_failed"],
  ["INTERNAL_LEDGER_DOCUMENT", "document"],
  ["INVALID_AVAILABLE_DOCUMENT", "document"],
  ["INVALID_INVENTORY_ITEM", "row"],
  ["INVALID_LEDGER_DOCUMENT", "document"],
  ["INVALID_LOCATION", "row"],
  ["INVALID_QUANTITY_DOCUMENT", "document"],
  ["INVALID_QUANTITY_NAME", "document"],
  // We send no negative quantity, so this would be about what the move would leave; it names its row.
  ["INVALID_QUANTITY_NEGATIVE", "row"],
  ["INVALID_QUANTITY_TOO_HIGH", "row"],
  ["INVALID_REASON", "document"],
  ["INVALID_REFERENCE_DOCUMENT", "document"],
  ["ITEM_NOT_STOCKED_AT_LOCATION", "row"],
  ["MAXIMUM_LEDGER_DOCUMENT_URIS", "document"],
  ["MOVE_QUANTITIES_FAILED", "call"],
  ["NON_MUTABLE_INVENTORY_ITEM", "row"],
  ["SAME_QUANTITY_NAME", "document"],
  ["SERVICE_UNAVAILABLE", "unclear_shopify"],
]);

const USER_ERRORS: Record<PushKind, ReadonlyMap<string, UserErrorClass>> = {
  adjust: ADJUST_USER_ERRORS,
  move: MOVE_USER_ERRORS,
};

/** A code nobody knows: one that names a row is about that row; one that names none may be anything, so it is unclear. */
const classOf = ({ code, row }: AdjustUserError, kind: PushKind): UserErrorClass =>
  (code === null ? undefined : USER_ERRORS[kind].get(code)) ?? (row === null ? "unclear" : "row");

/** @param rowCount  rows of the call: an index beyond them names none */
export function judgeAdjust(
  reply: ShopifyReply<AdjustPayload>,
  rowCount: number,
  kind: PushKind = "adjust",
): AdjustVerdict {
  if (reply.kind !== "graphql") return judgeReply(reply) ?? unclear("UNKNOWN", "", "shopify");
  const { data, errors } = reply;
  if (data === null) return judgeWithoutPayload(errors);
  if (data.userErrors.length > 0) {
    // Applied and refused at once is no answer that Shopify documents: ask again under the same key.
    if (data.group !== null) return unclear("CONTRADICTION", "a group and userErrors in one answer", "call");
    return judgeUserErrors(data.userErrors, rowCount, kind);
  }
  if (data.group !== null) return { kind: "applied", atMs: data.group.createdAtMs, changes: data.group.changes };
  // No group and no userError: applied at a time that Shopify does not tell, unless an error took the group away.
  const trouble = judgeErrors(errors);
  return trouble?.kind === "unclear" ? trouble : { kind: "applied", atMs: null, changes: [] };
}

function judgeWithoutPayload(errors: readonly GraphqlError[]): AdjustVerdict {
  for (const { code, message } of errors) {
    const kind = code === null ? undefined : ADJUST_USER_ERRORS.get(code);
    if (code !== null && (kind === "mismatch" || kind === "previous_failed")) return { kind, code, message };
  }
  return judgeErrors(errors) ?? unclear("NO_PAYLOAD", "an answer without result and without error", "call");
}

const CAUTION: readonly UserErrorClass[] = [
  "unclear_shopify",
  "unclear",
  "mismatch",
  "previous_failed",
  "document",
  "row",
  "call",
];

function judgeUserErrors(errors: readonly AdjustUserError[], rowCount: number, kind: PushKind): AdjustVerdict {
  const judged = errors.map((error) => ({ error, is: classOf(error, kind) }));
  const worst = CAUTION.find((one) => judged.some(({ is }) => is === one)) ?? "unclear";
  const { code, message } = told(judged.find(({ is }) => is === worst)?.error);
  switch (worst) {
    case "unclear_shopify":
      return unclear(code, message, "shopify");
    case "unclear":
      return unclear(code, message, "call");
    case "document":
      return { kind: "refused", code, message };
    case "row": {
      const faults = judged.filter(({ is }) => is === "row").map(({ error }) => error);
      const rows = faults.flatMap((error) =>
        error.row !== null && error.row < rowCount ? [{ row: error.row, ...told(error) }] : [],
      );
      return { kind: "rows_refused", rows, hasUnnamed: rows.length < faults.length, code, message };
    }
    case "call":
      return { kind: "call_refused", code, message };
    case "previous_failed":
    case "mismatch":
      return { kind: worst, code, message };
  }
}

const told = (error: AdjustUserError | undefined): Told => ({
  code: error?.code ?? "UNKNOWN",
  message: error?.message ?? "",
});

/**
 * Our pushes as Square's adjustments, and what its answer says of them. Units that are more come from NONE (receiving), units
 * that are less go to SOLD: they were sold, elsewhere. Both are the guides' own examples; what an adjustment may connect
 * otherwise is told nowhere.
 * @see https://developer.squareup.com/reference/square/inventory-api/batch-change-inventory
 */
import * as z from "zod/mini";
import type { CallKey } from "../../domain/ids.ts";
import type { Row } from "../../domain/shop-gate/push.ts";
import type { AdjustPayload, AdjustUserError } from "../../domain/shop-gate/reply.ts";
import { stampMs } from "../../domain/stamp.ts";
import type { SquareError } from "./square-client.ts";

/** Square refuses a time in its future, and our clocks may differ by this. */
const CLOCK_SKEW_MS = 2_000;

/** @returns JSON: written once, stored by the journal, and sent as it is however often. It is good for 24 h, as its key is used */
export function adjustmentsOf(callKey: CallKey, rows: readonly Row[], nowMs: number): string {
  const occurredAt = new Date(nowMs - CLOCK_SKEW_MS).toISOString();
  return JSON.stringify({
    idempotency_key: callKey,
    changes: rows.map(({ item, location, delta }) => ({
      type: "ADJUSTMENT",
      adjustment: {
        ...{ reference_id: callKey, catalog_object_id: item, location_id: location },
        ...(delta > 0 ? { from_state: "NONE", to_state: "IN_STOCK" } : { from_state: "IN_STOCK", to_state: "SOLD" }),
        ...{ quantity: String(Math.abs(delta)), occurred_at: occurredAt },
      },
    })),
  });
}

const created = z.object({
  changes: z.optional(z.array(z.object({ adjustment: z.optional(z.object({ created_at: z.optional(z.string()) })) }))),
});

/**
 * Applied. Its time is `created_at` of the adjustments, and only where all have the same: a count's `calculated_at` may be that
 * of a sale right after, and a push that seems later than it was would be counted twice. Without it a read settles it.
 */
export function appliedOf(body: unknown): AdjustPayload {
  const told = created.safeParse(body);
  const stamps = new Set(
    (told.success ? (told.data.changes ?? []) : []).map(({ adjustment }) => stampMs(adjustment?.created_at)),
  );
  const [only] = stamps;
  return { group: { createdAtMs: stamps.size === 1 ? (only ?? null) : null, changes: [] }, userErrors: [] };
}

/** Square's codes in the words of the journal's rules. A row is named in `field`: "changes[3].adjustment.location_id". */
export function refusedOf(errors: readonly SquareError[]): AdjustPayload {
  return { group: null, userErrors: errors.map(userErrorOf) };
}

function userErrorOf({ code, detail, field }: SquareError): AdjustUserError {
  const message = `${code}: ${detail ?? ""}`.slice(0, 300);
  if (code === "IDEMPOTENCY_KEY_REUSED") return { code: "IDEMPOTENCY_KEY_PARAMETER_MISMATCH", message, row: null };
  const named = /changes\[(\d+)\]/.exec(field ?? "")?.[1];
  const isPlace = field?.includes("location_id") === true || code === "INVALID_LOCATION";
  // Who names no row is found by sending each push alone.
  return {
    code: isPlace ? "INVALID_LOCATION" : "INVALID_INVENTORY_ITEM",
    message,
    row: named === undefined ? null : Number(named),
  };
}

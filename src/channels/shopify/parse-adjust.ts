/** The answer to ADJUST_DOCUMENT, or to MOVE_DOCUMENT, as plain data. What does not have its shape is no payload: the judge calls that unclear. */
import * as z from "zod/mini";
import type { AdjustPayload, AdjustUserError } from "../../domain/shop-gate/reply.ts";
import { stampMs } from "../../domain/stamp.ts";
import { digitsOf } from "./gid.ts";

const gid = z.nullable(z.object({ id: z.string() }));
const payload = z.object({
  inventoryAdjustmentGroup: z.nullable(
    z.object({
      createdAt: z.nullish(z.string()),
      changes: z.nullish(
        z.array(
          z.object({
            name: z.string(),
            delta: z.int(),
            quantityAfterChange: z.nullish(z.int()),
            item: gid,
            location: gid,
          }),
        ),
      ),
    }),
  ),
  userErrors: z.array(
    z.object({
      code: z.nullish(z.string()),
      field: z.nullish(z.array(z.string())),
      message: z.optional(z.string()),
    }),
  ),
});
const adjustSchema = z.object({ inventoryAdjustQuantities: payload });
const moveSchema = z.object({ inventoryMoveQuantities: payload });

export function parseAdjust(data: unknown): AdjustPayload | null {
  const parsed = adjustSchema.safeParse(data);
  return parsed.success ? payloadOf(parsed.data.inventoryAdjustQuantities) : null;
}

export function parseMove(data: unknown): AdjustPayload | null {
  const parsed = moveSchema.safeParse(data);
  return parsed.success ? payloadOf(parsed.data.inventoryMoveQuantities) : null;
}

function payloadOf({ inventoryAdjustmentGroup: group, userErrors }: z.infer<typeof payload>): AdjustPayload {
  return {
    group: group && {
      createdAtMs: stampMs(group.createdAt),
      changes: (group.changes ?? []).map((change) => ({
        name: change.name,
        delta: change.delta,
        quantityAfter: change.quantityAfterChange ?? null,
        item: change.item && digitsOf(change.item.id),
        location: change.location && digitsOf(change.location.id),
      })),
    },
    userErrors: userErrors.map(
      ({ code, field, message }): AdjustUserError => ({
        code: code ?? null,
        message: (message ?? "").slice(0, 300),
        row: rowOf(field ?? []),
      }),
    ),
  };
}

/** `["input", "changes", "3", "inventoryItemId"]` names row 3. */
function rowOf(field: readonly string[]): number | null {
  const index = field.find((part) => /^\d{1,5}$/.test(part));
  return index === undefined ? null : Number(index);
}

/** The body of a movement: what happened, or shall, in the field's words; and what that means for the states. */
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import type { Moves } from "../domain/counter/own-book.ts";
import { fromStore, type LocationId, parseChannelId } from "../domain/ids.ts";
import type { AskedCount, AskedMovement } from "../services/asked-events.ts";

export const locationField = z
  .string()
  .check(
    z.regex(/^\d{1,20}$/, "must be the location's numeric id, as a string"),
    z.describe("Our location's id: digits, as text."),
  );
export const quantityField = z.int().check(z.gte(1), z.lte(LIMITS.quantityMax));
export const unitsField = z.int().check(z.gte(-LIMITS.quantityMax), z.lte(LIMITS.quantityMax));
export const reasonField = z.string().check(z.minLength(1), z.maxLength(100));
export const referenceField = z.string().check(z.minLength(1), z.maxLength(255));
export const channelField = z.string().check(
  z.refine((name) => parseChannelId(name).ok, "must be a shop's domain, or 1–64 of a–z 0–9 . _ -"),
  z.describe("A shop's domain, or a channel's name."),
);
export const timeField = z.iso.datetime({ offset: true });

const common = {
  locationId: z.optional(locationField),
  reason: z.optional(reasonField),
  reference: z.optional(referenceField),
  channel: z.optional(channelField),
  occurredAt: z.optional(timeField.check(z.describe("When it happened; left out: now."))),
};
const quantity = { ...common, quantity: quantityField };
const sale = z.optional(
  z.strictObject({
    idempotencyKey: z.string().check(z.regex(/^[\x21-\x7e]{1,255}$/)),
    quantity: quantityField,
    locationId: z.optional(locationField),
  }),
);

export const adjustmentBody = z.strictObject({
  delta: unitsField.check(z.refine((delta) => delta !== 0, "must not be 0")),
  locationId: z.optional(locationField),
  reason: reasonField,
  reference: z.optional(referenceField),
  allowNegative: z.optional(z.boolean()),
  channel: z.optional(channelField),
});

export const movementBody = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("sale"),
    ...quantity,
    happened: z.optional(z.boolean().check(z.describe("It has happened elsewhere: it counts, whatever is there."))),
    fulfilled: z.optional(z.boolean().check(z.describe("Handed over at once (a till): it is never committed."))),
  }),
  z.strictObject({ kind: z.literal("cancellation"), ...quantity, sale }),
  z.strictObject({ kind: z.literal("shipment"), ...quantity, sale }),
  z.strictObject({ kind: z.literal("return"), ...quantity, sale }),
  z.strictObject({ kind: z.literal("receipt"), ...quantity }),
  z.strictObject({ kind: z.literal("damage"), ...quantity }),
  z
    .strictObject({ kind: z.literal("transfer"), ...quantity, locationId: locationField, toLocationId: locationField })
    .check(
      z.refine(({ locationId, toLocationId }) => locationId !== toLocationId, {
        message: "must be another location",
        path: ["toLocationId"],
      }),
    ),
  z.strictObject({ kind: z.literal("adjustment"), ...adjustmentBody.shape, occurredAt: common.occurredAt }),
]);

export const countBody = z.strictObject({
  locationId: locationField,
  counted: unitsField,
  of: z._default(z.enum(["available", "on_hand"]), "available"),
  countedAt: z.optional(timeField.check(z.describe("When the shelf was looked at; left out: now."))),
  reason: z._default(reasonField, "count"),
  reference: z.optional(referenceField),
  /** A difference beyond either waits for a person. */
  approval: z.optional(
    z.strictObject({
      units: z._default(z.nullable(z.int().check(z.gte(0), z.lte(LIMITS.quantityMax))), null),
      percent: z._default(z.nullable(z.number().check(z.gte(0), z.lte(1_000))), null),
    }),
  ),
});

const idOf = (text: string | undefined): LocationId | null => (text === undefined ? null : fromStore<LocationId>(text));
const msOf = (text: string | undefined): number | null => (text === undefined ? null : Date.parse(text));

export function askedAdjustment(body: z.infer<typeof adjustmentBody>): AskedMovement {
  const { delta, locationId, reason, reference = null, allowNegative = false, channel } = body;
  const channelId = channel === undefined ? null : channelOf(channel);
  return {
    ...{ kind: "adjustment", delta, moves: {}, locationId: idOf(locationId), toLocationId: null, allowNegative },
    ...{ channel: channelId, reason, reference, occurredAtMs: null, sale: null },
  };
}

export function askedMovement(body: z.infer<typeof movementBody>): AskedMovement {
  const { kind, channel, reason = kind, reference = null } = body;
  const sale = "sale" in body && body.sale !== undefined ? body.sale : null;
  return {
    ...{ kind, ...effectOf(body), reason, reference },
    locationId: idOf(body.locationId),
    toLocationId: "toLocationId" in body ? idOf(body.toLocationId) : null,
    channel: channel === undefined ? null : channelOf(channel),
    occurredAtMs: msOf(body.occurredAt),
    sale: sale === null ? null : { ...sale, locationId: idOf(sale.locationId ?? body.locationId) },
  };
}

type Effect = { readonly delta: number; readonly moves: Moves; readonly allowNegative: boolean };

/** docs/stock-model.md, "Transitions". */
function effectOf(body: z.infer<typeof movementBody>): Effect {
  switch (body.kind) {
    case "sale": {
      const { quantity, happened = false, fulfilled = false } = body;
      return { delta: -quantity, moves: fulfilled ? {} : { committed: quantity }, allowNegative: happened };
    }
    case "cancellation":
      return { delta: body.quantity, moves: { committed: -body.quantity }, allowNegative: true };
    case "shipment":
      return { delta: 0, moves: { committed: -body.quantity }, allowNegative: true };
    case "return":
    case "receipt":
      return { delta: body.quantity, moves: {}, allowNegative: true };
    case "damage":
      return { delta: -body.quantity, moves: { damaged: body.quantity }, allowNegative: true };
    case "transfer":
      return { delta: -body.quantity, moves: {}, allowNegative: false };
    case "adjustment":
      return { delta: body.delta, moves: {}, allowNegative: body.allowNegative ?? false };
  }
}

function channelOf(text: string) {
  const channel = parseChannelId(text);
  return channel.ok ? channel.value : null;
}

export function askedCount(body: z.infer<typeof countBody>): AskedCount {
  const { locationId, counted, of, countedAt, reason, reference = null, approval } = body;
  const place = fromStore<LocationId>(locationId);
  const asked = { locationId: place, counted, of, countedAtMs: msOf(countedAt), reason, reference };
  return approval === undefined ? asked : { ...asked, approval };
}

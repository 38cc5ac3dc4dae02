/**
 * Our own format of a channel's events (docs/channels.md), as it is validated and as it is published: strict, so that a
 * misspelt field is told instead of passed over. What it means stands in src/domain/channel/channel-event.ts.
 */
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import { ORDER_LINE, partLineOf } from "../domain/channel/bundle-line.ts";
import { parseSku } from "../domain/ids.ts";

const ID_CHARS_MAX = 255; // as of a SKU: an id is a name that people can read

/** A name of the sender's: any printable text. */
const PRINTABLE = /^[^\p{Cc}]+$/u;
const NOT_PRINTABLE = "must be printable characters";
const name = z.string().check(z.minLength(1), z.maxLength(ID_CHARS_MAX), z.regex(PRINTABLE, NOT_PRINTABLE));
const time = z.iso.datetime({ offset: true });
const units = z.int().check(z.gte(1), z.lte(LIMITS.quantityMax));
const signedUnits = z.int().check(z.gte(-LIMITS.quantityMax), z.lte(LIMITS.quantityMax));
const reason = z.string().check(z.minLength(1), z.maxLength(100));
const ttlSeconds = z.int().check(z.gte(LIMITS.reservationTtlMsMin / 1_000), z.lte(LIMITS.reservationTtlMsMax / 1_000));

/** As it is told to whoever sends a bundle out, whose names of parts are made of a line and a SKU. */
const PART_CHARS_MAX = partLineOf("", "").length + 2 * ID_CHARS_MAX;
const shippedLine = z.string().check(z.minLength(1), z.maxLength(PART_CHARS_MAX), z.regex(PRINTABLE, NOT_PRINTABLE));
/** Of an order: see src/domain/channel/bundle-line.ts. */
const orderLine = z
  .string()
  .check(z.minLength(1), z.maxLength(ID_CHARS_MAX), z.regex(PRINTABLE, NOT_PRINTABLE))
  .check(z.regex(ORDER_LINE, 'must not hold "/part/": lines of a bundle\'s components are named so'));

type Shape = z.core.$ZodShape;
type Keyed = { readonly line: string; readonly sku?: string | undefined; readonly itemId?: string | undefined };

const item = {
  line: name,
  sku: z.optional(z.string().check(z.refine((sku) => parseSku(sku).ok, "has 1–255 printable characters"))),
  itemId: z.optional(name),
};

/** Exactly one of the two names of an item; JSON Schema says it, too. */
function lineOf<Fields extends Shape>(fields: Fields) {
  const line = z.strictObject({ ...item, ...fields }).check((context) => {
    const { sku, itemId } = context.value as Keyed;
    if ((sku === undefined) !== (itemId === undefined)) return;
    const path = [sku === undefined ? "sku" : "itemId"];
    const message =
      sku === undefined ? "name the item: by sku or by itemId" : "name the item once: by sku or by itemId";
    context.issues.push({ code: "custom", input: context.value, path, message });
  });
  line.register(z.globalRegistry, { oneOf: [{ required: ["sku"] }, { required: ["itemId"] }] });
  return line;
}

function linesOf<Fields extends Shape>(fields: Fields, linesMax: number = LIMITS.channelEventLinesMax) {
  const lines = z.array(lineOf(fields)).check(z.minLength(1), z.maxLength(linesMax), (context) => {
    const seen = new Set<string>();
    for (const [i, { line }] of (context.value as readonly Keyed[]).entries()) {
      const message = "is the name of another line, too";
      if (seen.has(line)) context.issues.push({ code: "custom", input: line, path: [i, "line"], message });
      seen.add(line);
    }
  });
  return lines;
}

const place = z.optional(name);
const quantity = { quantity: units, locationId: place };
const ofOrder = { ...quantity, ordered: z.optional(units) };

/** A part that is undone or shipped is of a line that was ordered whole. */
const isPart = ({ quantity: part, ordered }: { readonly quantity: number; readonly ordered?: number | undefined }) =>
  ordered === undefined || part <= ordered;

function partsOf<Fields extends Shape>(fields: Fields) {
  return linesOf({ ...ofOrder, ...fields }).check((context) => {
    for (const [i, line] of (context.value as readonly Parameters<typeof isPart>[0][]).entries()) {
      const message = "is below the quantity";
      if (!isPart(line)) context.issues.push({ code: "custom", input: line, path: [i, "ordered"], message });
    }
  });
}

const envelope = { id: z.optional(name), occurredAt: z.optional(time) };

const orderCreated = z.strictObject({
  ...envelope,
  type: z.literal("order.created"),
  data: z.strictObject({
    orderId: name,
    locationId: place,
    lines: linesOf({ line: orderLine, ...quantity, fulfilled: z.optional(z.boolean()) }),
  }),
});
const orderCancelled = z.strictObject({
  ...envelope,
  type: z.literal("order.cancelled"),
  data: z.strictObject({
    orderId: name,
    cancellationId: z.optional(name),
    locationId: place,
    lines: partsOf({ line: orderLine }),
  }),
});
const orderReturned = z.strictObject({
  ...envelope,
  type: z.literal("order.returned"),
  data: z.strictObject({
    ...{ orderId: name, returnId: name, locationId: place },
    lines: partsOf({ line: orderLine, restock: z.optional(z.boolean()), fulfilled: z.optional(z.boolean()) }),
  }),
});
const shipmentConfirmed = z.strictObject({
  ...envelope,
  type: z.literal("shipment.confirmed"),
  data: z.strictObject({
    ...{ shipmentId: name, orderId: name, orderChannel: z.optional(name), locationId: place },
    lines: partsOf({ line: shippedLine }),
  }),
});
const stockReceived = z.strictObject({
  ...envelope,
  type: z.literal("stock.received"),
  data: z.strictObject({ receiptId: name, reorderId: z.optional(name), locationId: name, lines: linesOf(quantity) }),
});
const stockAdjusted = z.strictObject({
  ...envelope,
  type: z.literal("stock.adjusted"),
  data: z.strictObject({
    ...{ adjustmentId: name, locationId: name },
    lines: linesOf({
      delta: signedUnits.check(z.refine((delta) => delta !== 0, "must not be 0")),
      ...{ reason: z.optional(reason), locationId: place },
    }),
  }),
});
const stockCounted = z.strictObject({
  ...envelope,
  type: z.literal("stock.counted"),
  data: z
    .strictObject({
      ...{ countId: name, locationId: name, countedAt: z.optional(time) },
      of: z.optional(z.enum(["on_hand", "available"])),
      lines: linesOf({ counted: signedUnits, locationId: place }),
    })
    .check((context) => {
      if (context.value.of === "available") return;
      for (const [i, { counted }] of context.value.lines.entries()) {
        const message = "is on the shelf: 0 or more";
        if (counted < 0)
          context.issues.push({ code: "custom", input: counted, path: ["lines", i, "counted"], message });
      }
    }),
});
const stockTransferred = z.strictObject({
  ...envelope,
  type: z.literal("stock.transferred"),
  data: z
    .strictObject({ transferId: name, fromLocationId: name, toLocationId: name, lines: linesOf({ quantity: units }) })
    .check(
      z.refine(({ fromLocationId, toLocationId }) => fromLocationId !== toLocationId, {
        ...{ message: "must be another location", path: ["toLocationId"] },
      }),
    ),
});
const stockDamaged = z.strictObject({
  ...envelope,
  type: z.literal("stock.damaged"),
  data: z.strictObject({
    ...{ damageId: name, locationId: name },
    lines: linesOf({ ...quantity, reason: z.optional(reason) }),
  }),
});
const reservationCreated = z.strictObject({
  ...envelope,
  type: z.literal("reservation.created"),
  data: z.strictObject({ reservationId: name, ttlSeconds, lines: linesOf(quantity, LIMITS.reservationLinesMax) }),
});
const reservationExtended = z.strictObject({
  ...envelope,
  type: z.literal("reservation.extended"),
  data: z.strictObject({ reservationId: name, ttlSeconds }),
});
const reservationCommitted = z.strictObject({
  ...envelope,
  type: z.literal("reservation.committed"),
  data: z.strictObject({ reservationId: name, orderId: z.optional(name) }),
});
const reservationReleased = z.strictObject({
  ...envelope,
  type: z.literal("reservation.released"),
  data: z.strictObject({ reservationId: name }),
});

/** One event. In an array each has an `id`. */
export const channelEventBody = z.discriminatedUnion("type", [
  ...([orderCreated, orderCancelled, orderReturned, shipmentConfirmed] as const),
  ...([stockReceived, stockAdjusted, stockCounted, stockTransferred, stockDamaged] as const),
  ...([reservationCreated, reservationExtended, reservationCommitted, reservationReleased] as const),
]);
export type ChannelEventBody = z.infer<typeof channelEventBody>;

export const channelEventArrayBody = z
  .array(channelEventBody)
  .check(z.minLength(1), z.maxLength(LIMITS.channelEventsMax));

/** What a channel may post. */
export const channelEventsBody = z.union([channelEventBody, channelEventArrayBody]);

/**
 * The shapes of Shopify's webhook bodies, as far as stock goes. Whatever else a body holds, names and addresses above
 * all, is not read. Fields that published samples lack are optional.
 * @see https://shopify.dev/docs/api/webhooks
 */
import * as z from "zod/mini";
import { stampMs } from "../domain/stamp.ts";

/** Digits as text, whether they came as a number or (too long for one) as a string. */
const id = z.pipe(
  z.union([z.int().check(z.nonnegative()), z.string().check(z.regex(/^\d{1,20}$/))]),
  z.transform(String),
);
const idOrNull = z.nullish(id);
/** Whole seconds: orders, refunds and levels are compared with each other, and with what GraphQL tells. */
const time = z.pipe(
  z.string().check(z.refine((text) => stampMs(text) !== null, "not a time")),
  z.transform((text: string) => stampMs(text) ?? 0),
);
const units = z.int().check(z.nonnegative());

const orderLine = z.object({
  id,
  variant_id: idOrNull,
  sku: z.nullish(z.string()),
  quantity: units,
  gift_card: z.nullish(z.boolean()),
  product_exists: z.nullish(z.boolean()),
  fulfillment_status: z.nullish(z.string()),
  /** "shopify" when tracked, null when not, missing in some samples. */
  variant_inventory_management: z.nullish(z.string()),
});

const refundLine = z.object({
  id,
  line_item_id: id,
  quantity: units,
  restock_type: z.nullish(z.string()),
  location_id: idOrNull,
  line_item: z.nullish(z.partial(orderLine)),
});

export const refundPayload = z.object({
  id,
  order_id: id,
  created_at: time,
  refund_line_items: z.array(refundLine),
});

export const orderPayload = z.object({
  id,
  created_at: time,
  location_id: idOrNull,
  line_items: z.array(orderLine),
  refunds: z.nullish(z.array(refundPayload)),
});

export const levelPayload = z.object({
  inventory_item_id: id,
  location_id: id,
  /** Null in test deliveries and for untracked items: no number, not zero. */
  available: z.nullable(z.int()),
  updated_at: time,
});

/** Of `inventory_levels/disconnect`: no time, no quantity. */
export const levelGonePayload = z.object({ inventory_item_id: id, location_id: id });

export const fulfilmentPayload = z.object({
  id,
  order_id: id,
  created_at: time,
  status: z.nullish(z.string()),
  location_id: idOrNull,
  line_items: z.array(orderLine),
});
/** Of `orders/fulfilled`: all its fulfilments so far. */
export const fulfilledOrderPayload = z.object({ id, fulfillments: z.array(fulfilmentPayload) });

const lineDeltas = z.nullish(z.array(z.object({ id, delta: z.int() })));
export const orderEditPayload = z.object({
  order_edit: z.object({
    id,
    order_id: id,
    created_at: time,
    line_items: z.nullish(z.object({ additions: lineDeltas, removals: lineDeltas })),
  }),
});

export const productPayload = z.object({
  id,
  variants: z.array(z.object({ id, sku: z.nullish(z.string()), inventory_item_id: idOrNull })),
});
export const itemPayload = z.object({
  id,
  sku: z.nullish(z.string()),
  tracked: z.nullish(z.boolean()),
});
/** Deletions, and whatever else names itself and no more. */
export const namedPayload = z.object({ id });

export const locationPayload = z.object({
  id,
  name: z.nullish(z.string()),
  active: z.nullish(z.boolean()),
  updated_at: time,
});

export type FulfilmentPayload = z.infer<typeof fulfilmentPayload>;
export type OrderPayload = z.infer<typeof orderPayload>;
export type RefundPayload = z.infer<typeof refundPayload>;
export type LevelPayload = z.infer<typeof levelPayload>;
export type OrderEditPayload = z.infer<typeof orderEditPayload>;
export type ProductPayload = z.infer<typeof productPayload>;
export type ItemPayload = z.infer<typeof itemPayload>;
export type LocationPayload = z.infer<typeof locationPayload>;
export type NamedPayload = z.infer<typeof namedPayload>;

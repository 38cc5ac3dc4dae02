/** What the control API takes. Strict: a mistyped field is an error, never ignored. */
import * as z from "zod";
import { callFateSchema } from "../faults/call-fate.ts";

const digits = z.string().regex(/^\d+$/);
const quantity = z.number().int().min(1);

const orderLine = z.strictObject({
  quantity,
  variantId: digits.optional(),
  sku: z.string().optional(),
  title: z.string().optional(),
  priceCents: z.number().int().min(0).optional(),
  reservesOnFulfillment: z.boolean().optional(),
});
export const orderBody = z.strictObject({
  lines: z.array(orderLine),
  source: z.enum(["web", "pos", "shopify_draft_order"]).optional(),
  locationId: digits.optional(),
  test: z.boolean().optional(),
  paid: z.boolean().optional(),
});
export const cancelBody = z.strictObject({
  restock: z.boolean(),
  reason: z.enum(["customer", "declined", "fraud", "inventory", "other", "staff"]).optional(),
});
const refundLine = z.strictObject({
  lineId: digits,
  quantity,
  restockType: z.enum(["no_restock", "cancel", "return"]),
  locationId: digits.optional(),
});
export const refundBody = z.strictObject({
  lines: z.array(refundLine),
  note: z.string().optional(),
  amountCents: z.number().int().min(0).optional(),
});
export const fulfilBody = z.strictObject({ lines: z.array(z.strictObject({ lineId: digits, quantity })).optional() });
export const editBody = z.strictObject({
  add: z.array(z.strictObject({ quantity, variantId: digits.optional(), sku: z.string().optional() })).optional(),
  remove: z.array(z.strictObject({ lineId: digits, quantity })).optional(),
});
export const returnBody = z.strictObject({ lineId: digits, quantity, locationId: digits.optional() });
export const renameBody = z.strictObject({ sku: z.string().nullable() });
export const trackedBody = z.strictObject({ tracked: z.boolean() });
export const nameBody = z.strictObject({ name: z.string() });
const placeBody = { itemId: digits.optional(), sku: z.string().optional(), locationId: digits };
export const levelBody = z.strictObject({
  ...placeBody,
  available: z.number().int().optional(),
  delta: z.number().int().optional(),
});
export const connectBody = z.strictObject(placeBody);
export const seedBody = z.strictObject({
  skus: z.number().int().min(0),
  locations: z.number().int().min(1).optional(),
  stock: z.tuple([z.number().int(), z.number().int()]).optional(),
  continueRate: z.number().min(0).max(1).optional(),
  specials: z
    .strictObject({
      giftCard: z.boolean(),
      untracked: z.boolean(),
      blankSku: z.boolean(),
      duplicateSku: z.boolean(),
      bundle: z.boolean(),
    })
    .partial()
    .optional(),
});
export const outageBody = z.strictObject({ forMs: z.number().min(0), status: z.number().int().optional() });
export const planBody = z.strictObject({
  mutations: z.array(callFateSchema).default([]),
  queries: z.array(callFateSchema).default([]),
});
export const activeBody = z.strictObject({ isActive: z.boolean() });

type Defined<T> = T extends object ? { [Key in keyof T]: Defined<Exclude<T[Key], undefined>> } : T;

/** zod writes optional fields as `| undefined`; the operations take them as absent. JSON has no undefined to begin with. */
export function withoutUndefined<T>(parsed: T): Defined<T> {
  return parsed as Defined<T>;
}

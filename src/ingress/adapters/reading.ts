/** What readings of foreign bodies share: schemas of ids and units, and whose item a text is. */
import * as z from "zod/mini";
import type { ItemRef } from "../../domain/channel/channel-event.ts";
import { parseSku } from "../../domain/ids.ts";
import type { Projected, ReadContext } from "./adapter.ts";

const ID_CHARS_MAX = 255;

/** An id as text, or as a number: either way it travels as text. */
export const idField = z.pipe(
  z.union([z.string().check(z.minLength(1), z.maxLength(ID_CHARS_MAX)), z.int()]),
  z.transform((id) => String(id)),
);

/** The least that every body of a sender has: by it one knows what the others must look like. */
export const problemsOf = (error: z.core.$ZodError): readonly string[] =>
  error.issues.map(({ path, message }) => `${path.map(String).join(".") || "body"}: ${message}`);

export const unreadable = (topic: string, problems: readonly string[]): Projected => ({
  kind: "unreadable",
  topic,
  problems,
});

export const nothing = (topic: string, reason: string): Projected => ({ kind: "nothing", topic, reason });

/**
 * A channel that sells every SKU under our name is asked by SKU; one with listings of its own by its name of the item.
 * @returns null: it is no SKU
 */
export function itemRefOf(text: string, { channel }: ReadContext): ItemRef | null {
  if (channel.listings === "mapped") return { sku: null, itemId: text };
  const sku = parseSku(text);
  return sku.ok ? { sku: sku.value, itemId: null } : null;
}

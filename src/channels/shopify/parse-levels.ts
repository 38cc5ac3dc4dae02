/** The answer to `levelsDocument` as plain data: per item its levels, or null where Shopify did not tell them whole. */
import * as z from "zod/mini";
import type { InventoryItemId, ShopLocationId } from "../../domain/ids.ts";
import type { LevelAnswer, LevelsPayload } from "../../domain/shop-gate/reply.ts";
import { stampMs } from "../../domain/stamp.ts";
import { digitsOf } from "./gid.ts";

/** One level as every document of ours asks for it. */
export const levelSchema = z.object({
  updatedAt: z.nullish(z.string()),
  quantities: z.array(z.object({ name: z.string(), quantity: z.int(), updatedAt: z.nullish(z.string()) })),
});

const nodesSchema = z.object({ nodes: z.array(z.nullable(z.looseObject({ id: z.optional(z.string()) }))) });
const levelOrNone = z.nullable(levelSchema);

/**
 * @param items  as asked for
 * @param locations  as asked for: `l0`, `l1` …
 * @returns null where the answer does not have the shape at all. An item that Shopify does not know any more has no
 *   levels; one whose level lacks its number or its stamp could not be read.
 */
export function parseLevels(
  data: unknown,
  items: readonly InventoryItemId[],
  locations: readonly ShopLocationId[],
): LevelsPayload | null {
  const parsed = nodesSchema.safeParse(data);
  if (!parsed.success || parsed.data.nodes.length !== items.length) return null;
  const payload = new Map<string, readonly LevelAnswer[] | null>();
  for (const [index, item] of items.entries()) {
    const node = parsed.data.nodes[index] ?? null;
    if (node === null) payload.set(item, []);
    else payload.set(item, digitsOf(node.id ?? "") === item ? levelsOf(node, locations) : null);
  }
  return payload;
}

function levelsOf(
  node: Readonly<Record<string, unknown>>,
  locations: readonly ShopLocationId[],
): readonly LevelAnswer[] | null {
  const levels: LevelAnswer[] = [];
  for (const [index, location] of locations.entries()) {
    const level = levelOrNone.safeParse(node[`l${index}`]);
    if (!level.success) return null;
    if (level.data === null) continue; // not stocked there
    const told = numbersOf(level.data);
    if (told === null) return null;
    levels.push({ location, ...told });
  }
  return levels;
}

/**
 * B6: the stamp of `available` itself. Should a level have none, its own does: Shopify set it no later than it read the
 * number, so that a newer change is still newer.
 * @returns null for a level without its number, or without any stamp: it cannot be ordered against later news
 */
export function numbersOf({
  quantities,
  updatedAt,
}: z.infer<typeof levelSchema>): Omit<LevelAnswer, "location"> | null {
  const available = quantities.find(({ name }) => name === "available");
  const atMs = stampMs(available?.updatedAt ?? updatedAt);
  if (available === undefined || atMs === null) return null;
  const committed = quantities.find(({ name }) => name === "committed")?.quantity ?? null;
  return { available: available.quantity, committed, atMs };
}

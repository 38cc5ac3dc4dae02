/** The answer to `levelsDocument` as plain data: per item its levels, or null where Shopify did not tell them whole. */
import * as z from "zod/mini";
import type { InventoryItemId, ShopLocationId } from "../../domain/ids.ts";
import type { LevelAnswer, LevelsPayload } from "../../domain/shop-gate/reply.ts";
import { digitsOf } from "./gid.ts";

const nodesSchema = z.object({ nodes: z.array(z.nullable(z.looseObject({ id: z.optional(z.string()) }))) });
const levelSchema = z.nullable(
  z.object({
    updatedAt: z.nullish(z.string()),
    quantities: z.array(z.object({ name: z.string(), quantity: z.int(), updatedAt: z.nullish(z.string()) })),
  }),
);

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
    const level = levelSchema.safeParse(node[`l${index}`]);
    if (!level.success) return null;
    if (level.data === null) continue; // not stocked there
    const { quantities, updatedAt } = level.data;
    const available = quantities.find(({ name }) => name === "available");
    // B6: the stamp of `available` itself. Should a level have none, its own does: Shopify set it no later than it read
    // the number, so that a newer change is still newer.
    const atMs = Date.parse(available?.updatedAt ?? updatedAt ?? "");
    if (available === undefined || Number.isNaN(atMs)) return null;
    const committed = quantities.find(({ name }) => name === "committed")?.quantity ?? null;
    levels.push({ location, available: available.quantity, committed, atMs });
  }
  return levels;
}

/** A shop's catalogue as Shopify tells it, through the shop's gate. Replies are parsed: they are a stranger's. */
import * as z from "zod/mini";
import {
  fromStore,
  type InventoryItemId,
  parseNumericId,
  type ShopLocationId,
  type VariantId,
} from "../../domain/ids.ts";
import type { GraphqlReply, GraphqlRequest } from "../../services/gate-contract.ts";
import type {
  CatalogueSource,
  SourceItem,
  SourceLevel,
  SourceLocation,
  SourceReply,
} from "../../services/import-catalogue.ts";
import { ITEM_LEVELS_DOCUMENT, ITEMS_DOCUMENT, LOCATIONS_DOCUMENT } from "./catalogue-documents.ts";

export type GateForReads = { graphql(request: GraphqlRequest): Promise<GraphqlReply> };

const ITEMS_PER_PAGE = 25;
const PAGE_COST = 900; // points that a page of items may ask for; the reply tells the gate what it was
const SMALL_COST = 60;

const pageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.nullable(z.string()) });
const gid = z.string().check(z.regex(/^gid:\/\/shopify\/[A-Za-z]+\/\d{1,20}/));

const locationsReply = z.object({
  locations: z.object({ pageInfo, nodes: z.array(z.object({ id: gid, name: z.string(), isActive: z.boolean() })) }),
});
const levelsPage = z.object({
  pageInfo,
  nodes: z.array(
    z.object({
      location: z.object({ id: gid }),
      quantities: z.array(z.object({ name: z.string(), quantity: z.int(), updatedAt: z.nullable(z.string()) })),
    }),
  ),
});
const itemsReply = z.object({
  inventoryItems: z.object({
    pageInfo,
    nodes: z.array(
      z.object({
        id: gid,
        sku: z.nullable(z.string()),
        tracked: z.boolean(),
        variants: z.nullable(
          z.object({
            nodes: z.array(
              z.object({
                id: gid,
                displayName: z.string(),
                requiresComponents: z.boolean(),
                product: z.object({ isGiftCard: z.boolean() }),
              }),
            ),
          }),
        ),
        inventoryLevels: levelsPage,
      }),
    ),
  }),
});
const itemLevelsReply = z.object({ inventoryItem: z.nullable(z.object({ inventoryLevels: levelsPage })) });

type ItemNode = z.infer<typeof itemsReply>["inventoryItems"]["nodes"][number];
type LevelsPage = z.infer<typeof levelsPage>;

export function shopifyCatalogueSource(gate: GateForReads): CatalogueSource {
  return {
    locations: () => readLocations(gate),
    async items(cursor) {
      const page = await ask(gate, ITEMS_DOCUMENT, { first: ITEMS_PER_PAGE, after: cursor }, PAGE_COST, itemsReply);
      if (page.kind !== "ok") return page;
      const { nodes, pageInfo: at } = page.value.inventoryItems;
      const items: SourceItem[] = [];
      for (const node of nodes) {
        const levels = await readLevels(gate, node);
        if (levels.kind !== "ok") return levels;
        items.push(toItem(node, levels.value));
      }
      return { kind: "ok", value: { items, nextCursor: at.hasNextPage ? at.endCursor : null } };
    },
  };
}

async function readLocations(gate: GateForReads): Promise<SourceReply<readonly SourceLocation[]>> {
  const locations: SourceLocation[] = [];
  let after: string | null = null;
  do {
    const reply: SourceReply<z.infer<typeof locationsReply>> = await ask(
      gate,
      LOCATIONS_DOCUMENT,
      { after },
      SMALL_COST,
      locationsReply,
    );
    if (reply.kind !== "ok") return reply;
    const { nodes, pageInfo: at }: z.infer<typeof locationsReply>["locations"] = reply.value.locations;
    for (const { id, name, isActive } of nodes) locations.push({ id: numberOf<ShopLocationId>(id), name, isActive });
    after = at.hasNextPage ? at.endCursor : null;
  } while (after !== null);
  return { kind: "ok", value: locations };
}

async function readLevels(
  gate: GateForReads,
  { id, inventoryLevels }: ItemNode,
): Promise<SourceReply<readonly SourceLevel[]>> {
  const levels = inventoryLevels.nodes.flatMap(toLevel);
  let after = inventoryLevels.pageInfo.hasNextPage ? inventoryLevels.pageInfo.endCursor : null;
  while (after !== null) {
    const reply: SourceReply<z.infer<typeof itemLevelsReply>> = await ask(
      gate,
      ITEM_LEVELS_DOCUMENT,
      { id, after },
      SMALL_COST,
      itemLevelsReply,
    );
    if (reply.kind !== "ok") return reply;
    const page: LevelsPage | undefined = reply.value.inventoryItem?.inventoryLevels;
    levels.push(...(page?.nodes.flatMap(toLevel) ?? []));
    after = page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  }
  return { kind: "ok", value: levels };
}

function toItem({ id, sku, tracked, variants }: ItemNode, levels: readonly SourceLevel[]): SourceItem {
  return {
    id: numberOf<InventoryItemId>(id),
    sku,
    isTracked: tracked,
    levels,
    variants: (variants?.nodes ?? []).map((variant) => ({
      id: numberOf<VariantId>(variant.id),
      title: variant.displayName,
      isGiftCard: variant.product.isGiftCard,
      isBundleParent: variant.requiresComponents,
    })),
  };
}

/** A level without an available quantity, or without its stamp, is none: it cannot be ordered against later news. */
function toLevel({ location, quantities }: LevelsPage["nodes"][number]): SourceLevel[] {
  const available = quantities.find(({ name }) => name === "available");
  const atMs = Date.parse(available?.updatedAt ?? "");
  if (available === undefined || Number.isNaN(atMs)) return [];
  const committed = quantities.find(({ name }) => name === "committed")?.quantity ?? 0;
  return [{ location: numberOf<ShopLocationId>(location.id), available: available.quantity, committed, atMs }];
}

/** The schemas above let only GIDs through. */
function numberOf<Id extends ShopLocationId | InventoryItemId | VariantId>(given: string): Id {
  const id = parseNumericId<Id>("gid", given);
  return id.ok ? id.value : fromStore<Id>("");
}

export async function ask<Schema extends z.ZodMiniType>(
  gate: GateForReads,
  document: string,
  variables: Readonly<Record<string, unknown>>,
  cost: number,
  schema: Schema,
): Promise<SourceReply<z.infer<Schema>>> {
  const reply = await gate.graphql({ document, variables, cost, kind: "other" });
  if (reply.kind !== "ok") return reply;
  const parsed = schema.safeParse(reply.data);
  if (parsed.success) return { kind: "ok", value: parsed.data };
  const message = parsed.error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.map(String).join(".")}: ${issue.message}`);
  return { kind: "refused", code: "unexpected_reply", message: message.join("; ") };
}

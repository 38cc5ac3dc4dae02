/** A shop's catalogue as Shopify tells it, through the shop's gate. Replies are parsed: they are a stranger's. */
import * as z from "zod/mini";
import {
  fromStore,
  type InventoryItemId,
  parseNumericId,
  type ShopLocationId,
  type VariantId,
} from "../../domain/ids.ts";
import type { GraphqlRequest } from "../../services/gate-contract.ts";
import type {
  CatalogueSource,
  SourceItem,
  SourceLevel,
  SourceLocation,
  SourceReply,
} from "../../services/import-catalogue.ts";
import type { GraphqlGate } from "../../services/patient-gate.ts";
import {
  ITEM_LEVELS_DOCUMENT,
  ITEMS_BY_ID_DOCUMENT,
  ITEMS_DOCUMENT,
  LOCATIONS_DOCUMENT,
} from "./catalogue-documents.ts";
import { levelSchema, numbersOf } from "./parse-levels.ts";

/**
 * Items per page: the first that Shopify does not find too dear. Its points grow with the logarithm of a page's length, so a
 * long page is far cheaper per item; 100 items with their levels are some 100 kB.
 */
const PAGE_SIZES = [100, 50, 25, 10] as const;
/** Points that a page may ask for, before the first reply has told: by recordings about 190. */
const PAGE_COST = 250;
const SMALL_COST = 60;
/** Shopify's words for a query that asks for too much at once. */
const TOO_DEAR = new Set(["MAX_COST_EXCEEDED", "MAX_INPUT_SIZE_EXCEEDED"]);

const pageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.nullable(z.string()) });
const gid = z.string().check(z.regex(/^gid:\/\/shopify\/[A-Za-z]+\/\d{1,20}/));

const locationsReply = z.object({
  locations: z.object({ pageInfo, nodes: z.array(z.object({ id: gid, name: z.string(), isActive: z.boolean() })) }),
});
const levelsPage = z.object({
  pageInfo,
  nodes: z.array(z.extend(levelSchema, { location: z.object({ id: gid }) })),
});
const variantNode = z.object({
  id: gid,
  displayName: z.string(),
  requiresComponents: z.boolean(),
  product: z.object({ id: gid, isGiftCard: z.boolean() }),
});
const itemNode = z.object({
  id: gid,
  sku: z.nullable(z.string()),
  tracked: z.boolean(),
  variants: z.nullable(z.object({ nodes: z.array(variantNode) })),
  inventoryLevels: levelsPage,
});
const itemsReply = z.object({ inventoryItems: z.object({ pageInfo, nodes: z.array(itemNode) }) });
const itemsByIdReply = z.object({ nodes: z.array(z.nullable(itemNode)) });
const itemLevelsReply = z.object({ inventoryItem: z.nullable(z.object({ inventoryLevels: levelsPage })) });

type ItemNode = z.infer<typeof itemNode>;
type LevelsPage = z.infer<typeof levelsPage>;

export function shopifyCatalogueSource(gate: GraphqlGate): CatalogueSource {
  return {
    locations: () => readLocations(gate),
    async items(cursor) {
      const { size, page } = await readPage(gate, placeOf(cursor));
      if (page.kind !== "ok") return page;
      const { nodes, pageInfo: at } = page.value.inventoryItems;
      const items = await readItems(gate, nodes);
      if (items.kind !== "ok") return items;
      const nextCursor = at.hasNextPage && at.endCursor !== null ? cursorOf(size, at.endCursor) : null;
      return { kind: "ok", value: { items: items.value, nextCursor } };
    },
    async itemsById(ids) {
      const asked = { cost: PAGE_COST, costName: "items/by-id" };
      const variables = { ids: ids.map((id) => `gid://shopify/InventoryItem/${id}`) };
      const reply = await ask(gate, ITEMS_BY_ID_DOCUMENT, variables, asked, itemsByIdReply);
      return reply.kind === "ok"
        ? readItems(
            gate,
            reply.value.nodes.filter((node) => node !== null),
          )
        : reply;
    },
  };
}

async function readItems(gate: GraphqlGate, nodes: readonly ItemNode[]): Promise<SourceReply<readonly SourceItem[]>> {
  const items: SourceItem[] = [];
  for (const node of nodes) {
    const levels = await readLevels(gate, node);
    if (levels.kind !== "ok") return levels;
    items.push(toItem(node, levels.value));
  }
  return { kind: "ok", value: items };
}

type Size = (typeof PAGE_SIZES)[number];
type Place = { readonly after: string | null; readonly size: Size };

/** A shorter page goes on being as short: the cursor carries its length. Shopify's own cursors are base64 and hold no "@". */
const cursorOf = (size: Size, after: string): string => (size === PAGE_SIZES[0] ? after : `${size}@${after}`);

function placeOf(cursor: string | null): Place {
  const [, digits, after] = /^(\d+)@(.+)$/.exec(cursor ?? "") ?? [];
  const size = PAGE_SIZES.find((each) => String(each) === digits);
  return size === undefined || after === undefined ? { after: cursor, size: PAGE_SIZES[0] } : { after, size };
}

async function readPage(
  gate: GraphqlGate,
  { after, size }: Place,
): Promise<{ readonly size: Size; readonly page: SourceReply<z.infer<typeof itemsReply>> }> {
  const asked = { cost: PAGE_COST, costName: `items/${size}` };
  const page = await ask(gate, ITEMS_DOCUMENT, { first: size, after }, asked, itemsReply);
  const shorter = PAGE_SIZES.find((each) => each < size);
  const isTooDear = page.kind === "refused" && TOO_DEAR.has(page.code);
  return isTooDear && shorter !== undefined ? readPage(gate, { after, size: shorter }) : { size, page };
}

async function readLocations(gate: GraphqlGate): Promise<SourceReply<readonly SourceLocation[]>> {
  const locations: SourceLocation[] = [];
  let after: string | null = null;
  do {
    const reply: SourceReply<z.infer<typeof locationsReply>> = await ask(
      gate,
      LOCATIONS_DOCUMENT,
      { after },
      { cost: SMALL_COST },
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
  gate: GraphqlGate,
  { id, inventoryLevels }: ItemNode,
): Promise<SourceReply<readonly SourceLevel[]>> {
  const levels = inventoryLevels.nodes.flatMap(toLevel);
  let after = inventoryLevels.pageInfo.hasNextPage ? inventoryLevels.pageInfo.endCursor : null;
  while (after !== null) {
    const reply: SourceReply<z.infer<typeof itemLevelsReply>> = await ask(
      gate,
      ITEM_LEVELS_DOCUMENT,
      { id, after },
      { cost: SMALL_COST },
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
      productId: numberOf<VariantId>(variant.product.id),
    })),
  };
}

/** A level that Shopify did not tell whole is none: what it is comes with its next change, or with a read. */
function toLevel(level: LevelsPage["nodes"][number]): SourceLevel[] {
  const told = numbersOf(level);
  if (told === null) return [];
  return [{ location: numberOf<ShopLocationId>(level.location.id), ...told, committed: told.committed ?? 0 }];
}

/** The schemas above let only GIDs through. */
function numberOf<Id extends ShopLocationId | InventoryItemId | VariantId>(given: string): Id {
  const id = parseNumericId<Id>("gid", given);
  return id.ok ? id.value : fromStore<Id>("");
}

export async function ask<Schema extends z.ZodMiniType>(
  gate: GraphqlGate,
  document: string,
  variables: Readonly<Record<string, unknown>>,
  points: Pick<GraphqlRequest, "cost" | "costName">,
  schema: Schema,
): Promise<SourceReply<z.infer<Schema>>> {
  const reply = await gate.graphql({ document, variables, ...points, kind: "other" });
  if (reply.kind !== "ok") return reply;
  const parsed = schema.safeParse(reply.data);
  if (parsed.success) return { kind: "ok", value: parsed.data };
  const message = parsed.error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.map(String).join(".")}: ${issue.message}`);
  return { kind: "refused", code: "unexpected_reply", message: message.join("; ") };
}

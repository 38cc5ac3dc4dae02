/**
 * Which item of an imported page has which counter. Identity is the item: one that has a counter keeps it, whatever its
 * SKU says now, because its orders and levels go there. Only what is new is placed by its SKU.
 */
import { type InventoryItemId, parseSku, type ShopDomain, type Sku, type SkuId } from "../domain/ids.ts";
import type { NotCounted } from "./catalogue.ts";
import type { CatalogueWriter, ImportFinding, KnownListing, ListingRecord, SourceItem } from "./import-catalogue.ts";

export type Placed = {
  readonly item: SourceItem;
  readonly status: "active" | NotCounted;
  readonly sku: Sku | null;
  /** Set only for what is active. */
  readonly skuId: SkuId | null;
  /** False where Shopify's levels of it are not stock that could be sold, or not any more. */
  readonly tellsLevels: boolean;
  readonly findings: readonly ImportFinding[];
};

type Candidate = { readonly item: SourceItem; readonly sku: Sku | null; readonly status: "active" | NotCounted };
type Known = Candidate & { readonly was: KnownListing };

export async function placeItems(
  shop: ShopDomain,
  items: readonly SourceItem[],
  writer: CatalogueWriter,
  nowMs: number,
): Promise<readonly Placed[]> {
  const candidates = items.map((item): Candidate => ({ item, ...classify(item) }));
  const skus = new Set(candidates.flatMap(({ sku, status }) => (sku !== null && status === "active" ? [sku] : [])));
  const listed = await writer.activeListings(
    shop,
    [...skus],
    items.map(({ id }) => id),
  );
  const owners = new Map(Array.from(listed.bySku, ([sku, { item }]) => [sku, item]));
  const known = candidates.flatMap((candidate): Known[] => {
    const was = listed.byItem.get(candidate.item.id);
    return was === undefined ? [] : [{ ...candidate, was }];
  });
  // Before anything new is placed: a newcomer must not find the new name of a known item free.
  const placed = new Map<InventoryItemId, Placed>();
  for (const each of known) placed.set(each.item.id, await placeKnown(each, owners, writer));
  const newcomers = candidates.filter(({ item }) => !placed.has(item.id));
  const minted = await mintFor(newcomers, owners, writer, nowMs);
  return candidates.map((each) => placed.get(each.item.id) ?? placeNew(each, owners, minted));
}

/** @param owners  gets the item's present SKU */
async function placeKnown(
  { item, status, sku, was }: Known,
  owners: Map<Sku, InventoryItemId>,
  writer: CatalogueWriter,
): Promise<Placed> {
  const kept = { item, status: "active", skuId: was.skuId } as const;
  if (status !== "active" || sku === null) {
    const kind = status === "active" ? "blank_sku" : status;
    const detail = `${WHY[kind]}; it was counted as "${was.sku}" before, and stays so until it is released`;
    const tellsLevels = kind === "blank_sku";
    return { ...kept, sku: was.sku, tellsLevels, findings: findingOf(item, kind, detail) };
  }
  if (was.sku === sku) return { ...kept, sku, tellsLevels: true, findings: [] };
  const owner = owners.get(sku);
  const isFree = owner === undefined || owner === item.id; // its own former name is its own
  if (isFree && (await writer.rename(was.skuId, sku))) {
    owners.set(sku, item.id);
    return { ...kept, sku, tellsLevels: true, findings: [] };
  }
  const whose = isFree ? "is another counter's" : `belongs to item ${owner}`;
  const detail = `its SKU ${whose}; it goes on being counted as "${was.sku}": mend one of them`;
  const findings = findingOf(item, isFree ? "sku_taken" : "duplicate_sku", detail);
  return { ...kept, sku: was.sku, tellsLevels: true, findings };
}

function mintFor(
  newcomers: readonly Candidate[],
  owners: ReadonlyMap<Sku, InventoryItemId>,
  writer: CatalogueWriter,
  nowMs: number,
): Promise<ReadonlyMap<Sku, SkuId>> {
  const skus = newcomers.flatMap(({ sku, status }) =>
    sku !== null && status === "active" && !owners.has(sku) ? [sku] : [],
  );
  return writer.mint([...new Set(skus)], nowMs);
}

/** One SKU on several new items: the first one keeps it. */
function placeNew(
  { item, status, sku }: Candidate,
  owners: Map<Sku, InventoryItemId>,
  minted: ReadonlyMap<Sku, SkuId>,
): Placed {
  const unplaced = { item, sku, skuId: null, tellsLevels: false };
  if (status !== "active") return { ...unplaced, status, findings: findingOf(item, status, WHY[status]) };
  const owner = sku === null ? undefined : owners.get(sku);
  if (owner !== undefined) {
    const detail = `its SKU belongs to item ${owner}`;
    return { ...unplaced, status: "duplicate_sku", findings: findingOf(item, "duplicate_sku", detail) };
  }
  if (sku !== null) owners.set(sku, item.id);
  const skuId = sku === null ? null : (minted.get(sku) ?? null);
  return { item, status, sku, skuId, tellsLevels: true, findings: [] };
}

const WHY: Record<NotCounted, string> = {
  untracked: "Shopify does not track its quantity",
  gift_card: "gift cards have no stock",
  bundle_parent: "its stock is that of its components",
  blank_sku: "it has no SKU, or one with control characters",
  duplicate_sku: "its SKU belongs to another item of this shop",
};

function classify(item: SourceItem): { readonly status: "active" | NotCounted; readonly sku: Sku | null } {
  const sku = parseSku(item.sku);
  const known = sku.ok ? sku.value : null;
  if (item.variants.some((variant) => variant.isGiftCard)) return { status: "gift_card", sku: known };
  if (!item.isTracked) return { status: "untracked", sku: known };
  if (item.variants.some((variant) => variant.isBundleParent)) return { status: "bundle_parent", sku: known };
  return { status: known === null ? "blank_sku" : "active", sku: known };
}

/** Named by its first variant; an item without any is nobody's to mend. */
export function findingOf(item: SourceItem, kind: ImportFinding["kind"], detail: string): readonly ImportFinding[] {
  const [variant] = item.variants;
  if (variant === undefined) return [];
  return [{ kind, variantId: variant.id, item: item.id, sku: item.sku ?? "", title: variant.title, detail }];
}

export const recordsOf = ({ item, status, sku, skuId }: Placed): readonly ListingRecord[] =>
  item.variants.map(({ id, title, productId }) => ({
    variantId: id,
    item: item.id,
    skuId,
    sku: sku ?? item.sku?.trim() ?? "",
    status,
    title,
    productId: productId ?? null,
  }));

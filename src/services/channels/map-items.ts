/** What a channel calls our SKUs: a bulk of rows, of which those with an unknown SKU are told and the others are kept. */
import { type ChannelId, parseSku, type Sku, type SkuId } from "../../domain/ids.ts";
import { type By, type ManageDeps, note } from "./manage-channel.ts";

export type MapRow = { readonly itemId: string; readonly sku: string };
export type RowError = {
  readonly index: number;
  readonly itemId: string;
  readonly sku: string;
  readonly reason: string;
};
export type Mapped = { readonly mapped: number; readonly errors: readonly RowError[] };

/** @returns null: there is no such channel */
export async function mapItems(
  id: ChannelId,
  rows: readonly MapRow[],
  dryRun: boolean,
  by: By,
  deps: Omit<ManageDeps, "box" | "mint">,
): Promise<Mapped | null> {
  if ((await deps.store.get(id)) === null) return null;
  const parsed = rows.map(({ sku }) => parseSku(sku));
  const asked = parsed.flatMap((sku) => (sku.ok ? [sku.value] : []));
  const known = await deps.store.skuIds([...new Set(asked)]);
  const errors: RowError[] = [];
  const good = new Map<string, SkuId>();
  for (const [index, row] of rows.entries()) {
    const skuId = skuIdOf(parsed[index], known);
    if (skuId === null) errors.push({ index, ...row, reason: "unknown_sku" });
    else if (good.has(row.itemId)) errors.push({ index, ...row, reason: "named_twice" });
    else good.set(row.itemId, skuId);
  }
  if (!dryRun && good.size > 0) {
    await note("channel.items_mapped", id, { items: good.size }, by, deps);
    const pairs = Array.from(good, ([itemId, skuId]) => ({ itemId, skuId }));
    await deps.store.putListings(id, pairs);
    deps.forget(id);
  }
  return { mapped: good.size, errors };
}

const skuIdOf = (sku: ReturnType<typeof parseSku> | undefined, known: ReadonlyMap<Sku, SkuId>): SkuId | null =>
  sku?.ok === true ? (known.get(sku.value) ?? null) : null;

/** @param items  null: all of them. @returns how many there were; null: there is no such channel */
export async function unmapItems(
  id: ChannelId,
  items: readonly string[] | null,
  by: By,
  deps: Omit<ManageDeps, "box" | "mint">,
): Promise<number | null> {
  if ((await deps.store.get(id)) === null) return null;
  await note("channel.items_unmapped", id, { items: items?.length ?? "all" }, by, deps);
  const removed = await deps.store.removeListings(id, items);
  deps.forget(id);
  return removed;
}

/** Which counter belongs to what, as the Worker's own catalogue says. */
import type { BenchStack } from "./bench-stack.ts";

export type ListedCounter = {
  readonly skuId: string;
  readonly sku: string;
  readonly item: string;
  readonly listingId: string;
};

/** Of every item that has one. */
export async function countersOf({ stack }: BenchStack): Promise<readonly ListedCounter[]> {
  const { DB } = await stack.worker.bindings();
  const { results } = await DB.prepare(
    "SELECT sku_id, sku_text, shop, inventory_item_id FROM listings WHERE status = 'active'",
  ).all<{ sku_id: string; sku_text: string; shop: string; inventory_item_id: string }>();
  return results.map((row) => ({
    skuId: row.sku_id,
    sku: row.sku_text,
    item: row.inventory_item_id,
    listingId: `${row.shop}/${row.inventory_item_id}`,
  }));
}

/** @throws when the import has not made it one */
export async function counterOf(bench: BenchStack, sku: string): Promise<ListedCounter> {
  const found = (await countersOf(bench)).find((counter) => counter.sku === sku);
  if (found === undefined) throw new Error(`${sku} was not imported`);
  return found;
}

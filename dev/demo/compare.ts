/** Do the counter, Redis and Shopify say the same of every SKU and location, and is every unit accounted for? Pure. */

/** SKU → location → available. */
export type LevelTable = ReadonlyMap<string, ReadonlyMap<string, number>>;

export type Difference = {
  readonly sku: string;
  readonly locationId: string;
  readonly counter: number | null;
  readonly redis: number | null;
  readonly shopify: number | null;
};

/** @param skus  what must be everywhere; a missing number is a difference */
export function compareLevels(
  skus: readonly string[],
  counter: LevelTable,
  redis: LevelTable,
  shopify: LevelTable,
): readonly Difference[] {
  return skus.flatMap((sku) => {
    const tables = [counter, redis, shopify].map((table) => table.get(sku));
    const locations = new Set(tables.flatMap((levels) => [...(levels?.keys() ?? [])]));
    if (locations.size === 0) return [{ sku, locationId: "–", counter: null, redis: null, shopify: null }];
    return [...locations].flatMap((locationId) => {
      const [c = null, r = null, s = null] = tables.map((levels) => levels?.get(locationId) ?? null);
      return c !== null && c === r && c === s ? [] : [{ sku, locationId, counter: c, redis: r, shopify: s }];
    });
  });
}

/** What Shopify's own record says of one SKU, and what Onhand's answers to the tills say. */
export type Account = {
  readonly sku: string;
  readonly opening: number;
  /** Σ of what orders, cancellations, refunds and the merchant changed in Shopify. */
  readonly changedInShopify: number;
  /** Units that tills took by Onhand's word. */
  readonly taken: number;
  /** Σ of what Onhand pushed, by Shopify's record. */
  readonly pushed: number;
  readonly closing: number;
};

/** opening + changed in Shopify − taken = closing, and what was pushed is what was taken. */
export const unbalanced = (accounts: readonly Account[]): readonly Account[] =>
  accounts.filter(
    ({ opening, changedInShopify, taken, pushed, closing }) =>
      opening + changedInShopify - taken !== closing || pushed !== -taken,
  );

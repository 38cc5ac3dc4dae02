/**
 * Which sales an oversell leaves without units: the newest ones that together cover what is missing. Who came first is
 * served first; a person may decide otherwise.
 */

/** A sale, or a reservation, whose units were not seen to leave: one order line, one movement, one hold. */
export type OpenSale = {
  /** `order`: a line of a Shopify order. `sale`: one that was told to us. `reservation`: units held, not sold yet. */
  readonly kind: "order" | "sale" | "reservation";
  /** Names it within the SKU: the order line, the movement's key, the hold. */
  readonly id: string;
  /** Shopify's order id, the caller's own reference, the reservation. */
  readonly reference: string | null;
  /** The shop's domain, or our name of the channel; null: none was told. */
  readonly channel: string | null;
  /** > 0 */
  readonly units: number;
  readonly atMs: number;
};

export type ShortSale = OpenSale & {
  /** Units of it that are missing: all, or of the oldest one a part. */
  readonly short: number;
};

export type Shortfall = {
  /** Newest first. */
  readonly sales: readonly ShortSale[];
  /** Units missing that no known sale explains, or more sales than are named: changed in Shopify, counted away. */
  readonly unexplained: number;
};

/** @param namedMax  sales named at most */
export function shortfallOf(missing: number, sales: readonly OpenSale[], namedMax: number): Shortfall {
  const newestFirst = sales
    .filter(({ units }) => units > 0)
    .toSorted((a, b) => b.atMs - a.atMs || (a.id < b.id ? 1 : -1));
  const named: ShortSale[] = [];
  let left = Math.max(0, missing);
  for (const sale of newestFirst) {
    if (left === 0 || named.length === namedMax) break;
    const short = Math.min(left, sale.units);
    named.push({ ...sale, short });
    left -= short;
  }
  return { sales: named, unexplained: left };
}

/** What a movement of ours says of a sale: kind `sale` and `commit` make one, `cancellation` and `shipment` end one. */
export type SaleMovement = {
  readonly kind: "sale" | "commit" | "cancellation" | "shipment";
  readonly key: string;
  readonly reference: string | null;
  readonly channel: string | null;
  readonly delta: number;
  readonly committed: number;
  readonly atMs: number;
};

/**
 * Own sales that are still owed: what was cancelled or shipped under the same reference is taken off, newest sale first.
 * One without a reference cannot be told from another, and takes nothing off.
 * @param movements  newest first
 */
export function ownSales(movements: readonly SaleMovement[]): readonly OpenSale[] {
  const ended = new Map<string, number>();
  const sales: OpenSale[] = [];
  for (const { kind, key, reference, channel, delta, committed, atMs } of movements) {
    const done = reference === null ? 0 : (ended.get(reference) ?? 0);
    if (kind === "cancellation" || kind === "shipment") {
      if (reference !== null) ended.set(reference, done + Math.max(0, kind === "shipment" ? -committed : delta));
      continue;
    }
    const units = Math.max(-delta, committed);
    const settled = Math.min(done, units);
    if (reference !== null && settled > 0) ended.set(reference, done - settled);
    if (units > settled) sales.push({ kind: "sale", id: key, reference, channel, units: units - settled, atMs });
  }
  return sales;
}

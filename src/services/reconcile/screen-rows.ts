/**
 * The first sight of many levels, against what their counters expect. What it was read from may be minutes old, so what
 * differs is only a suspect: nothing is concluded from it, and nothing of it reaches a counter.
 */
import {
  type FindingId,
  fromStore,
  type InventoryItemId,
  type ShopDomain,
  type ShopLocationId,
} from "../../domain/ids.ts";
import { classifyLevel } from "../../domain/reconcile/classify-level.ts";
import type { RunCounts } from "../../domain/reconcile/run.ts";
import { Unavailable } from "../unavailable.ts";
import { expectationsOf, levelAt, locationsOf } from "./look-at-levels.ts";
import type { KnownListing, ReconcileDeps, ScreenRow, Suspect } from "./reconcile-deps.ts";

export type Screened = { readonly suspects: readonly Suspect[]; readonly counts: Partial<RunCounts> };

export async function screenRows(shop: ShopDomain, rows: readonly ScreenRow[], deps: ReconcileDeps): Promise<Screened> {
  const items = rows.map(({ item }) => item);
  const listings = await knownListings(shop, items, deps);
  const expected = await expectationsOf([...listings.values()], deps);
  const context = { nowMs: deps.nowMs(), webhookWindowMs: deps.policy.webhookWindowMs, isHeld: false };
  const suspects: Suspect[] = [];
  let levels = 0;
  for (const row of rows) {
    const listing = listings.get(row.item);
    const expectation = listing === undefined ? undefined : expected.get(listing.listingId);
    if (listing === undefined || expectation === undefined) continue;
    for (const location of locationsOf(expectation, row.levels, null)) {
      levels += 1;
      const verdict = classifyLevel(levelAt(expectation, location), row.levels.get(location) ?? null, context);
      if (verdict.kind !== "match") suspects.push(suspectOf(listing, location));
    }
  }
  const unmapped = new Set(items).size - listings.size;
  return { suspects, counts: { listings: listings.size, levels, suspects: suspects.length, unmapped } };
}

export const suspectOf = (listing: KnownListing, location: ShopLocationId): Suspect => ({
  ...listing,
  location,
  id: findingIdOf(listing.item, location),
  looks: 0,
  nextLookMs: 0,
});

/** The same level is the same finding of a run, however often its step is taken. */
export const findingIdOf = (item: InventoryItemId, location: ShopLocationId): FindingId =>
  fromStore<FindingId>(`${item}-${location}`);

/** Those of the items that have a counter. */
export async function knownListings(
  shop: ShopDomain,
  items: readonly InventoryItemId[],
  { catalogue }: ReconcileDeps,
): Promise<ReadonlyMap<InventoryItemId, KnownListing>> {
  const answer = await catalogue.resolve({ shop, variants: new Set(), items: new Set(items), skus: new Set() });
  if (answer.fault !== null) throw new Unavailable("catalogue", answer.fault);
  const known = new Map<InventoryItemId, KnownListing>();
  for (const [item, listing] of answer.items) {
    if (listing.kind !== "active") continue;
    const { skuId, sku, listingId } = listing;
    known.set(item, { skuId, sku, listingId, item });
  }
  return known;
}

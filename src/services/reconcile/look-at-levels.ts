/**
 * A proper look at levels: what the counter expects, what Shopify shows now, and what the counter expects then. Only what
 * differs from both expectations differs; else news came meanwhile. Feeds nothing to a counter.
 */
import type { InventoryItemId, ListingId, ShopDomain, ShopLocationId, SkuId } from "../../domain/ids.ts";
import { classifyLevel, type FoundLevel, type LevelVerdict } from "../../domain/reconcile/classify-level.ts";
import type { CounterExpectation, LevelExpectation, ListingExpectation } from "../../domain/reconcile/expectation.ts";
import { atMost } from "../at-most.ts";
import type { SourceReply } from "../import-catalogue.ts";
import type { FoundLevels, KnownListing, LevelRef, ReconcileDeps } from "./reconcile-deps.ts";

export type LookedLevel = { readonly level: LevelRef; readonly verdict: LevelVerdict };

export type Expectations = ReadonlyMap<ListingId, ListingExpectation>;

/** One call per counter. A counter that does not answer makes it reject: the step is taken again. */
export async function expectationsOf(listings: readonly KnownListing[], deps: ReconcileDeps): Promise<Expectations> {
  const skuIds = [...new Set<SkuId>(listings.map(({ skuId }) => skuId))];
  const answers = await atMost(deps.policy.counterCallsMax, skuIds, (skuId) => deps.counters.of(skuId).expectations());
  const known = answers.filter((answer): answer is CounterExpectation => answer !== null);
  return new Map(known.flatMap(({ listings }) => listings.map((listing) => [listing.listingId, listing] as const)));
}

/** @param only  null: every location of the shop */
export async function lookAtLevels(
  shop: ShopDomain,
  listings: readonly KnownListing[],
  only: readonly ShopLocationId[] | null,
  deps: ReconcileDeps,
): Promise<SourceReply<readonly LookedLevel[]>> {
  if (listings.length === 0) return { kind: "ok", value: [] };
  const view = deps.shopOf(shop);
  const locations = only ?? (await deps.listings.locations(shop));
  const before = await expectationsOf(listings, deps);
  const items = [...new Set<InventoryItemId>(listings.map(({ item }) => item))];
  const told = await view.levelsOf(items, locations);
  if (told.kind !== "ok") return told;
  const after = await expectationsOf(listings, deps);
  const held = await heldListings(after, deps, shop);
  const nowMs = deps.nowMs();
  const value = listings.flatMap((listing): LookedLevel[] => {
    const found = told.value.get(listing.item);
    const [was, is] = [before.get(listing.listingId), after.get(listing.listingId)];
    if (found === undefined || was === undefined || is === undefined) return [];
    const context = { nowMs, webhookWindowMs: deps.policy.webhookWindowMs, isHeld: held.has(listing.listingId) };
    return locationsOf(is, found, only).map((location) => {
      const level = found.get(location) ?? null;
      const verdict = kinder(
        classifyLevel(levelAt(was, location), level, context),
        classifyLevel(levelAt(is, location), level, context),
      );
      return { level: { ...listing, location }, verdict };
    });
  });
  return { kind: "ok", value };
}

export const levelAt = (listing: ListingExpectation, location: ShopLocationId): LevelExpectation | null =>
  listing.levels.find(({ shopLocationId }) => shopLocationId === location) ?? null;

/** Where one of them says that all is well, the level moved between the two. */
const kinder = (before: LevelVerdict, after: LevelVerdict): LevelVerdict => (before.kind === "match" ? before : after);

/** Where a level is expected, or was found. */
export function locationsOf(
  listing: ListingExpectation,
  found: FoundLevels,
  only: readonly ShopLocationId[] | null,
): readonly ShopLocationId[] {
  const stocked = Array.from(found).filter((entry): entry is [ShopLocationId, FoundLevel] => entry[1] !== null);
  const named = new Set([...listing.levels.map(({ shopLocationId }) => shopLocationId), ...stocked.map(([at]) => at)]);
  return [...named].filter((location) => found.has(location) && (only === null || only.includes(location)));
}

/** The gate is asked only when something is still on its way. */
async function heldListings(
  expected: Expectations,
  deps: ReconcileDeps,
  shop: ShopDomain,
): Promise<ReadonlySet<ListingId>> {
  const isOnItsWay = Array.from(expected.values()).some(({ levels }) =>
    levels.some(({ owed, inFlight, toBuffer }) => owed !== 0 || inFlight !== 0 || toBuffer !== 0),
  );
  if (!isOnItsWay) return new Set();
  const held = await deps.shopOf(shop).held();
  return new Set(held.filter(({ reason }) => CATCHES.has(reason)).map(({ listingId }) => listingId));
}

/** What waits for a person. Pauses, pace and frozen calls pass by themselves. */
const CATCHES: ReadonlySet<string> = new Set(["stopped", "read_only", "delta_above_max", "expired"]);

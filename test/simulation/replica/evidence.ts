/** What has been shown to Onhand of each level so far: the yardstick of the invariants. */
import type { ListingId, LocationId } from "../../../src/domain/ids.ts";
import type { ShopModel } from "./shopify.ts";

export type Shown = { readonly listingId: ListingId; readonly locationId: LocationId; readonly n: number };

type LevelEvidence = {
  /** Number of the newest version shown by any snapshot, read or push response. */
  newest: number;
  /** Shopify's own sums at all versions shown. */
  readonly genuine: Set<number>;
  /** Lowest of Shopify's own sums among the versions shown with one (time, value). */
  readonly bySnapshot: Map<string, number>;
};

const keyOf = (available: number, atMs: number): string => `${atMs}:${available}`;

export class Evidence {
  readonly #shops: ReadonlyMap<ListingId, ShopModel>;
  readonly #levels = new Map<ListingId, Map<LocationId, LevelEvidence>>();

  constructor(shops: ReadonlyMap<ListingId, ShopModel>) {
    this.#shops = shops;
  }

  show({ listingId, locationId, n }: Shown): void {
    const version = this.#shop(listingId).version(locationId, n);
    const levels = this.#levels.get(listingId) ?? new Map<LocationId, LevelEvidence>();
    const level = levels.get(locationId) ?? { newest: 0, genuine: new Set(), bySnapshot: new Map() };
    this.#levels.set(listingId, levels);
    levels.set(locationId, level);
    level.newest = Math.max(level.newest, n);
    level.genuine.add(version.genuine);
    const key = keyOf(version.available, version.atMs);
    level.bySnapshot.set(key, Math.min(level.bySnapshot.get(key) ?? version.genuine, version.genuine));
  }

  /** What Shopify itself had changed at one level in the newest version shown. */
  knownGenuineAt(listingId: ListingId, locationId: LocationId): number {
    return this.#shop(listingId).version(locationId, this.newestShown(listingId, locationId)).genuine;
  }

  newestShown(listingId: ListingId, locationId: LocationId): number {
    return this.#level(listingId, locationId).newest;
  }

  /** Σ over all levels of what Shopify itself had changed in the newest version shown. */
  knownGenuine(): number {
    let sum = 0;
    for (const [listingId, levels] of this.#levels) {
      for (const [locationId, level] of levels) {
        sum += this.#shop(listingId).version(locationId, level.newest).genuine;
      }
    }
    return sum;
  }

  wasGenuine(listingId: ListingId, locationId: LocationId, sum: number): boolean {
    return this.#level(listingId, locationId).genuine.has(sum);
  }

  /** The lowest of Shopify's own sums that a shown snapshot of this time and value stood for. */
  genuineOf(listingId: ListingId, locationId: LocationId, snapshot: { available: number; atMs: number }): number {
    const known = this.#level(listingId, locationId).bySnapshot.get(keyOf(snapshot.available, snapshot.atMs));
    if (known === undefined) throw new Error("a snapshot that was never shown");
    return known;
  }

  #shop(listingId: ListingId): ShopModel {
    const shop = this.#shops.get(listingId);
    if (shop === undefined) throw new Error(`no shop ${listingId}`);
    return shop;
  }

  #level(listingId: ListingId, locationId: LocationId): LevelEvidence {
    const level = this.#levels.get(listingId)?.get(locationId);
    if (level === undefined) throw new Error(`nothing shown of ${listingId} at ${locationId}`);
    return level;
  }
}

/** The working copy of a whole counter while a batch is applied: one draft per listing that an event touches. */
import type { ListingId, LocationId } from "../ids.ts";
import { EMPTY_LISTING } from "./connect.ts";
import { ListingDraft, type Report } from "./listing-draft.ts";
import { MapDraft } from "./map-draft.ts";
import type { ListingReplica, MergeState } from "./state.ts";

export class BatchDraft {
  readonly report: Report = { settlements: [], attributions: [] };
  readonly drafts = new Map<ListingId, ListingDraft>();
  locations: readonly LocationId[];
  readonly #before: MergeState;
  readonly #own: MapDraft<LocationId, number>;
  readonly #listings: MapDraft<ListingId, ListingReplica>;

  constructor(before: MergeState) {
    this.#before = before;
    this.locations = before.locations;
    this.#own = new MapDraft(before.own);
    this.#listings = new MapDraft(before.listings);
  }

  get listingIds(): Iterable<ListingId> {
    return this.#listings.current.keys();
  }

  /** X += delta. A location that comes up for the first time is last in priority. */
  addOwn(locationId: LocationId, delta: number): void {
    if (!this.locations.includes(locationId)) this.locations = [...this.locations, locationId];
    this.#own.set(locationId, (this.#own.get(locationId) ?? 0) + delta);
  }

  /** The draft of a known listing, made when it is first asked for. */
  draftOf(listingId: ListingId): ListingDraft | undefined {
    const known = this.drafts.get(listingId);
    const before = this.#listings.current.get(listingId);
    if (known !== undefined || before === undefined) return known;
    return this.#newDraft(listingId, before);
  }

  draftOrNew(listingId: ListingId): ListingDraft {
    const known = this.draftOf(listingId);
    if (known !== undefined) return known;
    this.#listings.set(listingId, EMPTY_LISTING);
    return this.#newDraft(listingId, EMPTY_LISTING);
  }

  remove(listingId: ListingId): void {
    this.drafts.delete(listingId);
    this.#listings.delete(listingId);
  }

  /** Whether a listing other than this one has a level there. */
  isStockedElsewhere(listingId: ListingId, locationId: LocationId): boolean {
    for (const [otherId, before] of this.#listings.current) {
      const levels = this.drafts.get(otherId)?.levels.current ?? before.levels;
      if (otherId !== listingId && levels.has(locationId)) return true;
    }
    return false;
  }

  /** The state with every draft in its place: the same objects where nothing changed. */
  result(): MergeState {
    for (const [listingId, draft] of this.drafts) this.#listings.set(listingId, draft.result());
    const { locations } = this;
    const now: MergeState = { locations, own: this.#own.current, listings: this.#listings.current };
    const before = this.#before;
    return now.locations === before.locations && now.own === before.own && now.listings === before.listings
      ? before
      : now;
  }

  #newDraft(listingId: ListingId, before: ListingReplica): ListingDraft {
    const draft = new ListingDraft(listingId, before, this.report);
    this.drafts.set(listingId, draft);
    return draft;
  }
}

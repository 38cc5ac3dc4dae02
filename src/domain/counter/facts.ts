/** What a batch tells of Shopify, in the merge's words; and what to answer to each event. */
import type { HintId, ListingId, LocationId } from "../ids.ts";
import type { MergeEvent } from "../replica/events.ts";
import type { MergeState } from "../replica/state.ts";
import { isAsked } from "./asked-kinds.ts";
import { connectionOf } from "./connection.ts";
import type { ConnectedLevel, ConnectMode, CounterEvent, EventOutcome } from "./counter-event.ts";
import type { CounterState, LevelBook } from "./counter-state.ts";

export type Facts = {
  readonly events: readonly MergeEvent[];
  readonly books: CounterState["books"];
  /** @param merge  the state after the batch */
  outcomeOf(index: number, event: CounterEvent, merge: MergeState): EventOutcome;
};

type Draft = {
  readonly state: CounterState;
  readonly bounds: FactBounds;
  readonly explained: Explained;
  readonly events: MergeEvent[];
  readonly hints: Set<HintId>;
  /** Copied on the first change. */
  books: Map<ListingId, Map<LocationId, LevelBook>> | null;
};

/** Signed units of an order line or restock that the books have attributed to settled changes. */
type Explained = (listingId: ListingId, hintId: HintId) => number;

/** Orders and restocks from before `ordersSinceMs` (epoch ms) are history: asserted again, they change nothing. */
export type FactBounds = { readonly tieMs: number; readonly ordersSinceMs: number };

export function readFacts(
  state: CounterState,
  events: readonly CounterEvent[],
  explained: Explained,
  bounds: FactBounds,
): Facts {
  const draft: Draft = { state, bounds, explained, events: [], hints: new Set(), books: null };
  const early = events.map((event) => readFact(draft, event));
  return {
    events: draft.events,
    books: draft.books ?? state.books,
    outcomeOf: (index, event, merge) => {
      const outcome = early[index] ?? { kind: "noted" };
      if (outcome.kind !== "noted" || event.kind !== "hint") return outcome;
      // A hint that the newest evidence covers is dropped at once: its order is in the level already.
      return merge.listings.get(event.listingId)?.hints.has(event.id) ? outcome : { kind: "known" };
    },
  };
}

function readFact(draft: Draft, event: CounterEvent): EventOutcome {
  if (isAsked(event)) return { kind: "noted" }; // decided later, against the levels that the facts leave
  switch (event.kind) {
    case "shipped":
      return { kind: "noted" }; // of the books alone
    case "tick":
      draft.events.push(event);
      return { kind: "noted" };
    case "connect":
      return (
        event.levels.map((level) => readLevel(draft, event.listingId, level, event.mode)).find(isRefusal) ?? {
          kind: "noted",
        }
      );
    case "snapshot":
      if (!isConnected(draft, event.listingId)) return { kind: "unknown_listing" };
      return readLevel(draft, event.listingId, { ...event, committed: 0 });
    case "hint":
      return readHint(draft, event);
    default:
      if (!isConnected(draft, event.listingId)) return { kind: "unknown_listing" };
      draft.events.push(event.kind === "push_applied" ? pushApplied(event) : event);
      return { kind: "noted" };
  }
}

function readHint(draft: Draft, event: CounterEvent & { kind: "hint" }): EventOutcome {
  const listing = draft.state.merge.listings.get(event.listingId);
  if (listing === undefined || listing.levels.size === 0) return { kind: "unknown_listing" };
  if (event.atMs < draft.bounds.ordersSinceMs) return { kind: "known" };
  // At a place where the listing has no level yet, the merge takes it as one without a place: the level will follow.
  const seen = listing.hints.has(event.id) || draft.hints.has(event.id);
  draft.hints.add(event.id);
  draft.events.push({ ...event, explained: draft.explained(event.listingId, event.id) });
  return { kind: seen ? "known" : "noted" };
}

/** A level that we know is a snapshot; one that nobody supplies yet is adopted as opening stock. */
function readLevel(draft: Draft, listingId: ListingId, level: ConnectedLevel, mode?: ConnectMode): EventOutcome {
  const { locationId, shopLocationId, available, atMs } = level;
  const known = draft.state.merge.listings.get(listingId)?.levels.get(locationId);
  const isAdopted = known === undefined && draft.books?.get(listingId)?.has(locationId);
  if (known !== undefined || isAdopted) {
    draft.events.push({ kind: "snapshot", listingId, locationId, available, atMs });
    return { kind: known !== undefined && atMs < known.atMs - draft.bounds.tieMs ? "known" : "noted" };
  }
  const kind = connectionOf(draft.state, draft.books ?? draft.state.books, listingId, locationId, mode);
  if (kind === "refused") return { kind: "unknown_level" };
  // A listing may come back after a release: its settlements go on above every number that its movements ever had.
  draft.events.push({ kind, listingId, locationId, available, atMs, settlements: draft.state.seq });
  draft.books ??= new Map(Array.from(draft.state.books, ([listing, levels]) => [listing, new Map(levels)]));
  const levels = draft.books.get(listingId) ?? new Map<LocationId, LevelBook>();
  draft.books.set(listingId, levels.set(locationId, { shopLocationId, committed: level.committed }));
  return { kind: "noted" };
}

const isConnected = (draft: Draft, listingId: ListingId): boolean =>
  draft.state.books.has(listingId) || draft.books?.has(listingId) === true;

const isRefusal = (outcome: EventOutcome): boolean => outcome.kind === "unknown_level";

function pushApplied(event: CounterEvent & { kind: "push_applied" }): MergeEvent {
  const { kind, listingId, key, atMs, after } = event;
  if (after.length === 0) return { kind, listingId, key, atMs };
  return { kind, listingId, key, atMs, after: new Map(after.map((level) => [level.locationId, level.quantity])) };
}

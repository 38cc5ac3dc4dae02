/**
 * One batch of events through one counter: facts first (what has happened always counts), then holds that are over, then
 * what somebody asks for, each against the levels as the one before left them. Pure; the object around it looks up keys,
 * writes what changed and keeps the clock.
 */
import {
  channelOfShop,
  type HintId,
  type ListingId,
  type LocationId,
  type MovementKey,
  parseShopDomain,
  partsOfListing,
} from "../ids.ts";
import { type ChannelDefaults, effectiveRules, sameRules } from "../policy/effective-rules.ts";
import { DEFAULT_RULES, type SkuPolicy } from "../policy/sku-policy.ts";
import type { Attribution, MergeEvent } from "../replica/events.ts";
import { applyEvents } from "../replica/merge.ts";
import type { MergeState, MergeWindows } from "../replica/state.ts";
import { BookDraft, type BookedMovement, type FullStanding } from "./book-draft.ts";
import { bookSettlement, correlationOf } from "./book-settlement.ts";
import type { CounterEvent, EventOutcome } from "./counter-event.ts";
import type { CounterNews } from "./counter-news.ts";
import type { CounterState } from "./counter-state.ts";
import { type AskedDesk, decideAsked } from "./decide-asked.ts";
import { bookWaiting, countReads } from "./decide-count.ts";
import type { MovementLimits } from "./decide-movement.ts";
import { decideShipped } from "./decide-shipped.ts";
import { expireHolds } from "./end-hold.ts";
import { readFacts } from "./facts.ts";
import { differ, levelsOf } from "./levels.ts";
import { type OversellReport, oversellAfter } from "./oversell.ts";
import { lookAtReorders } from "./reorder.ts";
import { belowZero, keepBooks, readAgain, readCommitted } from "./shopify-books.ts";
import { inAll, WATCH_WINDOWS, type WatchWindows, watchStock } from "./stock-watch.ts";

export type { BookedMovement } from "./book-draft.ts";

export type CounterConfig = {
  readonly windows: MergeWindows;
  readonly limits: MovementLimits;
  /** An order, or restock, older than this is history, whatever tells of it. */
  readonly orderHorizonMs: number;
  /** How long a change of stock that is not certain must hold before it is told; left out: the shipped windows. */
  readonly watch?: WatchWindows;
};

/** Looks up what is booked already; synchronous, because no stock change may wait. */
export type Booked = {
  readonly movement: (key: MovementKey) => BookedMovement | null;
  /** Signed units of an order line or restock that settled changes were explained by. */
  readonly explained: (listingId: ListingId, hintId: HintId) => number;
  /** What the movements at a location that happened after a moment changed of what is on hand there. */
  readonly onHandSince: (locationId: LocationId, sinceMs: number) => number;
};

export type BatchResult = {
  readonly state: CounterState;
  /** One per event, same order. */
  readonly outcomes: readonly EventOutcome[];
  /** New ones, in order of `seq`. */
  readonly booked: readonly BookedMovement[];
  readonly attributions: readonly Attribution[];
  /** An oversell that began, changed or ended with this batch. */
  readonly oversell: OversellReport | null;
  /** What people shall hear beside it. */
  readonly news: readonly CounterNews[];
};

export function applyBatch(
  state: CounterState,
  events: readonly CounterEvent[],
  before: Booked,
  config: CounterConfig,
  nowMs: number,
): BatchResult {
  const told = takeFacts(state, events, before, config, nowMs);
  const draft = new BookDraft({
    standings: standingsOf(told.shown),
    own: state.own,
    holds: state.holds,
    leases: state.leases,
    seq: state.seq + told.settled.length,
    version: differ(state.shown, told.shown) ? null : state.version,
    nowMs,
  });
  expireHolds(draft);
  for (const movement of told.shipped.movements) draft.book(movement);
  const desk: AskedDesk = {
    merge: told.merge,
    limits: config.limits,
    find: (key) => draft.find(key) ?? before.movement(key),
    onHandSince: before.onHandSince,
    waiting: new Map(state.counts),
    held: new Map(state.held),
    ...{ skuId: state.skuId, shown: told.shown, watch: state.watch, reorder: state.reorder, news: [] },
    policy: state.policy,
    defaults: state.defaults,
    outbound: state.outbound,
  };
  bookWaiting(draft, desk, told.answered, state.merge);
  const asked = decideAsked(draft, events, desk);
  const merge = finishMerge(state, told.merge, draft, desk, config.windows);
  const outcomes = events.map(
    (event, i) => asked.get(i) ?? told.shipped.outcomes.get(i) ?? told.outcomeOf(i, event, told.merge),
  );
  const booked = [...told.settled, ...draft.booked];
  const { own, holds, leases } = draft;
  const { policy, defaults, outbound, watch, reorder } = desk;
  const counts = { counts: sameEntries(state.counts, desk.waiting), held: sameEntries(state.held, desk.held) };
  const kept = { ...counts, policy, defaults, outbound, watch, reorder };
  const next = { ...state, merge, books: told.books, own, holds, leases, ...kept, seq: state.seq + booked.length };
  // Most batches only bring facts, and their levels are summed up already.
  const shown = merge === told.merge && own === state.own ? told.shown : levelsOf(next);
  const concluded = conclude(state, { ...next, shown }, nowMs);
  const seen = lookAtStock(concluded.state, booked, config, nowMs);
  return {
    ...{ ...concluded, state: seen.state, news: [...desk.news, ...seen.news] },
    ...{ outcomes, booked, attributions: told.attributions },
  };
}

/** What people shall hear of the levels as they are now: news of stock, and requests for more. */
function lookAtStock(
  state: CounterState,
  booked: readonly BookedMovement[],
  { watch: windows = WATCH_WINDOWS }: CounterConfig,
  nowMs: number,
): Pick<BatchResult, "state" | "news"> {
  const watched = watchStock(state.watch, state.shown, windows, nowMs);
  if (state.shown.length === 0) return { state, news: [] };
  const { reorder, news } = lookAtReorders(state.reorder, {
    ...{ skuId: state.skuId, ...inAll(state.shown), booked: booked.map(({ movement }) => movement) },
    ...{ crossingMs: windows.crossingMs, nowMs },
  });
  if (watched.watch === state.watch && reorder === state.reorder) return { state, news };
  return { state: { ...state, watch: watched.watch, reorder }, news: [...watched.news, ...news] };
}

/** Version and oversell follow from the levels that are shown. */
function conclude(before: CounterState, after: CounterState, nowMs: number): Pick<BatchResult, "state" | "oversell"> {
  const { shown } = after;
  // What a channel may sell is shown, too: it follows from levels and policy.
  const isSaid = before.policy !== after.policy || before.defaults !== after.defaults;
  const version = isSaid || differ(before.shown, shown) ? before.version + 1 : before.version;
  const { oversell, report } = oversellAfter(before.oversell, shown, version, nowMs);
  return { state: { ...after, version, oversell }, oversell: report };
}

function takeFacts(
  state: CounterState,
  events: readonly CounterEvent[],
  before: Booked,
  { windows, orderHorizonMs }: CounterConfig,
  nowMs: number,
) {
  const facts = readFacts(state, events, before.explained, {
    tieMs: windows.tieMs,
    ordersSinceMs: nowMs - orderHorizonMs,
  });
  const merged = facts.events.length === 0 ? unchanged(state) : applyEvents(state.merge, facts.events, nowMs, windows);
  const shipped = decideShipped(events, facts.books, before.movement);
  const measured = readCommitted(state.merge, merged.state, events);
  const books = keepBooks(facts.books, merged.attributions, shipped.moves, measured.committed);
  const unclear = new Set([
    ...measured.overtaken,
    ...belowZero(state.books, books),
    ...shipped.moves.map(({ listingId }) => listingId),
  ]);
  const merge = readAgain(merged.state, unclear, nowMs, windows);
  const ledgers = new Map(state.shown.map((levels) => [levels.locationId, levels.ledger]));
  const settled = merged.settlements.map((settlement, i) =>
    bookSettlement(settlement, state.seq + i + 1, ledgers, correlationOf(events, settlement.listingId), nowMs),
  );
  const { attributions } = merged;
  const isMoved = merge !== state.merge || books !== state.books;
  const shown = isMoved ? levelsOf({ ...state, merge, books }) : state.shown;
  const { answered } = measured;
  return { merge, books, shown, settled, attributions, shipped, answered, outcomeOf: facts.outcomeOf };
}

const unchanged = (state: CounterState) => ({ state: state.merge, settlements: [], attributions: [] });

const standingsOf = (shown: CounterState["shown"]): readonly FullStanding[] =>
  shown.map(({ locationId, ledger, floor, available, onHand }) => ({ locationId, ledger, floor, available, onHand }));

/** The batch's own changes of X, the reads that counts wait for, and what listings may show from now on. */
function finishMerge(
  state: CounterState,
  merge: MergeState,
  draft: BookDraft,
  { waiting, policy, defaults }: AskedDesk,
  windows: MergeWindows,
): MergeState {
  const fresh = Array.from(waiting)
    .filter(([key, count]) => state.counts.get(key) !== count)
    .map(([, count]) => count);
  // Listings that were there have been told, unless somebody has just said something else.
  const told = policy === state.policy && defaults === state.defaults ? state.merge.listings : NOTHING_TOLD;
  const events = [...draft.ownEvents, ...countReads(fresh), ...rulesFor(merge, told, policy, defaults)];
  return events.length === 0 ? merge : applyEvents(merge, events, draft.nowMs, windows).state;
}

const NOTHING_TOLD: MergeState["listings"] = new Map();

/** Listings whose channel may show something else than they know. */
function rulesFor(
  { listings }: MergeState,
  told: MergeState["listings"],
  policy: SkuPolicy,
  defaults: ChannelDefaults,
): readonly MergeEvent[] {
  return Array.from(listings).flatMap(([listingId, listing]): MergeEvent[] => {
    if (told.has(listingId)) return [];
    const { shop } = partsOfListing(listingId);
    // A till has no state that keeps units back: what was pushed away would come back as stock with the next count there.
    const rules = parseShopDomain(shop).ok
      ? effectiveRules(policy, defaults, channelOfShop(shop)).rules
      : DEFAULT_RULES;
    return sameRules(listing.rules, rules) ? [] : [{ kind: "rules", listingId, rules }];
  });
}

/** The same map when nothing changed, so that nothing is written. */
function sameEntries<Key, Value>(before: ReadonlyMap<Key, Value>, after: ReadonlyMap<Key, Value>) {
  const isSame = before.size === after.size && [...after].every(([key, value]) => before.get(key) === value);
  return isSame ? before : after;
}

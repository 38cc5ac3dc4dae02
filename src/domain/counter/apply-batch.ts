/**
 * One batch of events through one counter: facts first (what has happened always counts), then the movements that
 * somebody asks for, each against the levels as the one before left them. Pure; the object around it looks up keys,
 * writes what changed and keeps the clock.
 */
import type { CorrelationId, HintId, ListingId, LocationId, MovementKey } from "../ids.ts";
import { fromStore } from "../ids.ts";
import type { Attribution, MergeEvent, Settlement } from "../replica/events.ts";
import { applyEvents } from "../replica/merge.ts";
import type { MergeState, MergeWindows } from "../replica/state.ts";
import type { CounterEvent, EventOutcome } from "./counter-event.ts";
import type { CounterState, LevelBook } from "./counter-state.ts";
import { decideMovement, type MovementLimits, type Standing } from "./decide-movement.ts";
import { readFacts } from "./facts.ts";
import { differ, levelsOf } from "./levels.ts";
import type { Movement, MovementRequest } from "./movement.ts";

export type CounterConfig = {
  readonly windows: MergeWindows;
  readonly limits: MovementLimits;
  /** An order, or restock, older than this is history, whatever tells of it. */
  readonly orderHorizonMs: number;
};

export type BookedMovement = { readonly movement: Movement; readonly fingerprint: string };

/** Looks up what is booked already; synchronous, because no stock change may wait. */
export type Booked = {
  readonly movement: (key: MovementKey) => BookedMovement | null;
  /** Signed units of an order line or restock that settled changes were explained by. */
  readonly explained: (listingId: ListingId, hintId: HintId) => number;
};

export type BatchResult = {
  readonly state: CounterState;
  /** One per event, same order. */
  readonly outcomes: readonly EventOutcome[];
  /** New ones, in order of `seq`. */
  readonly booked: readonly BookedMovement[];
  readonly attributions: readonly Attribution[];
};

type Books = CounterState["books"];

export function applyBatch(
  state: CounterState,
  events: readonly CounterEvent[],
  before: Booked,
  config: CounterConfig,
  nowMs: number,
): BatchResult {
  const facts = readFacts(state, events, before.explained, {
    tieMs: config.windows.tieMs,
    ordersSinceMs: nowMs - config.orderHorizonMs,
  });
  const settled =
    facts.events.length === 0 ? unchanged(state) : applyEvents(state.merge, facts.events, nowMs, config.windows);
  const measured = readCommitted(state.merge, settled.state, events);
  const books = keepBooks(facts.books, settled.attributions, measured.committed);
  const unclear = new Set([...measured.overtaken, ...belowZero(state.books, books)]);
  const checked = readAgain(settled.state, unclear, nowMs, config.windows);
  const ledgers = new Map(state.shown.map((levels) => [levels.locationId, levels.ledger]));
  const booked = settled.settlements.map((settlement, i) =>
    bookSettlement(settlement, state.seq + i + 1, ledgers, correlationOf(events, settlement.listingId), nowMs),
  );
  const decided = decideMovements(checked, books, events, before.movement, config, {
    seq: state.seq + booked.length,
    nowMs,
  });
  const outcomes = events.map((event, i) => decided.outcomes.get(i) ?? facts.outcomeOf(i, event, settled.state));
  const shown = levelsOf(decided.merge, books);
  const version = differ(state.shown, shown) ? state.version + 1 : state.version;
  const all = [...booked, ...decided.booked];
  const next = { ...state, merge: decided.merge, books, shown, version, seq: state.seq + all.length };
  return { state: next, outcomes, booked: all, attributions: settled.attributions };
}

const unchanged = (state: CounterState) => ({ state: state.merge, settlements: [], attributions: [] });

type Measured = { readonly listingId: ListingId; readonly locationId: LocationId; readonly committed: number };

/**
 * What answers of reads tell of `committed`. Only where the level is as old as its answer: if newer news has settled it
 * meanwhile, orders that the answer does not know are in the books already. Such a listing is `overtaken`.
 */
function readCommitted(
  before: MergeState,
  after: MergeState,
  events: readonly CounterEvent[],
): { readonly committed: readonly Measured[]; readonly overtaken: ReadonlySet<ListingId> } {
  const committed: Measured[] = [];
  const overtaken = new Set<ListingId>();
  for (const event of events) {
    if (event.kind !== "read_answered") continue;
    const { listingId, key, levels } = event;
    if (before.listings.get(listingId)?.read?.key !== key) continue; // given up, or told twice
    for (const told of levels) {
      const level = after.listings.get(listingId)?.levels.get(told.locationId);
      if (level === undefined || told.committed === null) continue;
      const { locationId } = told;
      if (level.atMs === told.atMs) committed.push({ listingId, locationId, committed: told.committed });
      else overtaken.add(listingId);
    }
  }
  return { committed, overtaken };
}

/** Listings whose books a restock took below zero: its order is still on its way, or was lost. Only a read tells which. */
function* belowZero(before: Books, after: Books): Iterable<ListingId> {
  if (before === after) return;
  for (const [listingId, levels] of after) {
    const isNew = levels !== before.get(listingId);
    if (isNew && Array.from(levels.values()).some(({ committed }) => committed < 0)) yield listingId;
  }
}

/**
 * Not at once: what overtook one read, a flash sale, would overtake the next, and a late order mends what an early restock
 * left below zero.
 */
function readAgain(
  merge: MergeState,
  listings: ReadonlySet<ListingId>,
  nowMs: number,
  windows: MergeWindows,
): MergeState {
  if (listings.size === 0) return merge;
  const audits = Array.from(
    listings,
    (listingId): MergeEvent => ({ kind: "audit", listingId, inMs: windows.verifyMs }),
  );
  return applyEvents(merge, audits, nowMs, windows).state;
}

/** Shopify's committed: moved by the hints that a level change explained, then set by what a read measured. */
function keepBooks(books: Books, attributions: readonly Attribution[], measured: readonly Measured[]): Books {
  const changes: { listingId: ListingId; locationId: LocationId; committed: (was: number) => number }[] = [];
  for (const { listingId, locationId, quantity, commits } of attributions) {
    if (commits) changes.push({ listingId, locationId, committed: (was) => was - quantity });
  }
  for (const { listingId, locationId, committed } of measured) {
    changes.push({ listingId, locationId, committed: () => committed });
  }
  if (changes.length === 0) return books;
  const next = new Map(books);
  for (const { listingId, locationId, committed } of changes) {
    const book = next.get(listingId)?.get(locationId);
    if (book === undefined) continue;
    const value: LevelBook = { ...book, committed: committed(book.committed) };
    next.set(listingId, new Map(next.get(listingId)).set(locationId, value));
  }
  return next;
}

const REASONS: Record<Settlement["evidence"], string> = {
  adopted: "opening stock at Shopify",
  snapshot: "changed in Shopify, told by webhook",
  read: "changed in Shopify, found by reading",
  push: "changed in Shopify, told with the answer to a push",
};

export function bookSettlement(
  settlement: Settlement,
  seq: number,
  ledgers: Map<LocationId, number>,
  correlationId: CorrelationId,
  nowMs: number,
): BookedMovement {
  const { listingId, locationId, n } = settlement;
  const delta = settlement.after - settlement.before;
  const before = ledgers.get(locationId) ?? 0;
  ledgers.set(locationId, before + delta);
  const movement: Movement = {
    seq,
    key: fromStore(`shopify/${listingId}/${locationId}/${n}`),
    kind: "shopify",
    locationId,
    delta,
    before,
    after: before + delta,
    cause: {
      reason: REASONS[settlement.evidence],
      reference: null,
      source: "shopify",
      actor: listingId,
      correlationId,
    },
    occurredAtMs: settlement.atMs,
    recordedAtMs: nowMs,
    listingId,
  };
  return { movement, fingerprint: "" };
}

/** The newest event of this listing in the batch brought the evidence. */
function correlationOf(events: readonly CounterEvent[], listingId: ListingId): CorrelationId {
  for (const event of events.toReversed()) {
    if (!("listingId" in event) || event.listingId !== listingId) continue;
    if ("correlationId" in event) return event.correlationId;
    if ("key" in event) return fromStore(event.key);
  }
  return fromStore("timer");
}

type Decided = {
  readonly merge: MergeState;
  readonly booked: readonly BookedMovement[];
  readonly outcomes: ReadonlyMap<number, EventOutcome>;
};

function decideMovements(
  merge: MergeState,
  books: Books,
  events: readonly CounterEvent[],
  known: Booked["movement"],
  config: CounterConfig,
  at: { readonly seq: number; readonly nowMs: number },
): Decided {
  if (!events.some((event) => event.kind === "movement")) return { merge, booked: [], outcomes: new Map() };
  const standings: Standing[] = levelsOf(merge, books).map(({ locationId, ledger, floor, available }) => ({
    locationId,
    ledger,
    floor,
    available,
  }));
  const inBatch = new Map<MovementKey, BookedMovement>();
  const outcomes = new Map<number, EventOutcome>();
  const own = new Map<LocationId, number>();
  for (const [i, event] of events.entries()) {
    if (event.kind !== "movement") continue;
    const { request } = event;
    const before = inBatch.get(request.key) ?? known(request.key);
    const decision = decideMovement(request, standings, before, config.limits, at.nowMs);
    if (decision.kind !== "book") {
      outcomes.set(i, decision);
      continue;
    }
    const movement = movementOf(request, decision, at.seq + inBatch.size + 1, at.nowMs);
    const place = standings.findIndex((standing) => standing.locationId === decision.locationId);
    const standing = standings[place];
    if (standing !== undefined) {
      const { floor, available } = standing;
      const { delta } = request;
      standings[place] = {
        ...standing,
        ledger: decision.after,
        floor: floor + delta,
        available: available + delta,
      };
    }
    own.set(decision.locationId, (own.get(decision.locationId) ?? 0) + request.delta);
    inBatch.set(request.key, { movement, fingerprint: request.fingerprint });
    outcomes.set(i, { kind: "applied", movement });
  }
  const moved: MergeEvent[] = Array.from(own, ([locationId, delta]) => ({ kind: "own", locationId, delta }));
  const after = moved.length === 0 ? merge : applyEvents(merge, moved, at.nowMs, config.windows).state;
  return { merge: after, booked: [...inBatch.values()], outcomes };
}

function movementOf(
  request: MovementRequest,
  place: { readonly locationId: LocationId; readonly before: number; readonly after: number },
  seq: number,
  nowMs: number,
): Movement {
  return {
    seq,
    key: request.key,
    kind: "adjustment",
    locationId: place.locationId,
    delta: request.delta,
    before: place.before,
    after: place.after,
    cause: request.cause,
    occurredAtMs: request.occurredAtMs,
    recordedAtMs: nowMs,
    listingId: null,
  };
}

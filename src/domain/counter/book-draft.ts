/**
 * What one batch writes into a counter's own books: movements in order, and the levels as each leaves them for the next.
 * Mutable while the batch is decided, and thrown away with it.
 */
import type { HoldId, LocationId, MovementKey } from "../ids.ts";
import { fromStore } from "../ids.ts";
import type { MergeEvent } from "../replica/events.ts";
import type { Standing } from "./allocate.ts";
import type { Hold } from "./hold.ts";
import type { LeaseState } from "./lease.ts";
import type { Movement } from "./movement.ts";
import {
  bookAt,
  type CountedWhat,
  counted,
  type Moves,
  moved,
  type OwnBook,
  type OwnBooks,
  STATES,
} from "./own-book.ts";

export type BookedMovement = { readonly movement: Movement; readonly fingerprint: string };

/** A standing that tells what is on hand, too: what a count is compared with. */
export type FullStanding = Standing & { readonly onHand: number };

export type NewMovement = Pick<Movement, "key" | "kind" | "locationId" | "delta" | "cause" | "occurredAtMs"> & {
  readonly moves?: Moves;
  readonly channel?: Movement["channel"];
  readonly listingId?: Movement["listingId"];
  readonly fingerprint?: string;
};

export type DraftStart = {
  readonly standings: readonly FullStanding[];
  readonly own: OwnBooks;
  readonly holds: ReadonlyMap<HoldId, Hold>;
  readonly leases: LeaseState;
  /** Number of the newest movement so far. */
  readonly seq: number;
  /** Current, or null when this batch has moved something already. */
  readonly version: number | null;
  readonly nowMs: number;
};

export class BookDraft {
  readonly booked: BookedMovement[] = [];
  readonly nowMs: number;
  leases: LeaseState;
  #standings: FullStanding[];
  #own: OwnBooks;
  #holds: ReadonlyMap<HoldId, Hold>;
  readonly #seq: number;
  readonly #version: number | null;
  readonly #moved = new Map<LocationId, number>();
  readonly #byKey = new Map<MovementKey, BookedMovement>();

  constructor(start: DraftStart) {
    this.nowMs = start.nowMs;
    this.leases = start.leases;
    this.#standings = [...start.standings];
    this.#own = start.own;
    this.#holds = start.holds;
    this.#seq = start.seq;
    this.#version = start.version;
  }

  get standings(): readonly FullStanding[] {
    return this.#standings;
  }

  get own(): OwnBooks {
    return this.#own;
  }

  get holds(): ReadonlyMap<HoldId, Hold> {
    return this.#holds;
  }

  /** Null: levels have moved within the batch, so nobody can have read them. */
  get version(): number | null {
    return this.booked.length === 0 ? this.#version : null;
  }

  find(key: MovementKey): BookedMovement | null {
    return this.#byKey.get(key) ?? null;
  }

  at(locationId: LocationId): FullStanding | null {
    return this.#standings.find((standing) => standing.locationId === locationId) ?? null;
  }

  /** @param locationId  one that is known */
  book(given: NewMovement): Movement {
    const { key, kind, locationId, delta, moves = {}, cause, occurredAtMs } = given;
    const place = this.#standings.findIndex((standing) => standing.locationId === locationId);
    const standing = this.#standings[place];
    const before = standing?.ledger ?? 0;
    const full = { reserved: 0, committed: 0, damaged: 0, safetyStock: 0, ...moves };
    // States of a listing are Shopify's: its book holds them already.
    const isOurs = (given.listingId ?? null) === null;
    if (isOurs) this.#own = moved(this.#own, locationId, full);
    const movement: Movement = {
      ...{ seq: this.#seq + this.booked.length + 1, key, kind, locationId, delta, moves: full },
      ...{ before, after: before + delta, channel: given.channel ?? null, cause, occurredAtMs },
      ...{ recordedAtMs: this.nowMs, listingId: given.listingId ?? null },
      ...(isOurs ? statesAfter(bookAt(this.#own, locationId), full) : {}),
    };
    const entry = { movement, fingerprint: given.fingerprint ?? "" };
    this.booked.push(entry);
    this.#byKey.set(key, entry);
    if (standing !== undefined && isOurs) this.#standings[place] = shifted(standing, delta, full);
    if (delta !== 0) this.#moved.set(locationId, (this.#moved.get(locationId) ?? 0) + delta);
    return movement;
  }

  putHold(hold: Hold): void {
    this.#holds = new Map(this.#holds).set(hold.id, hold);
  }

  removeHold(id: HoldId): void {
    const holds = new Map(this.#holds);
    holds.delete(id);
    this.#holds = holds;
  }

  /**
   * An older one than the newest that is known is history.
   * @param what  of which number, and by how much it was changed
   */
  noteCount(locationId: LocationId, atMs: number, what: CountedWhat): void {
    const { countedAtMs } = bookAt(this.#own, locationId);
    if (countedAtMs === null || atMs >= countedAtMs) this.#own = counted(this.#own, locationId, atMs, what);
  }

  /** What the movements of the batch are to the merge: one change of X per location. */
  get ownEvents(): readonly MergeEvent[] {
    return Array.from(this.#moved)
      .filter(([, delta]) => delta !== 0)
      .map(([locationId, delta]) => ({ kind: "own", locationId, delta }));
  }
}

/** Nothing where no state moves: most movements of a warehouse. */
function statesAfter(book: OwnBook, moves: Movement["moves"]): Pick<Movement, "statesAfter"> {
  const changed = STATES.filter((state) => moves[state] !== 0);
  return changed.length === 0 ? {} : { statesAfter: Object.fromEntries(changed.map((state) => [state, book[state]])) };
}

function shifted(standing: FullStanding, delta: number, moves: Movement["moves"]): FullStanding {
  const states = STATES.reduce((sum, state) => sum + moves[state], 0);
  return {
    locationId: standing.locationId,
    ledger: standing.ledger + delta,
    floor: standing.floor + delta,
    available: standing.available + delta,
    onHand: standing.onHand + delta + states,
  };
}

/**
 * Key of the n-th movement (from 0) of one request. A space cannot stand in a key of a caller, so no caller's key is ever
 * taken for another's part.
 */
export const partKey = (key: MovementKey, n: number): MovementKey =>
  n === 0 ? key : fromStore<MovementKey>(`${key} ${n + 1}`);

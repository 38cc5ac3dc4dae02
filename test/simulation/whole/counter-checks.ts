/**
 * What must hold of one counter after each of its steps, read from its tables, as a new life would find it: units are
 * conserved, every key counts once, takes were accepted against what was certainly there, and the merge keeps its
 * invariants (docs/design/replica-merge.md).
 */
import { readCounterState } from "../../../durable-objects/sku-counter-rows.ts";
import type { CounterEvent, EventOutcome } from "../../../src/domain/counter/counter-event.ts";
import type { CounterState } from "../../../src/domain/counter/counter-state.ts";
import { viewOf } from "../../../src/domain/counter/levels.ts";
import type { HintId, ListingId, LocationId, SkuId } from "../../../src/domain/ids.ts";
import type { LevelsView } from "../../../src/domain/levels-view.ts";
import type { SqliteObjectStorage } from "../../support/sqlite/object-storage.ts";
import type { Evidence, Shown } from "../replica/evidence.ts";
import { checkState } from "../replica/invariants.ts";
import { check } from "../replica/violation.ts";

/** Told of every movement as it is booked. */
export type Booked = (movement: {
  readonly key: string;
  readonly kind: string;
  readonly locationId: LocationId;
  readonly delta: number;
}) => void;

type MovementRow = {
  readonly seq: number;
  readonly key: string;
  readonly kind: string;
  readonly location_id: string;
  readonly delta: number;
  readonly before: number;
  readonly after: number;
};

/** Everything that is shown under one version is the same. */
const contentOf = ({ asOf: _asOf, ...content }: LevelsView): string => JSON.stringify(content);

export class CounterChecks {
  readonly #skuId: SkuId;
  readonly #storage: SqliteObjectStorage;
  readonly #evidence: Evidence;
  readonly #meaningOf: (hintId: HintId) => Shown | null;
  readonly #booked: Booked;
  /** Per location: Σ of all movements, and of those that are ours. */
  readonly #sums = new Map<LocationId, number>();
  readonly #own = new Map<LocationId, number>();
  readonly #keys = new Set<string>();
  readonly #contents = new Map<number, string>();
  #seq = 0;
  #changes = -1;
  #state: CounterState | null = null;

  constructor(
    skuId: SkuId,
    storage: SqliteObjectStorage,
    evidence: Evidence,
    meaningOf: (hintId: HintId) => Shown | null,
    booked: Booked,
  ) {
    this.#booked = booked;
    this.#skuId = skuId;
    this.#storage = storage;
    this.#evidence = evidence;
    this.#meaningOf = meaningOf;
  }

  /** As stored after the last step; null before it was connected. */
  get state(): CounterState | null {
    return this.#state;
  }

  sumAt(locationId: LocationId): number {
    return this.#sums.get(locationId) ?? 0;
  }

  /** Whether the counter may use an answer: one to a read given up tells nothing. */
  hears(listingId: ListingId, readKey: string): boolean {
    return this.#state?.merge.listings.get(listingId)?.read?.key === readKey;
  }

  /** After any step. */
  stepped(): void {
    const { changes } = this.#storage;
    if (changes === this.#changes) return;
    this.#changes = changes;
    const before = this.#state;
    const state = readCounterState(this.#storage.sql, this.#skuId);
    if (state === null) return;
    this.#state = state;
    this.#readMovements();
    for (const { locationId, ledger } of state.shown) {
      check(
        ledger === this.sumAt(locationId),
        "units",
        () => `ledger ${ledger}, Σ movements ${this.sumAt(locationId)}`,
      );
    }
    checkState(state.merge, this.#own, this.#evidence);
    if (before !== null) this.#checkHints(before, state);
    this.#checkVersion(viewOf(state, 0), before);
  }

  /** An accepted take, or hold, leaves nothing below what is certainly there. */
  accepted(events: readonly CounterEvent[], outcomes: readonly EventOutcome[]): void {
    const [event] = events;
    const [outcome] = outcomes;
    if (event === undefined || outcome === undefined || events.length > 1 || this.#state === null) return;
    const places = takenAt(event, outcome);
    if (places.length === 0) return;
    const { shown } = this.#state;
    const total = shown.reduce((sum, level) => sum + level.floor, 0);
    for (const { locationId, floor } of shown) {
      if (!places.includes(locationId)) continue;
      check(
        Math.min(floor, total) >= 0,
        "guard",
        () => `${event.kind} left ${floor} at ${locationId}, in all ${total}`,
      );
    }
  }

  /** What the mirror holds is what the counter showed under that version. */
  checkMirrored(view: LevelsView): void {
    const shown = this.#contents.get(view.version);
    check(shown === contentOf(view), "mirror", () => `version ${view.version} was never shown like that`);
  }

  /** What a reply shows is what is stored, under that version. */
  checkShown(view: LevelsView): void {
    const stored = this.#contents.get(view.version);
    check(stored === contentOf(view), "memory", () => `a reply shows ${view.version} as it is not stored`);
  }

  /** Over the whole history, what was pruned included. */
  checkHistory(): void {
    const rows = this.#storage.sql
      .exec<{ location_id: string; units: number }>(
        `SELECT location_id, SUM(delta) AS units FROM (
           SELECT location_id, delta FROM movements UNION ALL SELECT location_id, delta FROM balances
         ) GROUP BY 1`,
      )
      .toArray();
    const sums = new Map(rows.map((row) => [row.location_id, row.units]));
    for (const { locationId, ledger } of this.#state?.shown ?? []) {
      const sum = sums.get(locationId) ?? 0;
      check(sum === ledger, "units", () => `ledger ${ledger} at ${locationId}, Σ movements and balances ${sum}`);
    }
  }

  #readMovements(): void {
    const rows = this.#storage.sql.exec<MovementRow>(
      "SELECT seq, key, kind, location_id, delta, before, after FROM movements WHERE seq > ? ORDER BY seq",
      this.#seq,
    );
    for (const { seq, key, kind, location_id, delta, before, after } of rows) {
      const location = location_id as LocationId;
      check(!this.#keys.has(key), "once", () => `${key} is booked twice`);
      this.#keys.add(key);
      const sum = this.sumAt(location);
      check(before === sum && after === sum + delta, "chain", () => `${key}: ${before} → ${after}, after ${sum}`);
      this.#sums.set(location, after);
      if (kind !== "shopify") this.#own.set(location, (this.#own.get(location) ?? 0) + delta);
      this.#seq = seq;
      this.#booked({ key, kind, locationId: location, delta });
    }
    for (const location of this.#state?.merge.locations ?? []) {
      if (!this.#own.has(location)) this.#own.set(location, 0);
    }
  }

  #checkVersion(view: LevelsView, before: CounterState | null): void {
    check(view.version >= (before?.version ?? 0), "version", () => `${before?.version} → ${view.version}`);
    const content = contentOf(view);
    const known = this.#contents.get(view.version);
    check(known === undefined || known === content, "version", () => `${view.version} shows two different levels`);
    this.#contents.set(view.version, content);
  }

  /**
   * A hint is dropped only when the change that it tells of has been seen; or, matched and never verified in ten minutes of
   * outage, for a read that is owed instead (seed 101007).
   */
  #checkHints(before: CounterState, after: CounterState): void {
    for (const [listingId, { hints }] of before.merge.listings) {
      const left = after.merge.listings.get(listingId)?.hints;
      if (left === hints) continue;
      const isReadOwed = (after.merge.listings.get(listingId)?.auditAtMs ?? 0) < Number.POSITIVE_INFINITY;
      for (const [id, hint] of hints) {
        if (left?.has(id) || (hint.left === 0 && isReadOwed)) continue;
        const change = this.#meaningOf(id);
        if (change === null) continue;
        const newest = this.#evidence.newestShown(change.listingId, change.locationId);
        check(newest >= change.n, "hint", () => `${id} is gone, and its change was never seen`);
      }
    }
  }
}

/** Where something was taken that had to be there. */
function takenAt(event: CounterEvent, outcome: EventOutcome): readonly LocationId[] {
  if (event.kind === "hold" && outcome.kind === "held") return outcome.holds.map(({ locationId }) => locationId);
  if (event.kind !== "movement" || outcome.kind !== "applied") return [];
  const { request } = event;
  if (request.allowNegative || request.delta >= 0) return [];
  const parts = outcome.parts ?? [outcome.movement];
  return parts.filter(({ delta }) => delta < 0).map(({ locationId }) => locationId);
}

/**
 * A counter on a desk: the state, the books that its object would keep beside it, and short words for what Shopify tells.
 * One listing at one place; stamps are Shopify's seconds, our clock is `nowMs`.
 */
import { applyBatch, type BatchResult, type BookedMovement } from "../../../../src/domain/counter/apply-batch.ts";
import type { CounterEvent, EventOutcome } from "../../../../src/domain/counter/counter-event.ts";
import { type CounterState, newCounter } from "../../../../src/domain/counter/counter-state.ts";
import { onHandChange } from "../../../../src/domain/counter/own-book.ts";
import { fromStore, type ListingId, type LocationId, type ReadKey } from "../../../../src/domain/ids.ts";
import type { LocationView } from "../../../../src/domain/levels-view.ts";
import type { Attribution } from "../../../../src/domain/replica/events.ts";
import { startRead, wants } from "../../../../src/domain/replica/start.ts";
import { MERGE_WINDOWS } from "../../../../src/domain/replica/windows.ts";

const SHOPIFY_EPOCH_MS = 1_000_000_000;
const OUR_START_MS = 5_000_000;
const DAY_MS = 86_400_000;
export const CONFIG = {
  windows: MERGE_WINDOWS,
  limits: { horizonMs: 30 * DAY_MS, levelMax: 1e9 },
  orderHorizonMs: 400 * DAY_MS,
};
export const LISTING = fromStore<ListingId>("a.myshopify.com/1");
export const PLACE = fromStore<LocationId>("1");
const correlationId = fromStore<never>("c");
const stampMs = (atS: number): number => SHOPIFY_EPOCH_MS + atS * 1_000;

export class CounterDesk {
  state: CounterState;
  nowMs = OUR_START_MS;
  readonly booked: BookedMovement[] = [];
  readonly attributions: Attribution[] = [];
  #reads = 0;

  constructor(available: number, committed = 0) {
    this.state = newCounter(fromStore("id"), fromStore("A"));
    const level = { locationId: PLACE, shopLocationId: fromStore<never>("1"), available, committed, atMs: stampMs(0) };
    this.apply({ kind: "connect", listingId: LISTING, levels: [level], correlationId });
  }

  apply(...events: readonly CounterEvent[]): readonly EventOutcome[] {
    const before = {
      movement: (key: unknown) => this.booked.find(({ movement }) => movement.key === key) ?? null,
      explained: (_listing: ListingId, hintId: unknown) =>
        this.attributions.reduce((sum, part) => (part.hintId === hintId ? sum + part.quantity : sum), 0),
      onHandSince: (locationId: LocationId, sinceMs: number) =>
        this.booked.reduce(
          (sum, { movement }) =>
            movement.locationId === locationId && movement.occurredAtMs > sinceMs && movement.listingId === null
              ? sum + onHandChange(movement)
              : sum,
          0,
        ),
    };
    const result: BatchResult = applyBatch(this.state, events, before, CONFIG, this.nowMs);
    this.state = result.state;
    this.booked.push(...result.booked);
    this.attributions.push(...result.attributions);
    return result.outcomes;
  }

  wait(ms: number): void {
    this.nowMs += ms;
    this.apply({ kind: "tick" });
  }

  get isReadWanted(): boolean {
    return wants(this.state.merge, this.nowMs, CONFIG.windows).get(LISTING) === "read";
  }

  startRead(): ReadKey {
    this.#reads += 1;
    const key = fromStore<ReadKey>(`r${this.#reads}`);
    const merge = startRead(this.state.merge, LISTING, key, this.nowMs);
    if (merge === null) throw new Error("no read may start");
    this.state = { ...this.state, merge };
    return key;
  }

  /** The answer to a read that may have been started long before. */
  answer(key: ReadKey, available: number, committed: number | null, atS: number): void {
    this.apply(answerOf(key, available, committed, atS));
  }

  read(available: number, committed: number | null, atS: number): void {
    this.answer(this.startRead(), available, committed, atS);
  }

  get shown(): Pick<LocationView, "available" | "committed" | "onHand"> {
    const [level] = this.state.shown;
    if (level === undefined) throw new Error("nothing is shown");
    const { available, committed, onHand } = level;
    return { available, committed, onHand };
  }

  /** Of every movement that Shopify made: its units, and what explains it. */
  get explained(): readonly (readonly [number, ...string[]])[] {
    return this.booked.slice(1).flatMap(({ movement: { kind, key, delta } }) => {
      if (kind !== "shopify") return [];
      const n = Number(key.slice(key.lastIndexOf("/") + 1));
      const parts = this.attributions.filter(({ settlement }) => settlement === n);
      return [[delta, ...parts.map(({ hintId, quantity }) => `${hintId} ${quantity}`)] as const];
    });
  }
}

export const answerOf = (key: ReadKey, available: number, committed: number | null, atS: number): CounterEvent => ({
  kind: "read_answered",
  listingId: LISTING,
  key,
  levels: [{ locationId: PLACE, available, committed, atMs: stampMs(atS) }],
});

/** Signed: an order takes, a restock gives. */
export const news = (id: string, quantity: number, atS: number, { commits = true } = {}): CounterEvent => ({
  kind: "hint",
  listingId: LISTING,
  id: fromStore(id),
  atMs: stampMs(atS),
  quantity,
  locationId: null,
  commits,
  correlationId,
});

export const level = (available: number, atS: number): CounterEvent => ({
  kind: "snapshot",
  listingId: LISTING,
  locationId: PLACE,
  shopLocationId: fromStore("1"),
  available,
  atMs: stampMs(atS),
  correlationId,
});

export const take = (key: string, units: number): CounterEvent => ({
  kind: "movement",
  request: {
    key: fromStore(key),
    fingerprint: `${units}`,
    locationId: null,
    delta: -units,
    allowNegative: false,
    cause: { reason: "sale", reference: null, source: "api", actor: "till", correlationId },
    occurredAtMs: OUR_START_MS,
  },
});

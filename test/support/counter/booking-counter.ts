/**
 * A counter of a stock that no shop shows, with the history that its object would keep: only the asked side of it is under
 * test. Our clock is `nowMs`.
 */
import { applyBatch, type BatchResult, type BookedMovement } from "../../../src/domain/counter/apply-batch.ts";
import type { CounterEvent, EventOutcome } from "../../../src/domain/counter/counter-event.ts";
import { type CounterState, newCounter } from "../../../src/domain/counter/counter-state.ts";
import { levelsOf } from "../../../src/domain/counter/levels.ts";
import type { Movement } from "../../../src/domain/counter/movement.ts";
import { onHandChange } from "../../../src/domain/counter/own-book.ts";
import { fromStore, type LocationId, type MovementKey } from "../../../src/domain/ids.ts";
import { DEFAULT_POLICY, type SkuPolicy } from "../../../src/domain/policy/sku-policy.ts";
import { emptyMerge } from "../../../src/domain/replica/connect.ts";
import { MERGE_WINDOWS } from "../../../src/domain/replica/windows.ts";

const DAY_MS = 86_400_000;
const CONFIG = {
  windows: MERGE_WINDOWS,
  limits: { horizonMs: 30 * DAY_MS, levelMax: 1e9 },
  orderHorizonMs: 400 * DAY_MS,
};

export class BookingCounter {
  state: CounterState;
  nowMs = 5_000_000;
  readonly movements: Movement[] = [];
  readonly #byKey = new Map<MovementKey, BookedMovement>();

  /** @param stock  units per location, in order of import */
  constructor(stock: Readonly<Record<string, number>>, policy: Partial<SkuPolicy> = {}) {
    const places = Object.keys(stock).map((id) => fromStore<LocationId>(id));
    const merge = { ...emptyMerge(places), own: new Map(places.map((id) => [id, 0])) };
    const base = newCounter(fromStore("id"), fromStore("SKU"));
    const empty = { ...base, merge, policy: { ...DEFAULT_POLICY, ...policy } };
    this.state = { ...empty, shown: levelsOf(empty) };
    this.apply(
      ...places.map((locationId): CounterEvent => {
        const cause = {
          ...{ reason: "opening", reference: null, source: "test", actor: "test" },
          correlationId: fromStore<never>("c"),
        };
        const key = fromStore<MovementKey>(`opening/${locationId}`);
        const at = { occurredAtMs: this.nowMs, allowNegative: true, fingerprint: "", kind: "receipt" as const };
        return { kind: "movement", request: { key, locationId, delta: stock[locationId] ?? 0, cause, ...at } };
      }),
    );
  }

  apply(...events: readonly CounterEvent[]): readonly EventOutcome[] {
    return this.batch(events).outcomes;
  }

  /** One event, and its outcome. */
  ask(event: CounterEvent): EventOutcome {
    const [outcome] = this.apply(event);
    if (outcome === undefined) throw new Error("no outcome");
    return outcome;
  }

  batch(events: readonly CounterEvent[]): BatchResult {
    const result = applyBatch(
      this.state,
      events,
      {
        movement: (key) => this.#byKey.get(key) ?? null,
        explained: () => 0,
        onHandSince: (locationId, sinceMs) =>
          this.movements.reduce(
            (sum, movement) =>
              movement.locationId === locationId && movement.occurredAtMs > sinceMs
                ? sum + onHandChange(movement)
                : sum,
            0,
          ),
      },
      CONFIG,
      this.nowMs,
    );
    this.state = result.state;
    for (const booked of result.booked) {
      if (this.#byKey.has(booked.movement.key)) throw new Error(`booked twice: ${booked.movement.key}`);
      this.#byKey.set(booked.movement.key, booked);
      this.movements.push(booked.movement);
    }
    return result;
  }

  wait(ms: number): void {
    this.nowMs += ms;
    this.apply({ kind: "tick" });
  }

  /** As pruning does, thirty days on. */
  forgetHistory(): void {
    this.#byKey.clear();
  }

  /** Numbers of one location as shown. */
  at(locationId: string) {
    const level = this.state.shown.find((each) => each.locationId === locationId);
    if (level === undefined) throw new Error(`no location ${locationId}`);
    const { available, reserved, committed, damaged, onHand } = level;
    return { available, reserved, committed, damaged, onHand };
  }

  get total() {
    const sum = (field: "available" | "reserved" | "committed" | "onHand" | "floor"): number =>
      this.state.shown.reduce((total, level) => total + level[field], 0);
    return { available: sum("available"), reserved: sum("reserved"), committed: sum("committed"), floor: sum("floor") };
  }
}

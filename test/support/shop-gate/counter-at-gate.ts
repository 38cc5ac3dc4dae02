/**
 * A real counter (merge, books, what it hands out, what it makes of results) beside the gate of a GateWorld: only the
 * object around it and the queue between them are left out. `turn` is what a dirty signal does.
 */

import { eventsOfResults } from "../../../durable-objects/sku-counter-results.ts";
import { startOpenWork } from "../../../durable-objects/sku-counter-work.ts";
import { applyBatch } from "../../../src/domain/counter/apply-batch.ts";
import type { CounterEvent } from "../../../src/domain/counter/counter-event.ts";
import { type CounterState, newCounter } from "../../../src/domain/counter/counter-state.ts";
import { fromStore, type ListingId } from "../../../src/domain/ids.ts";
import { MERGE_WINDOWS } from "../../../src/domain/replica/windows.ts";
import type { GateWorld } from "./gate-world.ts";

const CONFIG = {
  windows: MERGE_WINDOWS,
  limits: { horizonMs: 30 * 86_400_000, levelMax: 1e9 },
  orderHorizonMs: 400 * 86_400_000,
};
export const COUNTER_ITEM = "1001";
export const COUNTER_LISTING = fromStore<ListingId>(`shop-a.myshopify.com/${COUNTER_ITEM}`);

export class CounterAtGate {
  state: CounterState;
  readonly #world: GateWorld;
  #minted = 0;

  constructor(world: GateWorld, available: number) {
    this.#world = world;
    this.state = newCounter(fromStore("sku-a"), fromStore("A"));
    const level = {
      locationId: fromStore("1"),
      shopLocationId: fromStore("1"),
      available,
      committed: 0,
      atMs: world.nowMs,
    };
    world.shopify.levels.set(`${COUNTER_ITEM}@1`, available);
    this.apply({
      kind: "connect",
      listingId: COUNTER_LISTING,
      levels: [level as never],
      correlationId: fromStore("connect"),
    });
  }

  get available(): number | undefined {
    return this.state.shown[0]?.available;
  }

  get floor(): number | undefined {
    return this.state.shown[0]?.floor;
  }

  apply(...events: readonly CounterEvent[]): void {
    this.state = applyBatch(
      this.state,
      events,
      { movement: () => null, explained: () => 0, onHandSince: () => 0 },
      CONFIG,
      this.#world.nowMs,
    ).state;
  }

  move(delta: number): void {
    this.#minted += 1;
    const cause = {
      reason: "sale",
      reference: null,
      source: "api",
      actor: "till",
      correlationId: fromStore<never>("c"),
    };
    this.apply({
      kind: "movement",
      request: {
        ...{ key: fromStore(`m${this.#minted}`), fingerprint: "", locationId: null, delta, allowNegative: true },
        ...{ cause, occurredAtMs: this.#world.nowMs },
      },
    });
  }

  audit(): void {
    this.apply({ kind: "audit", listingId: COUNTER_LISTING });
  }

  /** Hear what the gate told, as often as it likes; hand out what is due. `isLost`: the submit never arrives. */
  turn({ isLost = false } = {}): void {
    const { pushes, reads } = this.#world.counter(this.state.skuId);
    this.apply(...eventsOfResults(this.state, { pushes: [...pushes.values()], reads }), { kind: "tick" });
    const shop = fromStore<Parameters<typeof startOpenWork>[1]>("shop-a.myshopify.com");
    const { counter, work } = startOpenWork(
      this.state,
      shop,
      { correlationId: fromStore("turn"), receivedAtMs: null },
      CONFIG.windows,
      this.#world.nowMs,
      () => String(++this.#minted),
    );
    this.state = counter;
    if (!isLost) this.#world.gate.submit(work);
  }
}

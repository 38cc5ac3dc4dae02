import { describe, expect, it } from "vitest";
import { applyBatch } from "../../../../src/domain/counter/apply-batch.ts";
import type { CounterEvent } from "../../../../src/domain/counter/counter-event.ts";
import { type CounterState, newCounter } from "../../../../src/domain/counter/counter-state.ts";
import { viewOf } from "../../../../src/domain/counter/levels.ts";
import { fromStore, type ListingId, type LocationId, type ShopLocationId } from "../../../../src/domain/ids.ts";
import { MERGE_WINDOWS } from "../../../../src/domain/replica/windows.ts";

const OPENED_MS = Date.parse("2026-11-22T12:00:00Z");
const SOLD_MS = OPENED_MS + 60_000;
const LISTING = fromStore<ListingId>("a.myshopify.com/1");
const [HERE, THERE] = [fromStore<LocationId>("11"), fromStore<LocationId>("22")];
const CONFIG = { windows: MERGE_WINDOWS, limits: { horizonMs: 1_000_000, levelMax: 1_000 }, orderHorizonMs: 1_000_000 };

const FRESH = newCounter(fromStore("id"), fromStore("SKU"));
const apply = (state: CounterState, ...events: readonly CounterEvent[]) =>
  applyBatch(state, events, { movement: () => null, explained: () => 0, onHandSince: () => 0 }, CONFIG, SOLD_MS);

const connect = (...levels: readonly [LocationId, number][]): CounterEvent => ({
  kind: "connect",
  listingId: LISTING,
  levels: levels.map(([locationId, available]) => ({
    locationId,
    shopLocationId: fromStore<ShopLocationId>(locationId),
    available,
    committed: 0,
    atMs: OPENED_MS,
  })),
  correlationId: fromStore("import"),
});
const sale = (locationId: LocationId | null): CounterEvent => ({
  kind: "hint",
  listingId: LISTING,
  id: fromStore("order/1/1"),
  atMs: SOLD_MS,
  quantity: -2,
  locationId,
  commits: true,
  correlationId: fromStore("order"),
});
const level = (available: number): CounterEvent => ({
  kind: "snapshot",
  listingId: LISTING,
  locationId: HERE,
  shopLocationId: fromStore<ShopLocationId>(HERE),
  available,
  atMs: SOLD_MS,
  correlationId: fromStore("level"),
});

describe("applyBatch", () => {
  it("reserves a till's sale at a place where the item has no level yet: its level will follow", () => {
    const opened = apply(FRESH, connect([HERE, 10]));
    const { outcomes, state } = apply(opened.state, sale(THERE));
    expect(outcomes).toEqual([{ kind: "noted" }]);
    expect(viewOf(state, SOLD_MS)).toMatchObject({ available: 8, floor: 8 });
  });

  it("raises the version when an order becomes a level: the sum is the same, what it is made of is not", () => {
    const opened = apply(FRESH, connect([HERE, 10]));
    const ordered = apply(opened.state, sale(null)).state;
    const shown = apply(ordered, level(8)).state;
    expect([ordered, shown].map((state) => state.shown[0])).toMatchObject([
      { available: 8, committed: 2, ledger: 10, anticipated: 2 },
      { available: 8, committed: 2, ledger: 8, anticipated: 0 },
    ]);
    expect(shown.version).toBe(ordered.version + 1);
  });

  it("leaves the version alone when nothing that is shown changes", () => {
    const opened = apply(FRESH, connect([HERE, 10])).state;
    expect(apply(opened, { kind: "audit", listingId: LISTING }).state.version).toBe(opened.version);
  });
});

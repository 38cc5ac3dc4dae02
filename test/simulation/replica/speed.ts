/**
 * How long a batch takes: node test/simulation/replica/speed.ts
 * A flash sale puts thousands of hints on one SKU; the merge must stay far below the time between two batches.
 */
import { fromStore, type HintId, type ListingId, type LocationId } from "../../../src/domain/ids.ts";
import { emptyMerge } from "../../../src/domain/replica/connect.ts";
import type { MergeEvent } from "../../../src/domain/replica/events.ts";
import { applyEvents } from "../../../src/domain/replica/merge.ts";
import { nextTickMs } from "../../../src/domain/replica/next-tick.ts";
import { wants } from "../../../src/domain/replica/start.ts";
import type { MergeState } from "../../../src/domain/replica/state.ts";
import { truthOf } from "../../../src/domain/replica/truth.ts";
import { MERGE_WINDOWS } from "../../../src/domain/replica/windows.ts";

const ROUNDS = 300;
const LISTING = fromStore<ListingId>("shop/1");
const PLACES = [fromStore<LocationId>("L1"), fromStore<LocationId>("L2")];
const START_MS = 1_000_000_000;

let hints = 0;
const order = (atMs: number): MergeEvent => ({
  kind: "hint",
  listingId: LISTING,
  id: fromStore<HintId>(`shop/order/${++hints}`),
  atMs,
  quantity: -1,
  locationId: null,
  commits: true,
});

const snapshot = (available: number, atMs: number): MergeEvent => ({
  kind: "snapshot",
  listingId: LISTING,
  locationId: fromStore<LocationId>("L1"),
  available,
  atMs,
});

/** One listing at two locations; `open` orders, of which a share is explained already, and `spares` unexplained changes. */
function worldOf({ open, explained, spares }: { open: number; explained: number; spares: number }): MergeState {
  const levels: MergeEvent[] = PLACES.map((locationId) => ({
    kind: "adopt",
    listingId: LISTING,
    locationId,
    available: 1_000_000,
    atMs: START_MS,
  }));
  let { state } = applyEvents(emptyMerge(PLACES), levels, START_MS, MERGE_WINDOWS);
  let available = 1_000_000;
  for (let k = 0; k < spares; k++) {
    available -= 1;
    state = applyEvents(state, [snapshot(available, START_MS + 1_000 * (k + 1))], START_MS, MERGE_WINDOWS).state;
  }
  const atMs = START_MS + 1_000 * (spares + 10);
  state = applyEvents(
    state,
    Array.from({ length: open }, () => order(atMs)),
    START_MS,
    MERGE_WINDOWS,
  ).state;
  return applyEvents(state, [snapshot(available - explained, atMs)], START_MS, MERGE_WINDOWS).state;
}

function batchOn(state: MergeState, orders: number, snapshots: number): readonly MergeEvent[] {
  const level = state.listings.get(LISTING)?.levels.get(fromStore<LocationId>("L1"));
  const [available, atMs] = [level?.effective ?? 0, level?.atMs ?? START_MS];
  return [
    ...Array.from({ length: orders }, () => order(atMs + 500)),
    ...Array.from({ length: snapshots }, (_, k) => snapshot(available - 2 * (k + 1), atMs + 1_000)),
  ];
}

const at = (times: readonly number[], share: number): string =>
  `${((times[Math.floor(times.length * share)] ?? 0) * 1_000).toFixed(0)} µs`.padStart(9);

function measure(name: string, state: MergeState, orders: number, snapshots: number): void {
  const applied: number[] = [];
  const asked: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const events = batchOn(state, orders, snapshots);
    const startedMs = performance.now();
    const { state: after } = applyEvents(state, events, START_MS + 100, MERGE_WINDOWS);
    const doneMs = performance.now();
    truthOf(after);
    wants(after, START_MS + 100, MERGE_WINDOWS);
    nextTickMs(after, MERGE_WINDOWS, START_MS + 100);
    asked.push(performance.now() - doneMs);
    applied.push(doneMs - startedMs);
  }
  for (const times of [applied, asked]) times.sort((a, b) => a - b);
  console.log(
    `${name.padEnd(58)} apply p50 ${at(applied, 0.5)}  p99 ${at(applied, 0.99)}   truth, wants, next tick p50 ${at(asked, 0.5)}`,
  );
}

measure("100 events, 20 open hints", worldOf({ open: 20, explained: 10, spares: 0 }), 70, 30);
measure("100 events, 20 open hints (warm)", worldOf({ open: 20, explained: 10, spares: 0 }), 70, 30);
measure("100 events, 5,000 open hints, none explained", worldOf({ open: 5_000, explained: 0, spares: 0 }), 70, 30);
measure("100 events, 5,000 open hints, all explained", worldOf({ open: 5_000, explained: 5_000, spares: 0 }), 70, 30);
measure(
  "100 events, 5,000 open hints, half, 1,000 spares",
  worldOf({ open: 5_000, explained: 2_500, spares: 1_000 }),
  70,
  30,
);
measure("1 snapshot, 5,000 open hints", worldOf({ open: 5_000, explained: 2_500, spares: 0 }), 0, 1);
measure("1 snapshot, no hints", worldOf({ open: 0, explained: 0, spares: 0 }), 0, 1);

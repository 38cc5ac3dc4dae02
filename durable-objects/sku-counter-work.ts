/** What a counter hands out for one shop: what is open already, under its old keys, and what can be started now. */
import type { CounterState } from "../src/domain/counter/counter-state.ts";
import type { OutboxEntry } from "../src/domain/counter/outbox.ts";
import {
  fromStore,
  type ListingId,
  type PushKey,
  partsOfListing,
  type ReadKey,
  type ShopDomain,
} from "../src/domain/ids.ts";
import type { PushRow } from "../src/domain/replica/events.ts";
import { openPushes, recalledPushes, startPush, startRead, startRecall, wants } from "../src/domain/replica/start.ts";
import type { MergeWindows } from "../src/domain/replica/state.ts";
import type { OpenWork } from "../src/services/counter-contract.ts";
import type { GatePush, GateRead, GateRow } from "../src/services/gate-contract.ts";

/** @returns the counter with what was minted noted as open: write it before handing the work out */
export function startOpenWork(
  counter: CounterState,
  shop: ShopDomain,
  { correlationId, receivedAtMs }: Pick<OutboxEntry, "correlationId" | "receivedAtMs">,
  windows: MergeWindows,
  nowMs: number,
  newId: () => string,
): { readonly counter: CounterState; readonly work: OpenWork } {
  let { merge } = counter;
  for (const [listingId, want] of wants(merge, nowMs, windows)) {
    if (partsOfListing(listingId).shop !== shop) continue;
    if (want === "push")
      merge = startPush(merge, listingId, fromStore<PushKey>(`push_${newId()}`), nowMs, windows)?.state ?? merge;
    else if (want === "recall") merge = startRecall(merge, listingId, nowMs, windows) ?? merge;
    else merge = startRead(merge, listingId, fromStore<ReadKey>(`read_${newId()}`), nowMs) ?? merge;
  }
  const started = { ...counter, merge };
  const pushes: GatePush[] = [];
  const reads: GateRead[] = [];
  const recalls: PushKey[] = [];
  for (const [listingId, listing] of merge.listings) {
    if (partsOfListing(listingId).shop !== shop) continue;
    for (const [pushKey, { kind, rows }] of openPushes(merge, listingId)) {
      pushes.push({
        pushKey,
        skuId: counter.skuId,
        listingId,
        kind,
        rows: toGateRows(started, listingId, rows),
        correlationId,
        receivedAtMs,
        // What it takes off sale may be sold a second time until it has arrived: it is sold already, elsewhere.
        urgent: counter.oversell !== null && rows.some(({ delta }) => delta < 0),
      });
    }
    recalls.push(...recalledPushes(merge, listingId, nowMs, windows));
    if (listing.read !== null) reads.push(toGateRead(started, listingId, listing.read.key));
  }
  return { counter: started, work: { pushes, reads, recalls } };
}

function toGateRows(counter: CounterState, listingId: ListingId, rows: readonly PushRow[]): readonly GateRow[] {
  const { item } = partsOfListing(listingId);
  return rows.flatMap(({ locationId, delta }) => {
    const book = counter.books.get(listingId)?.get(locationId);
    return book === undefined ? [] : { item, location: book.shopLocationId, delta };
  });
}

function toGateRead(counter: CounterState, listingId: ListingId, readKey: ReadKey): GateRead {
  const { item } = partsOfListing(listingId);
  const locations = Array.from(counter.books.get(listingId)?.values() ?? [], (book) => book.shopLocationId);
  return { readKey, skuId: counter.skuId, listingId, item, locations };
}

/** Connecting and disconnecting: where a pool of stock must not be counted once per shop that shows it (B13). */
import type { ListingId } from "../ids.ts";
import type { BatchDraft } from "./batch-draft.ts";
import { conclude } from "./conclude.ts";
import { adoptedLevel, mirroredLevel } from "./connect.ts";
import type { MergeEvent } from "./events.ts";
import type { MergeWindows } from "./state.ts";

/**
 * Adds a level, and its location if it is new. A known level is left alone. The first listing of a location may adopt;
 * any other mirrors, whatever was asked for, or one pool of 10 would count as 20.
 */
export function connectLevel(
  batch: BatchDraft,
  event: Extract<MergeEvent, { readonly kind: "adopt" | "mirror" }>,
): void {
  const { listingId, locationId } = event;
  const draft = batch.draftOrNew(listingId);
  if (draft.levels.get(locationId) !== undefined) return;
  batch.addOwn(locationId, 0);
  const adopts = event.kind === "adopt" && !batch.isStockedElsewhere(listingId, locationId);
  const level = adopts ? adoptedLevel(event) : mirroredLevel(event);
  draft.levels.set(locationId, level);
  if (adopts) draft.evidence.set(locationId, { kind: "adopted", settled: level.settled });
}

/**
 * Forgets a listing without losing its stock: what it contributed becomes ours. A doubt is settled at its lowest first,
 * and units that its orders have taken count as gone, because nobody will resolve either any more, and no unit may be
 * invented: what was certainly there stays so, to the unit.
 */
export function disconnectListing(batch: BatchDraft, listingId: ListingId, nowMs: number, windows: MergeWindows): void {
  const draft = batch.draftOf(listingId);
  if (draft === undefined) return;
  conclude(draft, nowMs, windows);
  const open = [...draft.hints.current.values()].filter(({ left }) => left < 0);
  for (const [locationId, level] of draft.levels.current) {
    const orders = open.filter(({ predicted }) => predicted === locationId);
    const after = level.lowest + orders.reduce((sum, { left }) => sum + left, 0);
    batch.addOwn(locationId, after);
    if (after === level.settled) continue;
    const settlement = level.settlements + 1;
    const { settled: before, atMs, explained } = level;
    batch.report.settlements.push({ listingId, locationId, n: settlement, before, after, atMs, evidence: "snapshot" });
    const parts = [
      ...explained,
      ...orders.map(({ id: hintId, left: quantity, commits }) => ({ hintId, quantity, commits })),
    ];
    for (const part of parts) batch.report.attributions.push({ listingId, locationId, settlement, ...part });
  }
  batch.remove(listingId);
}

/**
 * The merge of Shopify's stock with ours: events in, new state and the books' entries out. Pure: no clock, no I/O, no
 * random. Only `own` events change X, only evidence of Shopify's level changes what Shopify contributes; orders never
 * touch the ledger. If this is wrong, stock is invented or lost; docs/design/replica-merge.md tells why it is not.
 */
import { BatchDraft } from "./batch-draft.ts";
import { conclude } from "./conclude.ts";
import { connectLevel, disconnectListing } from "./connect-level.ts";
import type { MergeEvent, MergeResult } from "./events.ts";
import type { ListingDraft } from "./listing-draft.ts";
import { applyPush, failPush, returnPush } from "./push-end.ts";
import { answerRead, failRead } from "./read-end.ts";
import type { MergeState, MergeWindows } from "./state.ts";
import { takeHint } from "./take-hint.ts";
import { takeSnapshot } from "./take-snapshot.ts";

/**
 * Applies a batch in order, then concludes once per touched listing: a flash sale may bring a hundred events at once.
 * Timers of untouched listings need a `tick`. Unknown listings, levels and keys are ignored, and so are repeats.
 * @param nowMs  our clock: it sets and fires timers, and is never compared with Shopify's stamps
 * @returns the new state, in which unchanged parts are the same objects, and what belongs into the books
 */
export function applyEvents(
  state: MergeState,
  events: readonly MergeEvent[],
  nowMs: number,
  windows: MergeWindows,
): MergeResult {
  const batch = new BatchDraft(state);
  for (const event of events) applyEvent(batch, event, nowMs, windows);
  for (const draft of batch.drafts.values()) conclude(draft, nowMs, windows);
  return { state: batch.result(), ...batch.report };
}

function applyEvent(batch: BatchDraft, event: MergeEvent, nowMs: number, windows: MergeWindows): void {
  switch (event.kind) {
    case "own":
      batch.addOwn(event.locationId, event.delta);
      break;
    case "tick":
      for (const listingId of batch.listingIds) batch.draftOf(listingId);
      break;
    case "adopt":
    case "mirror":
      connectLevel(batch, event);
      break;
    case "disconnect":
      disconnectListing(batch, event.listingId, nowMs, windows);
      break;
    default: {
      const draft = batch.draftOf(event.listingId);
      if (draft !== undefined) applyToListing(batch, draft, event, nowMs, windows);
    }
  }
}

type ListingEvent = Exclude<MergeEvent, { readonly kind: "own" | "tick" | "adopt" | "mirror" | "disconnect" }>;

function applyToListing(
  batch: BatchDraft,
  draft: ListingDraft,
  event: ListingEvent,
  nowMs: number,
  windows: MergeWindows,
): void {
  switch (event.kind) {
    case "snapshot":
      takeSnapshot(draft, event, nowMs, windows.tieMs);
      break;
    case "hint":
      takeHint(draft, event, batch.locations, nowMs, windows);
      break;
    case "push_applied":
      applyPush(draft, event, nowMs, windows);
      break;
    case "push_failed":
      failPush(draft, event, nowMs, windows);
      break;
    case "push_returned":
      returnPush(draft, event.key);
      break;
    // An answer that comes after its read was given up is no read of now: a push may have gone out since.
    case "read_answered":
      if (draft.read?.key === event.key) answerRead(draft, event.levels, nowMs, windows);
      break;
    case "read_failed":
      if (draft.read?.key === event.key) failRead(draft, nowMs, windows);
      break;
    case "audit":
      draft.auditAtMs = Math.min(draft.auditAtMs, nowMs + (event.inMs ?? 0));
      break;
    case "rules":
      draft.rules = event.rules;
      // Somebody's word is carried out at once; only what sales bring about may wait.
      draft.noReleaseBeforeMs = 0;
      break;
    case "unpark":
      draft.patchLevel(event.locationId, { parked: null });
      break;
    // It may be late, and the level stocked again meanwhile: only the read knows.
    case "level_gone": {
      const level = draft.levels.get(event.locationId);
      if (level === undefined) break;
      draft.patchLevel(event.locationId, { parked: level.parked ?? "missing" });
      draft.auditAtMs = Math.min(draft.auditAtMs, nowMs);
      break;
    }
  }
}

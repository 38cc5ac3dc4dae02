/** An absolute level arrives. It is only kept here; what it proves is concluded once per batch. */

import { withoutSuperseded } from "./evaluate-level.ts";
import type { MergeEvent } from "./events.ts";
import type { ListingDraft } from "./listing-draft.ts";
import type { Snapshot } from "./state.ts";

export type SnapshotEvent = Extract<MergeEvent, { readonly kind: "snapshot" }>;

/** A level that is not connected is ignored, and so is one that is pending already (B10). */
export function takeSnapshot(draft: ListingDraft, event: SnapshotEvent, nowMs: number, tieMs: number): void {
  const level = draft.levels.get(event.locationId);
  if (level === undefined) return;
  const snapshot: Snapshot = { available: event.available, atMs: event.atMs, n: level.sentN };
  const pending = withSnapshot(level.pending, snapshot);
  // The answer of a read under way starts afresh from these, so that one newer than the answer wins.
  const since = level.since === null ? null : withoutSuperseded(withSnapshot(level.since, snapshot), tieMs);
  // News of a level that a read did not find: it may be late, or the level is back. A read tells.
  if (level.parked === "missing" && event.atMs > level.atMs) draft.auditAtMs = Math.min(draft.auditAtMs, nowMs);
  if (pending !== level.pending || since !== level.since) draft.patchLevel(event.locationId, { pending, since });
}

/**
 * Of two equal ones the first stays, unless a push was sent between them: the first cannot contain it, and the second
 * may be an order hidden by it.
 */
function withSnapshot(snapshots: readonly Snapshot[], added: Snapshot): readonly Snapshot[] {
  const { available, atMs, n } = added;
  const known = snapshots.some((other) => other.available === available && other.atMs === atMs && other.n === n);
  return known ? snapshots : [...snapshots, added];
}

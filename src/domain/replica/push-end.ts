/** How a push ends: applied, at a time that Shopify told or not, or certainly not applied. */
import type { LocationId, PushKey } from "../ids.ts";
import { sentTotal } from "./containment.ts";
import type { MergeEvent } from "./events.ts";
import type { ListingDraft } from "./listing-draft.ts";
import type { LevelReplica, MergeWindows } from "./state.ts";

type Applied = Extract<MergeEvent, { readonly kind: "push_applied" }>;
type Failed = Extract<MergeEvent, { readonly kind: "push_failed" }>;

/**
 * Fixes when the push happened, which decides what snapshots contain it. Where Shopify told the level after it, that
 * is a free read, unless the base is newer. Repeats and unknown keys are ignored.
 */
export function applyPush(draft: ListingDraft, event: Applied, nowMs: number, windows: MergeWindows): void {
  const push = draft.open.get(event.key);
  if (push === undefined) return;
  draft.open.delete(event.key);
  draft.failures = 0;
  draft.noPushBeforeMs = 0;
  if (event.atMs === null) {
    // It stays possible in every snapshot; the read contains it for certain.
    draft.auditAtMs = Math.min(draft.auditAtMs, nowMs);
    return;
  }
  for (const locationId of push.rows.keys()) {
    const level = draft.levels.get(locationId);
    if (level === undefined) continue;
    const pushes = level.pushes.map((push) => (push.key === event.key ? { ...push, atMs: event.atMs } : push));
    draft.patchLevel(locationId, { pushes, ...measuredAfter(draft, locationId, level, event, windows) });
  }
}

function measuredAfter(
  draft: ListingDraft,
  locationId: LocationId,
  level: LevelReplica,
  { key, atMs, after }: Applied,
  { tieMs }: MergeWindows,
): Partial<LevelReplica> {
  const told = after?.get(locationId);
  const push = level.pushes.find((candidate) => candidate.key === key);
  if (told === undefined || push === undefined || atMs === null || atMs < level.atMs - tieMs) return {};
  const settled = told - sentTotal(level);
  draft.evidence.set(locationId, { kind: "push", settled });
  return { settled, atMs: Math.max(level.atMs, atMs), containedN: push.n };
}

/** Takes the push back, and lets the next one wait: 2, 4, 8 … s. The named levels take no push until unparked. */
export function failPush(draft: ListingDraft, event: Failed, nowMs: number, windows: MergeWindows): void {
  if (!takeBack(draft, event.key)) return;
  for (const locationId of event.park) draft.patchLevel(locationId, { parked: "refused" });
  draft.failures += 1;
  const pauseMs = Math.min(windows.failBackoffMs * 2 ** (draft.failures - 1), windows.failBackoffMsMax);
  draft.noPushBeforeMs = nowMs + pauseMs;
}

/**
 * Takes the push back without any pause: nothing failed. What is still owed is minted anew, after the read that it
 * stood in the way of. What snapshots say is certain from now on.
 */
export function returnPush(draft: ListingDraft, key: PushKey): void {
  takeBack(draft, key);
}

/** @returns whether it was open */
function takeBack(draft: ListingDraft, key: PushKey): boolean {
  const push = draft.open.get(key);
  if (push === undefined) return false;
  draft.open.delete(key);
  for (const locationId of push.rows.keys()) withdraw(draft, locationId, key);
  return true;
}

function withdraw(draft: ListingDraft, locationId: LocationId, key: PushKey): void {
  const level = draft.levels.get(locationId);
  const push = level?.pushes.find((candidate) => candidate.key === key);
  if (level === undefined || push === undefined) return;
  const pushes = level.pushes.filter((other) => other !== push);
  draft.patchLevel(locationId, { pushes, moved: level.moved - (push.kind === "move" ? push.delta : 0) });
}

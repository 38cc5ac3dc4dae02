/** What follows from a batch, or from time alone: what is over is dropped, and timers are set. */
import { coverOf } from "./cover.ts";
import { hintSums } from "./hint-sums.ts";
import type { ListingDraft } from "./listing-draft.ts";
import { failRead } from "./read-end.ts";
import type { MergeWindows } from "./state.ts";

/**
 * Pushes remembered at one level before a read is asked for. Each push echoes as a snapshot that lets it be forgotten,
 * so that many in a row say that no snapshots arrive; the read keeps the state small, and tells what was missed. A
 * parked level takes no more pushes, and its read may not find it.
 */
export const REMEMBERED_PUSHES_MAX = 64;

export function keepHouse(draft: ListingDraft, nowMs: number, windows: MergeWindows): void {
  if (draft.read !== null && nowMs >= draft.read.startedMs + windows.readTimeoutMs) failRead(draft, nowMs, windows);
  if (draft.noPushBeforeMs <= nowMs) draft.noPushBeforeMs = 0;
  if (draft.noReleaseBeforeMs <= nowMs) draft.noReleaseBeforeMs = 0;
  if (draft.open.current.size === 0) draft.noRecallBeforeMs = 0;
  dropSpares(draft, nowMs);
  dropHints(draft, nowMs, windows);
  const levels = [...draft.levels.current.values()];
  // Kept while any doubt lasts: were it set anew after each push, pushes back to back would put the read off for ever.
  draft.doubtAtMs = levels.some((level) => level.pending.length > 0)
    ? Math.min(draft.doubtAtMs, nowMs + windows.settleMs)
    : Number.POSITIVE_INFINITY;
  if (levels.some((level) => !level.parked && level.pushes.length > REMEMBERED_PUSHES_MAX)) {
    draft.auditAtMs = Math.min(draft.auditAtMs, nowMs);
  }
}

function dropSpares(draft: ListingDraft, nowMs: number): void {
  const kept = draft.spares.filter((spare) => spare.amount !== 0 && spare.expiresMs > nowMs);
  if (kept.length !== draft.spares.length) draft.spares = kept;
}

/** A read that started after a hint came has shown all that the hint could tell. */
function dropHints(draft: ListingDraft, nowMs: number, windows: MergeWindows): void {
  // Only evidence covers a hint, only a level's change explains one: without both, none but the oldest can be over.
  const isOldestOver = nowMs >= hintSums(draft.before.hints).firstExplainedMs + windows.hintTtlMs;
  if (!draft.readAnswered && !isOldestOver && draft.levels.current === draft.before.levels) return;
  const isCovered = coverOf(draft.levels.current, windows.slackMs);
  let isUnverified = false;
  draft.hints.keep((hint) => {
    if (hint.generation < draft.heardBefore || isCovered(hint)) return false;
    if (hint.left !== 0 || nowMs < hint.seenMs + windows.hintTtlMs) return true;
    isUnverified = true;
    return false;
  });
  // It may have been matched with somebody else's change, and no read has told in all this time: one is still owed.
  if (isUnverified) draft.auditAtMs = Math.min(draft.auditAtMs, nowMs);
}

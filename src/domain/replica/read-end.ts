/** How a read ends. While it was under way nothing was pushed, so an answer contains every push, exactly. */
import type { LocationId } from "../ids.ts";
import { sentTotal } from "./containment.ts";
import type { ReadLevel } from "./events.ts";
import type { ListingDraft } from "./listing-draft.ts";
import type { MergeWindows, Push } from "./state.ts";

/**
 * Measures Shopify's contribution anew at every level of the answer, stamped with that level's own time: one time for
 * all would drop a sale in between as stale (B6). A level that is missing is no longer stocked there: it is parked until a
 * read finds it again.
 */
export function answerRead(
  draft: ListingDraft,
  levels: readonly ReadLevel[],
  nowMs: number,
  windows: MergeWindows,
): void {
  const answered = new Map<LocationId, ReadLevel>(levels.map((level) => [level.locationId, level]));
  for (const [locationId, level] of draft.levels.current) {
    if (level.since === null) continue; // connected while the read was under way: not asked for
    const told = answered.get(locationId);
    // What arrived while the read was under way may be newer than its answer; what was pending before is not.
    const measured = { pending: level.since, since: null };
    if (told === undefined) {
      draft.patchLevel(locationId, { ...measured, parked: level.parked ?? "missing" });
      continue;
    }
    const parked = level.parked === "missing" ? null : level.parked;
    const settled = told.available - sentTotal(level);
    const pushes = timedBy(told.atMs, level.pushes);
    const { atMs } = told;
    draft.patchLevel(locationId, { ...measured, parked, settled, atMs, containedN: level.sentN, pushes });
    draft.evidence.set(locationId, { kind: "read", settled });
  }
  draft.spares = [];
  draft.doubtAtMs = Number.POSITIVE_INFINITY;
  // Asked for after the read started: the answer may be older than the reason.
  if (draft.read !== null && draft.auditAtMs <= draft.read.startedMs) draft.auditAtMs = Number.POSITIVE_INFINITY;
  draft.readAnswered = true;
  draft.read = null;
  draft.noReadBeforeMs = nowMs + windows.minReadMs;
}

/**
 * A push that Shopify told no time for happened with the level's last change at the latest. The bound is all that is
 * needed: a snapshot from before it may still come, and must not look like a loss.
 */
function timedBy(atMs: number, pushes: readonly Push[]): readonly Push[] {
  return pushes.some((push) => push.atMs === null)
    ? pushes.map((push) => (push.atMs === null ? { ...push, atMs } : push))
    : pushes;
}

/** What was pending is still pending: the next read is due as before, after a pause. */
export function failRead(draft: ListingDraft, nowMs: number, windows: MergeWindows): void {
  draft.patchLevels({ since: null });
  draft.read = null;
  draft.noReadBeforeMs = nowMs + windows.minReadMs;
}

/** What a batch proves for one listing: levels are evaluated, changes counted and explained, the house kept. */
import type { LocationId } from "../ids.ts";
import { mirroredLevel } from "./connect.ts";
import { evaluateLevel } from "./evaluate-level.ts";
import type { Settlement } from "./events.ts";
import { explainLevel } from "./explain-level.ts";
import { keepHouse } from "./housekeeping.ts";
import type { ListingDraft } from "./listing-draft.ts";
import type { LevelReplica, MergeWindows } from "./state.ts";

type ChangedLevel = { readonly locationId: LocationId; readonly before: LevelReplica; readonly after: LevelReplica };

/** Ends a batch for one listing. All levels first: whether a hint is covered depends on all of them. */
export function conclude(draft: ListingDraft, nowMs: number, windows: MergeWindows): void {
  const changed: ChangedLevel[] = [];
  for (const [locationId, level] of draft.levels.current) {
    const before = draft.before.levels.get(locationId);
    if (level === before) continue;
    const evaluated = evaluateLevel(level, windows.tieMs);
    if (before !== undefined && isSameLevel(before, evaluated)) {
      draft.levels.set(locationId, before);
      continue;
    }
    const after = countSettlement(draft, locationId, { before, after: evaluated });
    draft.levels.set(locationId, after);
    // Opening stock explains itself.
    if (before !== undefined) changed.push({ locationId, before, after });
  }
  for (const { locationId, before, after } of changed)
    explainLevel(draft, locationId, { before, after }, nowMs, windows);
  keepHouse(draft, nowMs, windows);
}

/** Late and repeated news often leaves nothing behind: then the store has nothing to write. */
function isSameLevel(before: LevelReplica, after: LevelReplica): boolean {
  return (Object.keys(before) as (keyof LevelReplica)[]).every((part) => {
    const [was, is]: readonly unknown[] = [before[part], after[part]];
    if (!Array.isArray(was) || !Array.isArray(is)) return was === is;
    return was.length === is.length && was.every((entry, k) => entry === is[k]);
  });
}

/** Numbers the net change of the batch, and reports it. */
function countSettlement(
  draft: ListingDraft,
  locationId: LocationId,
  {
    before = mirroredLevel({ available: 0, atMs: 0 }),
    after,
  }: { before: LevelReplica | undefined; after: LevelReplica },
): LevelReplica {
  if (after.settled === before.settled) return after;
  const n = after.settlements + 1; // of a new level, too, which may begin above 0
  const other = draft.evidence.get(locationId);
  const evidence: Settlement["evidence"] = other?.settled === after.settled ? other.kind : "snapshot";
  draft.report.settlements.push({
    listingId: draft.id,
    locationId,
    n,
    before: before.settled,
    after: after.settled,
    atMs: after.atMs,
    evidence,
  });
  return { ...after, settlements: n };
}

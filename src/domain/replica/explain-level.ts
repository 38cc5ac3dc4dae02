/**
 * Finds the hints that explain a change of level, so that no unit counts twice: once as news, once as the level that
 * shows it. What settles is attributed for good. What is only in doubt is explained provisionally: when the doubt
 * ends otherwise, the units go back to their hints. It must never touch the ledger.
 */
import type { LocationId } from "../ids.ts";
import { coverOf } from "./cover.ts";
import { bounded, noFurther, split, total } from "./explanations.ts";
import type { ListingDraft } from "./listing-draft.ts";
import { type Change, isNear } from "./near.ts";
import type { Explanation, Hint, LevelReplica, MergeWindows } from "./state.ts";

/**
 * Explains what this batch changed at one level: its settled part under the new settlement's number, its doubt under
 * the number to come.
 * @param before  the level before the batch; @param after  evaluated, with the settlement already counted
 */
export function explainLevel(
  draft: ListingDraft,
  locationId: LocationId,
  { before, after }: { readonly before: LevelReplica; readonly after: LevelReplica },
  nowMs: number,
  windows: MergeWindows,
): void {
  const settled = after.settled - before.settled;
  const doubt = after.effective - after.settled;
  if (settled === 0 && doubt === before.effective - before.settled) return;
  // Changes in doubt that found no hint are reckoned anew below, with everything else.
  const spares = draft.spares.filter(
    (spare) => spare.locationId !== locationId || spare.settlement <= before.settlements,
  );
  if (spares.length !== draft.spares.length) draft.spares = spares;

  const settledChange = { locationId, fromMs: before.atMs, toMs: after.atMs };
  const attributed = split(after.explained, settled);
  const forGood = [
    ...attributed.fitting,
    ...consume(draft, settledChange, settled - total(attributed.fitting), windows),
  ];
  for (const part of forGood) {
    draft.report.attributions.push({ listingId: draft.id, locationId, settlement: after.settlements, ...part });
  }
  addSpare(draft, settledChange, settled - total(forGood), after.settlements, nowMs + windows.spareTtlMs);

  const newestMs = after.pending.reduce((newest, snapshot) => Math.max(newest, snapshot.atMs), after.atMs);
  const doubtChange = { locationId, fromMs: after.atMs, toMs: newestMs };
  const kept = split(attributed.rest, doubt);
  giveBack(draft, kept.rest);
  const explained = [...kept.fitting, ...consume(draft, doubtChange, doubt - total(kept.fitting), windows)];
  if (explained.length > 0 || after.explained.length > 0) {
    draft.patchLevel(locationId, { explained: bounded(explained, draft.hints.current) });
  }
  addSpare(draft, doubtChange, doubt - total(explained), after.settlements + 1, nowMs + windows.spareTtlMs);
}

/** Takes up to `amount` units from the hints that can be its cause, the surest first. */
function consume(draft: ListingDraft, change: Change, amount: number, windows: MergeWindows): readonly Explanation[] {
  if (amount === 0) return [];
  const parts: Explanation[] = [];
  let open = amount;
  for (const hint of causes(draft, change, amount, windows)) {
    if (open === 0) break;
    const taken = noFurther(hint.left, open);
    open -= taken;
    draft.setHint({ ...hint, left: hint.left - taken });
    parts.push({ hintId: hint.id, quantity: taken, commits: hint.commits });
  }
  return parts;
}

/**
 * Hints of the same sign, in the order of trust: those that the new evidence covers (they are certainly part of it),
 * those that name this place, those that name none, then those that fit by no stamp but came before the read that
 * found the change, as after an outage, when one read finds the work of many orders; each in order of arrival.
 */
function causes(draft: ListingDraft, change: Change, amount: number, windows: MergeWindows): readonly Hint[] {
  const isCovered = coverOf(draft.levels.current, windows.slackMs);
  const covered: Hint[] = [];
  const named: Hint[] = [];
  const unnamed: Hint[] = [];
  const read: Hint[] = [];
  for (const hint of draft.hints.current.values()) {
    if (hint.left * amount <= 0 || (hint.locationId !== null && hint.locationId !== change.locationId)) continue;
    if (hint.atMs <= change.fromMs - windows.slackMs) continue; // it was part of the level before this change
    if (isCovered(hint)) covered.push(hint);
    else if (isNear(hint, change, windows.slackMs)) (hint.locationId === null ? unnamed : named).push(hint);
    else if (hint.generation < draft.heardBefore) read.push(hint);
  }
  return [...covered, ...named, ...unnamed, ...read];
}

function addSpare(draft: ListingDraft, change: Change, amount: number, settlement: number, expiresMs: number): void {
  if (amount === 0) return;
  draft.spares = [...draft.spares, { ...change, amount, expiresMs, settlement }];
}

/** The doubt has passed, so these units are news again. A hint that is gone meanwhile needs nothing back. */
function giveBack(draft: ListingDraft, parts: readonly Explanation[]): void {
  for (const part of parts) {
    const hint = draft.hints.get(part.hintId);
    if (hint !== undefined) draft.setHint({ ...hint, left: hint.left + part.quantity });
  }
}

/** Early news of a change of level. It never touches the ledger: it reserves for a moment, and asks for a read. */
import type { LocationId } from "../ids.ts";
import { sentTotal } from "./containment.ts";
import { coverOf } from "./cover.ts";
import type { MergeEvent } from "./events.ts";
import { bounded } from "./explanations.ts";
import type { ListingDraft } from "./listing-draft.ts";
import { isNear } from "./near.ts";
import type { Hint, MergeWindows, Spare } from "./state.ts";

export type HintEvent = Extract<MergeEvent, { readonly kind: "hint" }>;

/**
 * Remembers a hint, less what earlier changes of level already explain. Known and empty ones are ignored. A covered one
 * is not remembered, because the levels contain it; it may still name the cause of a change that waits for one.
 * @param priority  all locations; a hint without one is predicted at the first that has enough, as Shopify routes
 */
export function takeHint(
  draft: ListingDraft,
  event: HintEvent,
  priority: readonly LocationId[],
  nowMs: number,
  windows: MergeWindows,
): void {
  const levels = draft.levels.current;
  const own = priority.filter((id) => levels.has(id));
  const [first] = own;
  if (first === undefined || event.quantity === 0 || draft.hints.get(event.id) !== undefined) return;
  const told = event.locationId !== null && levels.has(event.locationId) ? event.locationId : null;
  const locationId = own.length === 1 ? first : told;
  const hint: Hint = {
    id: event.id,
    atMs: event.atMs,
    locationId,
    left: unexplained(draft, event),
    predicted: locationId ?? first,
    seenMs: nowMs,
    generation: draft.before.reads,
    commits: event.commits,
  };
  const left = matchSpares(draft, hint, windows.slackMs);
  if (coverOf(levels, windows.slackMs)(hint)) return;
  draft.setHint({ ...hint, left, predicted: locationId ?? predict(draft, own, left) ?? first });
}

/**
 * What no change is explained by yet. A hint that was dropped may come again: what it explained stands in the books, in
 * this batch's report, or with a doubt, and neither explains twice nor reserves again.
 */
function unexplained(draft: ListingDraft, { id, quantity, explained = 0 }: HintEvent): number {
  let left = quantity - explained;
  for (const part of draft.report.attributions) {
    if (part.hintId === id && part.listingId === draft.id) left -= part.quantity;
  }
  for (const level of draft.levels.current.values()) {
    for (const part of level.explained) if (part.hintId === id) left -= part.quantity;
  }
  return quantity < 0 ? Math.min(0, Math.max(quantity, left)) : Math.max(0, Math.min(quantity, left));
}

/** First location that still shows enough for the order once the orders before it are through. */
function predict(draft: ListingDraft, own: readonly LocationId[], left: number): LocationId | undefined {
  return own.find((id) => {
    const level = draft.levels.get(id);
    return level !== undefined && level.effective + sentTotal(level) - draft.anticipatedAt(id) >= -left;
  });
}

/** Lets the hint explain changes that waited for one. Returns the units it has left. */
function matchSpares(draft: ListingDraft, hint: Hint, slackMs: number): number {
  let { left } = hint;
  for (let index = 0; index < draft.spares.length && left !== 0; index++) {
    const spare = draft.spares[index];
    if (spare === undefined || spare.amount * left <= 0 || !isNear(hint, spare, slackMs)) continue;
    const taken = left < 0 ? Math.max(left, spare.amount) : Math.min(left, spare.amount);
    left -= taken;
    draft.setSpare(index, { ...spare, amount: spare.amount - taken });
    explain(draft, spare, { hintId: hint.id, quantity: taken, commits: hint.commits });
  }
  return left;
}

function explain(
  draft: ListingDraft,
  { locationId, settlement }: Spare,
  part: { readonly hintId: Hint["id"]; readonly quantity: number; readonly commits: boolean },
): void {
  const level = draft.levels.get(locationId);
  if (level === undefined) return;
  const made = settlement <= level.settlements;
  if (made) draft.report.attributions.push({ listingId: draft.id, locationId, settlement, ...part });
  else draft.patchLevel(locationId, { explained: bounded([...level.explained, part], draft.hints.current) });
}

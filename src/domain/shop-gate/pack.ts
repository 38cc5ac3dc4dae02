/** Which waiting pushes share the next call (rule 4): whole pushes of one kind, in their order, no level twice. */
import type { CallPush } from "./push.ts";

export type WaitingPush = CallPush & { readonly isAlone: boolean };

/**
 * @param waiting  pushes that may go now, in the order in which they should; the first decides the kind
 * @param rowsMax  rows of one call; a single push beyond it still goes, in a call of its own
 * @returns the pushes of one call; empty only if none waits
 */
export function packCall(waiting: readonly WaitingPush[], rowsMax: number): readonly WaitingPush[] {
  const first = waiting[0];
  if (first === undefined) return [];
  if (first.isAlone) return [first];
  const packed: WaitingPush[] = [];
  const levels = new Set<string>();
  let rowCount = 0;
  for (const push of waiting) {
    const isTooMany = packed.length > 0 && rowCount + push.rows.length > rowsMax;
    // What does not fit is passed over, not waited for: a smaller, younger push of another SKU may still use the room.
    if (push.kind !== first.kind || push.isAlone || isTooMany || push.rows.some((row) => levels.has(levelOf(row))))
      continue;
    for (const row of push.rows) levels.add(levelOf(row));
    rowCount += push.rows.length;
    packed.push(push);
    if (rowCount >= rowsMax) break;
  }
  return packed;
}

const levelOf = ({ item, location }: CallPush["rows"][number]): string => `${item}@${location}`;

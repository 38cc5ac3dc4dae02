/** Parts of hints that explain a change: how they are cut to fit, and how many are remembered one by one. */
import { fromStore, type HintId } from "../ids.ts";
import type { Explanation, Hint } from "./state.ts";

/**
 * Parts kept by name at one level. They stand in one row of the store, written with every batch that touches the level,
 * and a doubt that lasts (a push that hangs, no reads) gathers one per order line: some 60 B each.
 */
export const NAMED_PARTS_MAX = 500;

/** Stands for all whose names were given up. */
export const UNNAMED = fromStore<HintId>("more");

export const total = (parts: readonly Explanation[]): number => parts.reduce((sum, part) => sum + part.quantity, 0);

/** The parts, first ones first, that together go no further than `amount`; and the rest of them. */
export function split(
  parts: readonly Explanation[],
  amount: number,
): { readonly fitting: readonly Explanation[]; readonly rest: readonly Explanation[] } {
  const fitting: Explanation[] = [];
  const rest: Explanation[] = [];
  let open = amount;
  for (const part of parts) {
    const taken = noFurther(part.quantity, open);
    open -= taken;
    if (taken !== 0) fitting.push({ ...part, quantity: taken });
    if (taken !== part.quantity) rest.push({ ...part, quantity: part.quantity - taken });
  }
  return { fitting, rest };
}

/** As much of `quantity` as `amount` allows: 0 when their signs differ. */
export function noFurther(quantity: number, amount: number): number {
  if (quantity < 0) return Math.min(0, Math.max(quantity, amount));
  return Math.max(0, Math.min(quantity, amount));
}

/**
 * At most so many by name; the oldest others become one part for those that commit and one for the rest, so that sums stay
 * right. First go those whose hint is gone, which could not be given back anyway; of the others, the oldest would be given
 * back last.
 */
export function bounded(parts: readonly Explanation[], hints: ReadonlyMap<HintId, Hint>): readonly Explanation[] {
  const excess = parts.length - NAMED_PARTS_MAX;
  if (excess <= 0) return parts;
  const gone = parts.filter(({ hintId }) => !hints.has(hintId));
  const live = parts.filter(({ hintId }) => hints.has(hintId));
  // Two of the places are for the sums themselves.
  const folded = new Set([...gone, ...live].slice(0, excess + 2));
  return [...sumOf(folded, true), ...sumOf(folded, false), ...parts.filter((part) => !folded.has(part))];
}

function sumOf(parts: ReadonlySet<Explanation>, commits: boolean): readonly Explanation[] {
  const quantity = total([...parts].filter((part) => part.commits === commits));
  return quantity === 0 ? [] : [{ hintId: UNNAMED, quantity, commits }];
}

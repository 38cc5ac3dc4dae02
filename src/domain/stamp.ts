/**
 * Shopify's stamps of levels and of what changes them. The same moment comes with milliseconds in one answer and without in
 * another; compared as they come, a push can seem to be later than the level that contains it, and a unit is invented. So
 * all are cut to whole seconds where they come in, and the merge takes equal ones for unordered (docs/design/replica-merge.md).
 */
const SECOND_MS = 1_000;

/** Epoch ms of the second in which it falls; null for what is no time. */
export function stampMs(text: string | null | undefined): number | null {
  const atMs = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? null : Math.floor(atMs / SECOND_MS) * SECOND_MS;
}

/**
 * What is left of a payload of unknown shape after a week: its keys and the kinds of its values. Enough to see which body
 * it was; nothing of what was in it.
 */
const DEPTH_MAX = 6;
const KEYS_MAX = 50;
const KEY = /^[A-Za-z][A-Za-z0-9_]{0,39}$/; // a key that is no plain name may be data

export function outlineOf(value: unknown, depth = 0): unknown {
  if (value === null) return null;
  if (Array.isArray(value)) {
    if (value.length === 0 || depth >= DEPTH_MAX) return `(array of ${value.length})`;
    return [outlineOf(value[0], depth + 1), ...(value.length > 1 ? [`(${value.length - 1} more)`] : [])];
  }
  if (typeof value !== "object") return `(${typeof value})`;
  if (depth >= DEPTH_MAX) return "(object)";
  const outline: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value).slice(0, KEYS_MAX))
    if (KEY.test(key)) outline[key] = outlineOf(entry, depth + 1);
  return outline;
}

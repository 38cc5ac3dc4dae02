/** The merge's state through JSON and back, as a store would keep it: nothing may depend on object identity. */
import type { MergeState } from "../../../src/domain/replica/state.ts";

const toPlain = (_key: string, value: unknown): unknown => {
  if (value instanceof Map) return { map: [...value] };
  return value === Number.POSITIVE_INFINITY ? { never: true } : value;
};

const fromPlain = (_key: string, value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value;
  if ("map" in value && Array.isArray(value.map)) return new Map(value.map);
  return "never" in value ? Number.POSITIVE_INFINITY : value;
};

export function throughStore(state: MergeState): MergeState {
  return JSON.parse(JSON.stringify(state, toPlain), fromPlain);
}

/** How levels look on the wire. */
import type { LevelsView } from "../domain/levels-view.ts";
import type { LevelsRead } from "../services/read-levels.ts";

/** `skuId` names an object of ours and stays inside. */
export function levelsToWire({ view, source }: LevelsRead) {
  const { skuId: _skuId, asOf, ...levels } = view;
  return { ...levels, source, asOf };
}

/** Weak: the version rises whenever a number or a location changes; `source` and `asOf` differ from answer to answer. */
export const etagOf = (view: LevelsView): string => `W/"${view.version}"`;

/** Units that hints have taken and no snapshot has shown yet. Only orders reserve; a restock raises nothing early. */
import type { LocationId } from "../ids.ts";
import type { Hint } from "./state.ts";

/** Units per predicted location, ≥ 0; locations without any are missing. One pass over the hints. */
export function anticipatedOf(hints: Iterable<Hint>): Map<LocationId, number> {
  const units = new Map<LocationId, number>();
  for (const hint of hints) {
    if (hint.left < 0) units.set(hint.predicted, (units.get(hint.predicted) ?? 0) - hint.left);
  }
  return units;
}

/**
 * The read path: the mirror first; what it lacks comes from the counters and refills it. An unknown SKU asks the
 * catalogue first, so that no object is made for it.
 */
import type { Sku, SkuId } from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Counters } from "./counter-contract.ts";
import type { Mirror } from "./mirror.ts";

export interface ReadLevelsDeps {
  readonly mirror: Mirror;
  readonly catalogue: Catalogue;
  readonly counters: Counters;
  /** Goes on beside the answer. */
  refill(views: readonly LevelsView[]): void;
  /** Counters called at once. */
  readonly callsMax: number;
}

export type LevelsRead = { readonly view: LevelsView; readonly source: "redis" | "counter" };

/** What is missing from the answer is unknown. Throws when both mirror and catalogue are away. */
export async function readLevels(skus: readonly Sku[], deps: ReadLevelsDeps): Promise<ReadonlyMap<Sku, LevelsRead>> {
  const found = new Map<Sku, LevelsRead>();
  const mirrored = await deps.mirror.read(skus);
  if (mirrored.kind === "read") for (const [sku, view] of mirrored.hits) found.set(sku, { view, source: "redis" });
  const missing = skus.filter((sku) => !found.has(sku));
  if (missing.length === 0) return found;
  const known = [...(await deps.catalogue.skuIds(missing))];
  const refills: LevelsView[] = [];
  for (let i = 0; i < known.length; i += deps.callsMax) {
    const views = await Promise.all(
      known.slice(i, i + deps.callsMax).map(([sku, skuId]) => readCounter(deps.counters, sku, skuId)),
    );
    for (const [sku, view] of views) {
      if (view === null) continue;
      found.set(sku, { view, source: "counter" });
      refills.push(view);
    }
  }
  if (refills.length > 0 && mirrored.kind === "read") deps.refill(refills);
  return found;
}

async function readCounter(counters: Counters, sku: Sku, skuId: SkuId): Promise<readonly [Sku, LevelsView | null]> {
  return [sku, await counters.of(skuId).levels()];
}

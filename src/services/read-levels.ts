/**
 * The read path: the mirror first; what it lacks comes from the counters and refills it. An unknown SKU asks the
 * catalogue first, so that no object is made for it. A part that is away costs the SKUs that need it, not the others.
 */
import type { Sku, SkuId } from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import { reasonOf } from "../observability/log.ts";
import { atMost } from "./at-most.ts";
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

export type LevelsAnswer =
  | (LevelsRead & { readonly kind: "read" })
  | { readonly kind: "unknown" }
  /** In the catalogue, and its counter has not heard of it: an import is under way. */
  | { readonly kind: "connecting" }
  | { readonly kind: "unavailable"; readonly reason: string };

/** One answer per SKU. */
export async function readLevels(skus: readonly Sku[], deps: ReadLevelsDeps): Promise<ReadonlyMap<Sku, LevelsAnswer>> {
  const answers = new Map<Sku, LevelsAnswer>();
  const mirrored = await deps.mirror.read(skus);
  if (mirrored.kind === "read")
    for (const [sku, view] of mirrored.hits) answers.set(sku, { kind: "read", view, source: "redis" });
  const missing = skus.filter((sku) => !answers.has(sku));
  if (missing.length === 0) return answers;
  const { skuIds, fault } = await deps.catalogue.skuIds(missing);
  const unknown: LevelsAnswer = fault === null ? { kind: "unknown" } : { kind: "unavailable", reason: fault };
  const refills: LevelsView[] = [];
  await atMost(deps.callsMax, missing, async (sku) => {
    const skuId = skuIds.get(sku);
    const answer = skuId === undefined ? unknown : await readCounter(deps.counters, skuId);
    answers.set(sku, answer);
    if (answer.kind === "read") refills.push(answer.view);
  });
  if (refills.length > 0 && mirrored.kind === "read") deps.refill(refills);
  return answers;
}

async function readCounter(counters: Counters, skuId: SkuId): Promise<LevelsAnswer> {
  try {
    const view = await counters.of(skuId).levels();
    return view === null ? { kind: "connecting" } : { kind: "read", view, source: "counter" };
  } catch (error) {
    return { kind: "unavailable", reason: `counter ${skuId}: ${reasonOf(error)}` };
  }
}

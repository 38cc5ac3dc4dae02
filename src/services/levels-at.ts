/** Levels of a SKU at a past moment: added up in its counter, a bounded number of movements at a call. */
import type { HistorySum } from "../domain/counter/level-history.ts";
import type { Sku } from "../domain/ids.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Counters, LevelsAtReply } from "./counter-contract.ts";
import { knownSkuId } from "./known-sku-id.ts";

export type LevelsAtAnswer = Exclude<LevelsAtReply, { kind: "under_way" }> | { readonly kind: "unknown_sku" };

export async function readLevelsAt(
  sku: Sku,
  atMs: number,
  deps: { readonly catalogue: Pick<Catalogue, "skuIds">; readonly counters: Counters },
): Promise<LevelsAtAnswer> {
  const skuId = await knownSkuId(deps.catalogue, sku);
  if (skuId === null) return { kind: "unknown_sku" };
  let sum: HistorySum | null = null;
  for (;;) {
    const reply: LevelsAtReply = await deps.counters.of(skuId).levelsAt(atMs, sum);
    if (reply.kind !== "under_way") return reply;
    sum = reply.sum;
  }
}

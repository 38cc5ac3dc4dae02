/** A page of a SKU's history. */
import type { Sku } from "../domain/ids.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Counters, MovementsPage, MovementsQuery } from "./counter-contract.ts";
import { knownSkuId } from "./known-sku-id.ts";

export type MovementsAnswer =
  | { readonly kind: "page"; readonly page: MovementsPage }
  | { readonly kind: "unknown_sku" }
  | { readonly kind: "not_connected" };

export async function listMovements(
  sku: Sku,
  query: MovementsQuery,
  deps: { readonly catalogue: Catalogue; readonly counters: Counters },
): Promise<MovementsAnswer> {
  const skuId = await knownSkuId(deps.catalogue, sku);
  if (skuId === null) return { kind: "unknown_sku" };
  const counter = deps.counters.of(skuId);
  const found = await counter.movements(query);
  // A counter with no history at all may be one that nobody has connected.
  const isNew = found.movements.length === 0 && query.beforeSeq === null && (await counter.levels()) === null;
  return isNew ? { kind: "not_connected" } : { kind: "page", page: found };
}

/** The counter of a SKU that a caller names. */
import type { Sku, SkuId } from "../domain/ids.ts";
import type { Catalogue } from "./catalogue.ts";
import { Unavailable } from "./unavailable.ts";

/** Null: no such SKU. Throws Unavailable when the catalogue is away: what it lacks is then not known to be unknown. */
export async function knownSkuId(catalogue: Pick<Catalogue, "skuIds">, sku: Sku): Promise<SkuId | null> {
  const { skuIds, fault } = await catalogue.skuIds([sku]);
  const skuId = skuIds.get(sku);
  if (skuId !== undefined) return skuId;
  if (fault !== null) throw new Unavailable("catalogue", fault);
  return null;
}

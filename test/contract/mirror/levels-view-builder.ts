/** A LevelsView with honest defaults: two locations whose numbers add up. */
import { fromStore, type LocationId, parseSku, type Sku, type SkuId } from "../../../src/domain/ids.ts";
import type { LevelsView, LocationView } from "../../../src/domain/levels-view.ts";

export function skuOf(text: string): Sku {
  const parsed = parseSku(text);
  if (!parsed.ok) throw new Error(`no SKU: ${text}`);
  return parsed.value;
}

export function levelsView(given: {
  readonly sku: string;
  readonly version: number;
  readonly available?: number;
}): LevelsView {
  const { version, available = 7 } = given;
  const main = locationView("1001", available);
  const shop = locationView("1002", -2);
  return {
    sku: skuOf(given.sku),
    skuId: fromStore<SkuId>(`id-of-${given.sku}`),
    version,
    available: main.available + shop.available,
    floor: main.floor + shop.floor,
    reserved: 2,
    committed: 6,
    damaged: 2,
    safetyStock: 0,
    onHand: main.onHand + shop.onHand,
    locations: [main, shop],
    asOf: "2026-11-22T15:00:00.123Z",
  };
}

const locationView = (id: string, available: number): LocationView => ({
  locationId: fromStore<LocationId>(id),
  available,
  floor: available - 1,
  reserved: 1,
  committed: 3,
  damaged: 1,
  safetyStock: 0,
  onHand: available + 5,
  ledger: available + 1,
  doubt: 1,
  anticipated: 0,
});

/** Builders with honest defaults: a test shows only what matters to it. */
import {
  type CorrelationId,
  fromStore,
  type ListingId,
  type PushKey,
  type ReadKey,
  type SkuId,
} from "../../../src/domain/ids.ts";
import type { PushKind, Row } from "../../../src/domain/shop-gate/push.ts";
import type { GatePush, GateRead } from "../../../src/services/gate-contract.ts";

export const skuId = (name: string): SkuId => fromStore<SkuId>(`sku-${name}`);
export const pushKey = (name: string): PushKey => fromStore<PushKey>(`push-${name}`);
export const readKey = (name: string): ReadKey => fromStore<ReadKey>(`read-${name}`);

export const row = (delta: number, item = "100", location = "1"): Row => ({
  item: fromStore(item),
  location: fromStore(location),
  delta,
});

/** A push of one SKU: its item is the number in its name, unless rows say otherwise. */
export function push(
  name: string,
  rows: readonly Row[] = [row(-1, itemOf(name))],
  kind: PushKind = "adjust",
): GatePush & { readonly kind: PushKind; readonly receivedAtMs: number | null } {
  return {
    pushKey: pushKey(name),
    skuId: skuId(name),
    listingId: fromStore<ListingId>(`shop-a.myshopify.com/${rows[0]?.item ?? itemOf(name)}`),
    kind,
    rows,
    correlationId: fromStore<CorrelationId>(`correlation-${name}`),
    receivedAtMs: null,
  };
}

export function read(name: string, locations: readonly string[] = ["1"], item = itemOf(name)): GateRead {
  return {
    readKey: readKey(name),
    skuId: skuId(name),
    listingId: fromStore<ListingId>(`shop-a.myshopify.com/${item}`),
    item: fromStore(item),
    locations: locations.map((location) => fromStore(location)),
  };
}

/** "a" → "1097", "b" → "1098" …; digits stay. */
export const itemOf = (name: string): string =>
  /^\d+$/.test(name) ? name : `1${Array.from(name, (character) => character.charCodeAt(0)).join("")}`.slice(0, 18);

/** A catalogue that is only looked at: what an import would find there, and nothing written. */
import { fromStore, type LocationId, type ShopLocationId } from "../domain/ids.ts";
import type { CatalogueWriter } from "./import-catalogue.ts";

export const dryWriter = (writer: CatalogueWriter): CatalogueWriter => ({
  ...writer,
  /** Those that are not known yet would become locations of ours under their own number. */
  async putLocations(shop, locations) {
    const known = await writer.locationsOf(shop);
    const fresh = locations.filter(({ id }) => !known.has(id));
    return new Map([...known, ...fresh.map(({ id }): [ShopLocationId, LocationId] => [id, fromStore(id)])]);
  },
  /** A SKU without an id has no counter yet: nobody supplies its stock. */
  mint: (skus) => writer.skuIds(skus),
  /** Whether it is free is told by the real run; the counter is the same either way. */
  rename: async () => true,
  putListings: async () => {},
});

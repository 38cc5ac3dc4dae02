/** The catalogue of the world: every listing is known, and at times the database behind it is away. */
import {
  fromStore,
  type LocationId,
  type ShopDomain,
  type ShopLocationId,
  type Sku,
  type SkuId,
} from "../../../src/domain/ids.ts";
import type { Catalogue, CatalogueAnswer, CatalogueQuery, Listing } from "../../../src/services/catalogue.ts";
import type { Item, Shop } from "./shop.ts";

export const skuIdOf = (sku: string): SkuId => fromStore<SkuId>(`sku_${sku}`);

const AWAY = "D1 is away";

export class ModelCatalogue implements Catalogue {
  readonly #shops: readonly Shop[];
  readonly #skus: ReadonlySet<Sku>;
  readonly #isAway: () => boolean;

  constructor(shops: readonly Shop[], skus: readonly Sku[], isAway: () => boolean) {
    this.#shops = shops;
    this.#skus = new Set(skus);
    this.#isAway = isAway;
  }

  async resolve(query: CatalogueQuery): Promise<CatalogueAnswer> {
    if (this.#isAway())
      return { ...this.remembered({ ...query, variants: new Set(), items: new Set(), skus: new Set() }), fault: AWAY };
    return this.remembered(query);
  }

  remembered({ shop, variants, items, skus }: CatalogueQuery): CatalogueAnswer {
    const known = this.#shops.find(({ domain }) => domain === shop)?.items ?? [];
    const pick = <Key extends string>(
      wanted: ReadonlySet<Key>,
      keyOf: (item: Item) => string,
    ): ReadonlyMap<Key, Listing> =>
      new Map(
        known.filter((item) => wanted.has(keyOf(item) as Key)).map((item) => [keyOf(item) as Key, listingOf(item)]),
      );
    return {
      variants: pick(variants, ({ variant }) => variant),
      items: pick(items, ({ item }) => item),
      skus: pick(skus, ({ sku }) => sku),
      fault: null,
    };
  }

  async locationsOf(_shop: ShopDomain, wanted: ReadonlySet<ShopLocationId>) {
    if (this.#isAway()) return { locations: new Map(), fault: AWAY };
    return { locations: new Map(Array.from(wanted, (id) => [id, fromStore<LocationId>(id)])), fault: null };
  }

  async connectable(): Promise<null> {
    return null;
  }

  async skuIds(skus: readonly Sku[]) {
    if (this.#isAway()) return { skuIds: new Map(), fault: AWAY };
    return {
      skuIds: new Map(skus.filter((sku) => this.#skus.has(sku)).map((sku) => [sku, skuIdOf(sku)])),
      fault: null,
    };
  }
}

const listingOf = ({ sku, listingId }: Item): Listing => ({
  kind: "active",
  skuId: skuIdOf(sku),
  sku: fromStore<Sku>(sku),
  listingId,
});

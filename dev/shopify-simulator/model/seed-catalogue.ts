/** Fills a shop: simple products with variants, realistic names, opening stock, and the odd ones that break importers. */
import type { SeededRandom } from "./seeded-random.ts";
import type { Address, Location, Product, Variant } from "./shop-model.ts";
import type { NewVariant, ShopStore } from "./shop-store.ts";

export type SeedSpecials = {
  /** A gift card product: untracked, no shipping. */
  readonly giftCard?: boolean;
  /** An item whose stock Shopify does not count. */
  readonly untracked?: boolean;
  /** A variant without SKU. */
  readonly blankSku?: boolean;
  /** Two items that carry the same SKU. */
  readonly duplicateSku?: boolean;
  /** A bundle of the first two seeded variants (2 of the first, 1 of the second). */
  readonly bundle?: boolean;
};

export type SeedCatalogueInput = {
  /** How many sellable SKUs, besides the specials. */
  readonly skus: number;
  /** How many locations, 2 by default; ones that exist already are counted. */
  readonly locations?: number;
  readonly prng: SeededRandom;
  /** Opening `available` per SKU and location, drawn from this range; 5 to 60 by default. */
  readonly stock?: readonly [number, number];
  /** Share of variants that sell below zero; 0 by default. */
  readonly continueRate?: number;
  readonly specials?: SeedSpecials;
};

export type SeededCatalogue = {
  readonly locations: readonly Location[];
  readonly variants: readonly Variant[];
  readonly specials: Readonly<Record<keyof SeedSpecials, readonly Variant[]>>;
};

const PLACES: readonly { readonly name: string; readonly address: Address }[] = [
  place("Toronto Warehouse", "480 Carlaw Avenue", "Toronto", "M4K 3J1", "Ontario", "ON"),
  place("Queen Street Store", "214 Queen Street West", "Toronto", "M5V 1Z6", "Ontario", "ON"),
  place("Montréal Boutique", "3990 Boulevard Saint-Laurent", "Montréal", "H2W 1Y3", "Quebec", "QC"),
  place("Vancouver Depot", "1180 East Hastings Street", "Vancouver", "V6A 1R9", "British Columbia", "BC"),
];

function place(name: string, address1: string, city: string, zip: string, province: string, provinceCode: string) {
  return { name, address: { address1, city, zip, province, provinceCode, country: "Canada", countryCode: "CA" } };
}

const MATERIALS = ["Linen", "Merino", "Oak", "Walnut", "Stoneware", "Brass", "Canvas", "Felt", "Copper", "Cork"];
const THINGS = [
  ["Shirt", "Apparel"],
  ["Scarf", "Apparel"],
  ["Tote", "Bags"],
  ["Backpack", "Bags"],
  ["Lamp", "Lighting"],
  ["Stool", "Furniture"],
  ["Bowl", "Kitchen"],
  ["Carafe", "Kitchen"],
  ["Notebook", "Stationery"],
  ["Blanket", "Home"],
] as const;
const SIZES = ["Small", "Medium", "Large", "X-Large"];
const VENDORS = ["Nordlicht", "Atelier Roux", "Holt & Sons", "Kestrel"];

export function seedCatalogue(store: ShopStore, input: SeedCatalogueInput): SeededCatalogue {
  const locations = seedLocations(store, input.locations ?? 2);
  const variants: Variant[] = [];
  while (variants.length < input.skus) {
    const count = Math.min(input.prng.between(1, SIZES.length), input.skus - variants.length);
    const product = addSimpleProduct(store, input, { first: variants.length, count });
    for (const variant of product.variants) stockEverywhere(store, variant, locations, input);
    variants.push(...product.variants);
  }
  return { locations, variants, specials: seedSpecials(store, input, { locations, variants }) };
}

function seedLocations(store: ShopStore, count: number): readonly Location[] {
  while (store.locations.length < count) {
    const index = store.locations.length;
    const template = PLACES[index % PLACES.length];
    if (template === undefined) break;
    const suffix = index < PLACES.length ? "" : ` ${index + 1}`;
    store.addLocation({ name: template.name + suffix, address: template.address });
  }
  return store.locations.slice(0, count);
}

function addSimpleProduct(
  store: ShopStore,
  input: SeedCatalogueInput,
  range: { readonly first: number; readonly count: number },
): Product {
  const { prng } = input;
  const [thing, productType] = prng.pick(THINGS);
  const material = prng.pick(MATERIALS);
  const basePriceCents = prng.between(9, 180) * 100 - 1;
  const variants = Array.from({ length: range.count }, (_, index): NewVariant => {
    const number = String(range.first + index + 1).padStart(5, "0");
    return {
      sku: `${material.slice(0, 3)}-${thing.slice(0, 3)}-${number}`.toUpperCase(),
      title: range.count === 1 ? "Default Title" : (SIZES[index] ?? `Size ${index + 1}`),
      priceCents: basePriceCents + index * 500,
      grams: prng.between(1, 40) * 50,
      policy: prng.chance(input.continueRate ?? 0) ? "CONTINUE" : "DENY",
    };
  });
  return store.addProduct({ title: `${material} ${thing}`, vendor: prng.pick(VENDORS), productType, variants });
}

function stockEverywhere(
  store: ShopStore,
  variant: Variant,
  locations: readonly Location[],
  input: SeedCatalogueInput,
): void {
  const [low, high] = input.stock ?? [5, 60];
  for (const location of locations) {
    const level = store.connect(variant.item, location);
    store.change(level, "available", input.prng.between(low, high), { kind: "seed", reference: null });
  }
}

function seedSpecials(
  store: ShopStore,
  input: SeedCatalogueInput,
  seeded: { readonly locations: readonly Location[]; readonly variants: readonly Variant[] },
): SeededCatalogue["specials"] {
  const wanted = input.specials ?? {};
  const add = (title: string, variants: readonly NewVariant[], isGiftCard = false): Variant[] => {
    const product = store.addProduct({ title, isGiftCard, variants });
    for (const variant of product.variants) {
      const counts = variant.item.tracked && variant.components.length === 0;
      if (counts) stockEverywhere(store, variant, seeded.locations, input);
      else for (const location of seeded.locations) store.connect(variant.item, location);
    }
    return product.variants;
  };
  const [first, second] = seeded.variants;
  const components =
    first === undefined || second === undefined
      ? []
      : [
          { variant: first, quantity: 2 },
          { variant: second, quantity: 1 },
        ];
  return {
    giftCard: wanted.giftCard ? add("Gift Card", [{ sku: "GIFT-50", priceCents: 5_000 }], true) : [],
    untracked: wanted.untracked ? add("Workshop Seat", [{ sku: "SEAT-01", priceCents: 4_500, tracked: false }]) : [],
    blankSku: wanted.blankSku ? add("Sample Card", [{ sku: null, priceCents: 100 }]) : [],
    duplicateSku: wanted.duplicateSku
      ? [
          ...add("Twin Mug", [{ sku: "TWIN-01", priceCents: 1_800 }]),
          ...add("Twin Mug (Outlet)", [{ sku: "TWIN-01", priceCents: 1_200 }]),
        ]
      : [],
    bundle:
      wanted.bundle && components.length > 0
        ? add("Starter Set", [{ sku: "SET-01", priceCents: 9_900, components }])
        : [],
  };
}

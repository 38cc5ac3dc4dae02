/** What a SKU stands for when it is sold: stock of its own, or the components of a bundle. */
import type { BundleFault, FlatBundle } from "../../domain/bundle/bundle.ts";
import type { SoldAs } from "../../domain/bundle/explode.ts";
import type { Sku } from "../../domain/ids.ts";
import type { BundleCatalogue } from "../bundle/bundle-book.ts";
import type { Catalogue } from "../catalogue.ts";
import { Unavailable } from "../unavailable.ts";

export type SoldAsAnswer = {
  readonly soldAs: ReadonlyMap<Sku, SoldAs>;
  readonly unknown: readonly Sku[];
  readonly broken: ReadonlyMap<Sku, BundleFault>;
};

export interface SoldAsDeps {
  readonly catalogue: Catalogue;
  readonly bundles: BundleCatalogue;
}

/** Stock of its own goes before a bundle of the same name. Throws Unavailable where nobody can be asked. */
export async function soldAsOf(skus: Iterable<Sku>, { catalogue, bundles }: SoldAsDeps): Promise<SoldAsAnswer> {
  const wanted = [...new Set(skus)];
  const soldAs = new Map<Sku, SoldAs>();
  const broken = new Map<Sku, BundleFault>();
  for (const sku of wanted) {
    const bundle = bundles.known(sku); // found not to be stocked a moment ago
    if (bundle !== undefined) soldAs.set(sku, { kind: "bundle", bundle });
  }
  const stocked = await catalogue.skuIds(wanted.filter((sku) => !soldAs.has(sku)));
  for (const [sku, skuId] of stocked.skuIds) soldAs.set(sku, { kind: "stocked", skuId });
  const others = wanted.filter((sku) => !soldAs.has(sku));
  if (others.length === 0) return { soldAs, unknown: [], broken };
  if (stocked.fault !== null) throw new Unavailable("catalogue", stocked.fault);
  const found = await bundles.find(others);
  for (const [sku, answer] of found.bundles) {
    if (answer.kind === "bundle") soldAs.set(sku, answer);
    else broken.set(sku, answer.fault);
  }
  const unknown = others.filter((sku) => !soldAs.has(sku) && !broken.has(sku));
  if (unknown.length > 0 && found.fault !== null) throw new Unavailable("bundles", found.fault);
  return { soldAs, unknown, broken };
}

/** Null for a stocked SKU, and for one that nobody knows. A bundle that is broken is Unavailable. */
export async function bundleOf(sku: Sku, deps: SoldAsDeps): Promise<FlatBundle | null> {
  const { soldAs, broken } = await soldAsOf([sku], deps);
  const sold = soldAs.get(sku);
  const fault = broken.get(sku);
  if (fault !== undefined) throw new Unavailable("bundles", `${fault.kind}: ${fault.path.join(" > ")}`);
  return sold?.kind === "bundle" ? sold.bundle : null;
}

/**
 * Bundles of ours: one SKU that is sold, and several that are taken from stock. For API, tills and marketplaces; Shopify's
 * native bundles list their components in the order themselves and are never touched. Pure.
 */
import type { Sku, SkuId } from "../ids.ts";
import { err, ok, type Result } from "../result.ts";

/** As it was written down. A stocked component goes by its immutable id: merchants rename SKUs. */
export type BundleComponent =
  | { readonly kind: "stocked"; readonly skuId: SkuId; readonly sku: Sku; readonly quantity: number }
  | { readonly kind: "bundle"; readonly sku: Sku; readonly quantity: number };

export type Bundle = {
  readonly sku: Sku;
  /** Rises with each edit, over a deletion as well. */
  readonly revision: number;
  readonly components: readonly BundleComponent[];
};

/** Nested bundles resolved: what one unit takes from stock, each SKU once. */
export type FlatBundle = {
  readonly sku: Sku;
  /** Of all bundles in it together: rises when any of them is edited. */
  readonly revision: number;
  readonly components: readonly { readonly skuId: SkuId; readonly sku: Sku; readonly quantity: number }[];
};

export type BundleLimits = {
  /** Stocked SKUs of one bundle, nested ones included. */
  readonly componentsMax: number;
  /** Units of one SKU in one bundle. */
  readonly quantityMax: number;
};

/** `path`: from the bundle that was asked for to what is at fault. */
export type BundleFault =
  | { readonly kind: "cycle"; readonly path: readonly Sku[] }
  | { readonly kind: "unknown_component"; readonly path: readonly Sku[] }
  | { readonly kind: "too_many"; readonly path: readonly Sku[]; readonly count: number; readonly max: number }
  | { readonly kind: "too_large"; readonly path: readonly Sku[]; readonly max: number };

/** @param bundles  all that can be reached from it */
export function flatten(
  sku: Sku,
  bundles: ReadonlyMap<Sku, Bundle>,
  { componentsMax, quantityMax }: BundleLimits,
): Result<FlatBundle, BundleFault> {
  const found = new Map<SkuId, { skuId: SkuId; sku: Sku; quantity: number }>();
  const revisions = new Map<Sku, number>();
  const faultOf = (path: readonly Sku[], factor: number): BundleFault | null => {
    const name = path.at(-1) ?? sku;
    if (path.indexOf(name) < path.length - 1) return { kind: "cycle", path };
    const bundle = bundles.get(name);
    if (bundle === undefined) return { kind: "unknown_component", path };
    revisions.set(name, bundle.revision);
    for (const component of bundle.components) {
      const quantity = factor * component.quantity;
      const to = [...path, component.sku];
      if (quantity > quantityMax) return { kind: "too_large", path: to, max: quantityMax };
      if (component.kind === "bundle") {
        const fault = faultOf(to, quantity);
        if (fault !== null) return fault;
        continue;
      }
      const sum = quantity + (found.get(component.skuId)?.quantity ?? 0);
      if (sum > quantityMax) return { kind: "too_large", path: to, max: quantityMax };
      found.set(component.skuId, { skuId: component.skuId, sku: component.sku, quantity: sum });
      if (found.size > componentsMax) return { kind: "too_many", path, count: found.size, max: componentsMax };
    }
    return null;
  };
  const fault = faultOf([sku], 1);
  if (fault !== null) return err(fault);
  const revision = Array.from(revisions.values()).reduce((sum, n) => sum + n, 0);
  return ok({ sku, revision, components: [...found.values()] });
}

/** Whether an edit leaves every bundle whole: the edited one, and each that contains it. @returns the first fault */
export function faultOfEdit(
  edited: Bundle,
  /** All that contain it, all that can be reached from it or from them. */
  others: ReadonlyMap<Sku, Bundle>,
  limits: BundleLimits,
): BundleFault | null {
  const bundles = new Map(others).set(edited.sku, edited);
  for (const sku of [edited.sku, ...others.keys()]) {
    const flat = flatten(sku, bundles, limits);
    if (!flat.ok) return flat.error;
  }
  return null;
}

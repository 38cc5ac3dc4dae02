/** Bundles as the services need them. What the isolate keeps is believed for seconds: an edit is effective within that time. */
import type { Bundle, BundleFault, FlatBundle } from "../../domain/bundle/bundle.ts";
import type { Sku } from "../../domain/ids.ts";
import type { CatalogueFault } from "../catalogue.ts";

/** `broken`: two edits at the same moment made a circle. It cannot be sold until one of them is mended. */
export type FoundBundle =
  | { readonly kind: "bundle"; readonly bundle: FlatBundle }
  | { readonly kind: "broken"; readonly fault: BundleFault };

export type BundlesAnswer = {
  readonly bundles: ReadonlyMap<Sku, FoundBundle>;
  readonly fault: CatalogueFault;
};

export interface BundleCatalogue {
  /** What the isolate believes still, without asking anybody. */
  known(sku: Sku): FlatBundle | undefined;
  /** Never rejects: what is absent although there is no fault is no bundle. */
  find(skus: readonly Sku[]): Promise<BundlesAnswer>;
}

/** A component as an operator writes it down. */
export type GivenComponent = { readonly sku: Sku; readonly quantity: number };

export type StoredBundle = Bundle & { readonly updatedAtMs: number; readonly updatedBy: string };

export type PutBundleOutcome =
  | { readonly kind: "put"; readonly bundle: StoredBundle; readonly isNew: boolean }
  | { readonly kind: "stocked" }
  | { readonly kind: "refused"; readonly fault: BundleFault };

export type RemoveBundleOutcome =
  | { readonly kind: "removed" }
  | { readonly kind: "unknown" }
  /** Other bundles contain it. */
  | { readonly kind: "in_use"; readonly by: readonly Sku[] };

export type BundlePage = { readonly bundles: readonly StoredBundle[]; readonly next: Sku | null };

/** For operators: asks the store each time, and rejects when it is away. */
export interface BundleBook {
  get(sku: Sku): Promise<StoredBundle | null>;
  /** In order of SKU, from after `after`. */
  list(page: { readonly after: Sku | null; readonly limit: number }): Promise<BundlePage>;
  put(given: {
    readonly sku: Sku;
    readonly components: readonly GivenComponent[];
    readonly actor: string;
    readonly nowMs: number;
    readonly dryRun: boolean;
  }): Promise<PutBundleOutcome>;
  remove(given: { readonly sku: Sku; readonly nowMs: number; readonly dryRun: boolean }): Promise<RemoveBundleOutcome>;
}

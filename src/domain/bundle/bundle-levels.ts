/**
 * How many of a bundle can be sold: the minimum over its components of ⌊units / quantity⌋, per location and in all. Only
 * where all components are can it be sold, and never less than 0 is shown: it has no stock of its own that could be missing.
 */
import type { LocationId, Sku, SkuId } from "../ids.ts";
import type { LevelsView } from "../levels-view.ts";
import type { FlatBundle } from "./bundle.ts";

/** Units of one SKU, by location and in all: whichever number is asked about. */
export type UnitsBySku = {
  readonly total: number;
  readonly locations: ReadonlyMap<LocationId, number>;
};

export type BundleUnits = { readonly total: number; readonly locations: ReadonlyMap<LocationId, number> };

/**
 * In all it is no more than the totals bear, either: where one location is below zero, another has that many less to give.
 * @param parts  at least one; locations in order of the first
 */
export function unitsOfBundle(
  parts: readonly { readonly quantity: number; readonly units: UnitsBySku }[],
): BundleUnits {
  const [first] = parts;
  const locations = new Map<LocationId, number>();
  for (const locationId of first?.units.locations.keys() ?? []) {
    if (!parts.every(({ units }) => units.locations.has(locationId))) continue;
    const bearable = parts.map(({ quantity, units }) => Math.floor((units.locations.get(locationId) ?? 0) / quantity));
    locations.set(locationId, Math.max(0, Math.min(...bearable)));
  }
  const proven = parts.map(({ quantity, units }) => Math.floor(units.total / quantity));
  const there = Array.from(locations.values()).reduce((sum, n) => sum + n, 0);
  return { total: parts.length === 0 ? 0 : Math.max(0, Math.min(there, ...proven)), locations };
}

export type BundleView = {
  readonly sku: Sku;
  /** Rises when a component's level changes, and when the bundle is edited. */
  readonly version: number;
  readonly available: number;
  readonly floor: number;
  readonly locations: readonly {
    readonly locationId: LocationId;
    readonly available: number;
    readonly floor: number;
  }[];
  readonly components: readonly {
    readonly sku: Sku;
    readonly quantity: number;
    readonly available: number;
    readonly floor: number;
  }[];
  /** Of the oldest of its components' levels. */
  readonly asOf: string;
};

/** An edit must lift the version above every sum of versions that the components before it may have had. */
const VERSIONS_PER_REVISION = 1_000_000_000;

/** @param versions  of its components' counters */
export const versionOf = ({ revision }: FlatBundle, versions: readonly number[]): number =>
  versions.reduce((sum, version) => sum + version, revision * VERSIONS_PER_REVISION);

/** Null when the levels of a component are missing. */
export function bundleViewOf(bundle: FlatBundle, views: ReadonlyMap<SkuId, LevelsView>): BundleView | null {
  const parts = bundle.components.flatMap((component) => {
    const view = views.get(component.skuId);
    return view === undefined ? [] : [{ ...component, view }];
  });
  if (parts.length < bundle.components.length || parts.length === 0) return null;
  const available = unitsOf(parts, "available");
  const floor = unitsOf(parts, "floor");
  const asOf = parts.map(({ view }) => view.asOf).toSorted()[0] ?? "";
  return {
    sku: bundle.sku,
    version: versionOf(
      bundle,
      parts.map(({ view }) => view.version),
    ),
    available: available.total,
    floor: floor.total,
    locations: Array.from(available.locations, ([locationId, units]) => ({
      locationId,
      available: units,
      floor: floor.locations.get(locationId) ?? 0,
    })),
    components: parts.map(({ sku, quantity, view }) => ({
      ...{ sku, quantity },
      ...{ available: view.available, floor: view.floor },
    })),
    asOf,
  };
}

type ViewedPart = { readonly quantity: number; readonly view: LevelsView };

const unitsOf = (parts: readonly ViewedPart[], field: "available" | "floor"): BundleUnits =>
  unitsOfBundle(
    parts.map(({ quantity, view }) => ({
      quantity,
      units: { total: view[field], locations: new Map(view.locations.map((at) => [at.locationId, at[field]])) },
    })),
  );

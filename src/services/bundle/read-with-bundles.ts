/**
 * The read path, bundles included: what is no stock of its own is worked out from its components' levels, as they are
 * mirrored. Those are asked for once, however many bundles share them.
 */
import type { FlatBundle } from "../../domain/bundle/bundle.ts";
import { type BundleView, bundleViewOf } from "../../domain/bundle/bundle-levels.ts";
import type { Sku, SkuId } from "../../domain/ids.ts";
import type { LevelsView } from "../../domain/levels-view.ts";
import type { LevelsAnswer } from "../read-levels.ts";
import type { BundleCatalogue } from "./bundle-book.ts";

export type BundleRead = {
  readonly kind: "bundle";
  readonly view: BundleView;
  /** Redis, if all of its components came from there. */
  readonly source: "redis" | "counter";
  readonly bundle: FlatBundle;
  /** Of its components. */
  readonly levels: ReadonlyMap<SkuId, LevelsView>;
};

export type StockAnswer = LevelsAnswer | BundleRead;

export interface ReadWithBundlesDeps {
  readonly bundles: BundleCatalogue;
  readLevels(skus: readonly Sku[]): Promise<ReadonlyMap<Sku, LevelsAnswer>>;
}

/** One answer per SKU. */
export async function readWithBundles(
  skus: readonly Sku[],
  deps: ReadWithBundlesDeps,
): Promise<ReadonlyMap<Sku, StockAnswer>> {
  const bundles = new Map<Sku, FlatBundle>();
  for (const sku of skus) {
    const bundle = deps.bundles.known(sku);
    if (bundle !== undefined) bundles.set(sku, bundle);
  }
  const read = new Map<Sku, LevelsAnswer>(await deps.readLevels(skus.filter((sku) => !bundles.has(sku))));
  const others = skus.filter((sku) => read.get(sku)?.kind === "unknown");
  const answers = new Map<Sku, StockAnswer>(read);
  if (others.length > 0) {
    const found = await deps.bundles.find(others);
    for (const sku of others) {
      const one = found.bundles.get(sku);
      if (one?.kind === "bundle") bundles.set(sku, one.bundle);
      else if (one?.kind === "broken") answers.set(sku, { kind: "unavailable", reason: `bundle: ${one.fault.kind}` });
      else if (found.fault !== null) answers.set(sku, { kind: "unavailable", reason: found.fault });
    }
  }
  if (bundles.size === 0) return answers;
  const components = new Set([...bundles.values()].flatMap((bundle) => bundle.components.map(({ sku }) => sku)));
  const missing = [...components].filter((sku) => !read.has(sku));
  for (const [sku, answer] of await deps.readLevels(missing)) read.set(sku, answer);
  for (const [sku, bundle] of bundles) answers.set(sku, answerOf(bundle, read));
  return answers;
}

function answerOf(bundle: FlatBundle, read: ReadonlyMap<Sku, LevelsAnswer>): StockAnswer {
  const levels = new Map<SkuId, LevelsView>();
  let source: BundleRead["source"] = "redis";
  for (const { sku } of bundle.components) {
    const answer = read.get(sku);
    if (answer?.kind === "connecting") return answer;
    if (answer?.kind !== "read") return { kind: "unavailable", reason: `its component ${sku} cannot be read` };
    levels.set(answer.view.skuId, answer.view);
    if (answer.source === "counter") source = "counter";
  }
  const view = bundleViewOf(bundle, levels);
  if (view === null) return { kind: "unavailable", reason: "a component goes by another SKU since" };
  return { kind: "bundle", view, source, bundle, levels };
}

/**
 * Bundles in D1. For sales and reads they come through a cache of the isolate, as the catalogue does; operators ask the
 * tables. An edit is checked against everything that contains the bundle and everything it contains, in one read.
 */
import type { D1Database, D1PreparedStatement } from "@cloudflare/workers-types";
import { type Bundle, type BundleComponent, type BundleLimits, faultOfEdit, flatten } from "../domain/bundle/bundle.ts";
import { chunksOf } from "../domain/chunks-of.ts";
import { fromStore, type Sku, type SkuId } from "../domain/ids.ts";
import { reasonOf } from "../observability/log.ts";
import type {
  BundleBook,
  BundleCatalogue,
  BundlesAnswer,
  FoundBundle,
  GivenComponent,
  PutBundleOutcome,
  RemoveBundleOutcome,
  StoredBundle,
} from "../services/bundle/bundle-book.ts";
import { inTime } from "../services/with-deadline.ts";
import type { ExpiringMap } from "./expiring-map.ts";

export type BundleCache = ExpiringMap<Sku, FoundBundle>;

type Row = {
  sku: string;
  revision: number;
  updated_at_ms: number;
  updated_by: string;
  sku_id: string | null;
  stocked_sku: string | null;
  nested_sku: string | null;
  quantity: number;
};

const KEYS_PER_STATEMENT = 90; // D1 binds at most 100 parameters

/** Bundles by name, and all that they contain; UNION ends at a circle. */
const REACHABLE = (names: string) => `
  WITH RECURSIVE reach (sku) AS (
    SELECT sku FROM bundles WHERE deleted_at_ms IS NULL AND (${names})
    UNION
    SELECT c.nested_sku FROM bundle_components c JOIN reach r ON c.bundle_sku = r.sku WHERE c.nested_sku IS NOT NULL
  )
  SELECT b.sku, b.revision, b.updated_at_ms, b.updated_by, c.sku_id, s.sku AS stocked_sku, c.nested_sku, c.quantity
  FROM reach JOIN bundles b USING (sku) JOIN bundle_components c ON c.bundle_sku = b.sku LEFT JOIN skus s USING (sku_id)
  WHERE b.deleted_at_ms IS NULL ORDER BY b.sku, c.position`;

/** All that contain ?1, however deep. */
const CONTAINING = `sku IN (
  WITH RECURSIVE above (sku) AS (
    SELECT bundle_sku FROM bundle_components WHERE nested_sku = ?1
    UNION
    SELECT c.bundle_sku FROM bundle_components c JOIN above a ON c.nested_sku = a.sku
  ) SELECT sku FROM above)`;

const placesOf = (count: number, from = 1): string =>
  Array.from({ length: count }, (_, i) => `?${from + i}`).join(", ");

/** @param timeoutMs  after which D1 counts as away, and what the isolate last knew has to do */
export function d1BundleCatalogue(
  db: D1Database,
  cache: BundleCache,
  limits: BundleLimits,
  timeoutMs: number,
  nowMs: () => number,
): BundleCatalogue {
  return {
    known: (sku) => {
      const found = cache.get(sku, nowMs());
      return found?.kind === "bundle" ? found.bundle : undefined;
    },
    async find(skus) {
      const bundles = new Map<Sku, FoundBundle>();
      const take = (recall: (sku: Sku) => FoundBundle | undefined): readonly Sku[] =>
        skus.filter((sku) => {
          const found = bundles.get(sku) ?? recall(sku);
          if (found !== undefined) bundles.set(sku, found);
          return found === undefined;
        });
      const missing = take((sku) => cache.get(sku, nowMs()));
      if (missing.length === 0) return { bundles, fault: null };
      try {
        const stored = await inTime(timeoutMs, () => readByName(db, missing));
        for (const sku of missing) {
          cache.delete(sku);
          if (!stored.has(sku)) continue;
          const flat = flatten(sku, stored, limits);
          const found: FoundBundle = flat.ok
            ? { kind: "bundle", bundle: flat.value }
            : { kind: "broken", fault: flat.error };
          bundles.set(sku, found);
          if (flat.ok) cache.set(sku, found, nowMs());
        }
        return { bundles, fault: null };
      } catch (error) {
        const isAllKnown = take((sku) => cache.getExpired(sku)).length === 0;
        return { bundles, fault: isAllKnown ? null : `bundles: ${reasonOf(error)}` } satisfies BundlesAnswer;
      }
    },
  };
}

async function readByName(db: D1Database, skus: readonly Sku[]): Promise<ReadonlyMap<Sku, StoredBundle>> {
  return read(
    db,
    chunksOf(skus, KEYS_PER_STATEMENT).map((names) =>
      db.prepare(REACHABLE(`sku IN (${placesOf(names.length)})`)).bind(...names),
    ),
  );
}

async function read(db: D1Database, statements: D1PreparedStatement[]): Promise<ReadonlyMap<Sku, StoredBundle>> {
  const results = await db.batch<Row>(statements);
  const bundles = new Map<Sku, StoredBundle & { readonly components: BundleComponent[] }>();
  // Two statements may reach the same bundle: each fills its own map.
  for (const { results: rows } of results) {
    const read = new Map<Sku, StoredBundle & { readonly components: BundleComponent[] }>();
    for (const row of rows) {
      const sku = fromStore<Sku>(row.sku);
      const bundle = read.get(sku) ?? newBundle(sku, row);
      bundle.components.push(componentOf(row));
      read.set(sku, bundle);
    }
    for (const [sku, bundle] of read) bundles.set(sku, bundle);
  }
  return bundles;
}

const newBundle = (sku: Sku, { revision, updated_at_ms, updated_by }: Row) => ({
  ...{ sku, revision, updatedAtMs: updated_at_ms, updatedBy: updated_by },
  components: [] as BundleComponent[],
});

const componentOf = ({ sku_id, stocked_sku, nested_sku, quantity }: Row): BundleComponent =>
  sku_id !== null && stocked_sku !== null
    ? { kind: "stocked", skuId: fromStore(sku_id), sku: fromStore(stocked_sku), quantity }
    : { kind: "bundle", sku: fromStore(nested_sku ?? ""), quantity };

/** @param cache  of this isolate: what is edited here is effective here at once */
export function d1BundleBook(db: D1Database, cache: BundleCache, limits: BundleLimits): BundleBook {
  return {
    get: async (sku) => (await readByName(db, [sku])).get(sku) ?? null,
    async list({ after, limit }) {
      const names = await db
        .prepare("SELECT sku FROM bundles WHERE deleted_at_ms IS NULL AND sku > ? ORDER BY sku LIMIT ?")
        .bind(after ?? "", limit + 1)
        .all<{ sku: string }>();
      const skus = names.results.slice(0, limit).map(({ sku }) => fromStore<Sku>(sku));
      const stored = skus.length === 0 ? new Map<Sku, StoredBundle>() : await readByName(db, skus);
      const bundles = skus.flatMap((sku) => stored.get(sku) ?? []);
      return { bundles, next: names.results.length > limit ? (skus.at(-1) ?? null) : null };
    },
    async put(given) {
      const outcome = await put(db, limits, given);
      if (outcome.kind === "put" && !given.dryRun) cache.clear(); // whatever contains it, too
      return outcome;
    },
    async remove(given) {
      const outcome = await remove(db, given);
      if (outcome.kind === "removed" && !given.dryRun) cache.clear();
      return outcome;
    },
  };
}

async function put(
  db: D1Database,
  limits: BundleLimits,
  given: Parameters<BundleBook["put"]>[0],
): Promise<PutBundleOutcome> {
  const { sku, actor, nowMs, dryRun } = given;
  const wanted = summed(given.components);
  const names = wanted.map((component) => component.sku);
  const [stocked, before, others] = await Promise.all([
    stockedIds(db, [sku, ...names]),
    db.prepare("SELECT revision, deleted_at_ms FROM bundles WHERE sku = ?").bind(sku).first<Before>(),
    read(db, [db.prepare(REACHABLE(`sku IN (${placesOf(names.length, 2)}) OR ${CONTAINING}`)).bind(sku, ...names)]),
  ]);
  if (stocked.has(sku)) return { kind: "stocked" };
  const components = wanted.map(({ sku: its, quantity }): BundleComponent => {
    const skuId = stocked.get(its);
    return skuId === undefined
      ? { kind: "bundle", sku: its, quantity }
      : { kind: "stocked", skuId, sku: its, quantity };
  });
  const edited: Bundle = { sku, revision: before === null ? 0 : before.revision + 1, components };
  const fault = faultOfEdit(edited, others, limits);
  if (fault !== null) return { kind: "refused", fault };
  const bundle: StoredBundle = { ...edited, updatedAtMs: nowMs, updatedBy: actor };
  if (!dryRun) await write(db, bundle);
  return { kind: "put", bundle, isNew: before === null || before.deleted_at_ms !== null };
}

type Before = { revision: number; deleted_at_ms: number | null };

/** A component that is named twice is wanted that many times. */
function summed(components: readonly GivenComponent[]): readonly GivenComponent[] {
  const sums = new Map<Sku, number>();
  for (const { sku, quantity } of components) sums.set(sku, (sums.get(sku) ?? 0) + quantity);
  return Array.from(sums, ([sku, quantity]) => ({ sku, quantity }));
}

async function stockedIds(db: D1Database, skus: readonly Sku[]): Promise<ReadonlyMap<Sku, SkuId>> {
  const { results } = await db
    .prepare(`SELECT sku, sku_id FROM sku_aliases WHERE sku IN (${placesOf(skus.length)})`)
    .bind(...skus)
    .all<{ sku: string; sku_id: string }>();
  return new Map(results.map((row) => [fromStore<Sku>(row.sku), fromStore<SkuId>(row.sku_id)]));
}

async function write(db: D1Database, { sku, updatedAtMs, updatedBy, components }: StoredBundle): Promise<void> {
  const insert = db.prepare(
    "INSERT INTO bundle_components (bundle_sku, position, sku_id, nested_sku, quantity) VALUES (?, ?, ?, ?, ?)",
  );
  await db.batch([
    db
      .prepare(
        `INSERT INTO bundles (sku, revision, updated_at_ms, updated_by) VALUES (?1, 0, ?2, ?3)
         ON CONFLICT (sku) DO UPDATE SET revision = revision + 1, updated_at_ms = ?2, updated_by = ?3, deleted_at_ms = NULL`,
      )
      .bind(sku, updatedAtMs, updatedBy),
    db.prepare("DELETE FROM bundle_components WHERE bundle_sku = ?").bind(sku),
    ...components.map((component, position) =>
      component.kind === "stocked"
        ? insert.bind(sku, position, component.skuId, null, component.quantity)
        : insert.bind(sku, position, null, component.sku, component.quantity),
    ),
  ]);
}

async function remove(
  db: D1Database,
  { sku, nowMs, dryRun }: Parameters<BundleBook["remove"]>[0],
): Promise<RemoveBundleOutcome> {
  const bundle = await db.prepare("SELECT sku FROM bundles WHERE sku = ? AND deleted_at_ms IS NULL").bind(sku).first();
  if (bundle === null) return { kind: "unknown" };
  const containing = await db
    .prepare("SELECT DISTINCT bundle_sku FROM bundle_components WHERE nested_sku = ? ORDER BY bundle_sku LIMIT 10")
    .bind(sku)
    .all<{ bundle_sku: string }>();
  const by = containing.results.map((row) => fromStore<Sku>(row.bundle_sku));
  if (by.length > 0) return { kind: "in_use", by };
  if (dryRun) return { kind: "removed" };
  // The row stays: should the bundle come back, its revision goes on.
  await db.batch([
    db.prepare("DELETE FROM bundle_components WHERE bundle_sku = ?").bind(sku),
    db.prepare("UPDATE bundles SET deleted_at_ms = ?2 WHERE sku = ?1").bind(sku, nowMs),
  ]);
  return { kind: "removed" };
}

/** Words in D1: their sequence of revisions, and how far the counters have learnt them. */
import type { D1Database, D1PreparedStatement } from "@cloudflare/workers-types";
import { fromStore, type SkuId } from "../domain/ids.ts";
import type { WordStore } from "../services/words.ts";

/** A counter in use: some item is sold from it. */
const IN_USE = "EXISTS (SELECT 1 FROM listings l WHERE l.sku_id = s.sku_id AND l.status = 'active')";
/** What a SKU must know: the newest word for all, or the newest one for it alone. */
const MUST_KNOW = "max((SELECT COALESCE(MAX(revision), 0) FROM words), COALESCE(w.revision, 0))";

/** As a value, in the batch of `sayWord`. */
export const NEWEST_WORD = "(SELECT revision FROM word_revision)";

/**
 * Statements that say a word for all SKUs, to stand in one batch before what changes it.
 * @param name  "<kind>/<what>": the same word said again takes the place of the one before
 */
export const sayWord = (db: D1Database, name: string): readonly D1PreparedStatement[] => [
  db.prepare("UPDATE word_revision SET revision = revision + 1"),
  db
    .prepare(
      `INSERT INTO words (name, revision) SELECT ?, revision FROM word_revision WHERE true
       ON CONFLICT (name) DO UPDATE SET revision = excluded.revision`,
    )
    .bind(name),
];

/** … for one SKU alone. */
export const sayWordForSku = (db: D1Database, skuId: SkuId): readonly D1PreparedStatement[] => [
  db.prepare("UPDATE word_revision SET revision = revision + 1"),
  db
    .prepare(
      `INSERT INTO sku_words (sku_id, revision) SELECT ?, revision FROM word_revision WHERE true
       ON CONFLICT (sku_id) DO UPDATE SET revision = excluded.revision`,
    )
    .bind(skuId),
];

export const d1Words = (db: D1Database): WordStore => ({
  async newest() {
    const row = await db.prepare("SELECT revision FROM word_revision").first<{ revision: number }>();
    return row?.revision ?? 0;
  },
  async behind(askedBeforeMs, limit) {
    const { results } = await db
      .prepare(
        `SELECT s.sku_id FROM skus s LEFT JOIN sku_rules r USING (sku_id) LEFT JOIN sku_words w USING (sku_id)
         WHERE COALESCE(r.revision, 0) < ${MUST_KNOW} AND COALESCE(r.asked_ms, 0) <= ? AND ${IN_USE}
         ORDER BY COALESCE(r.asked_ms, 0) LIMIT ?`,
      )
      .bind(askedBeforeMs, limit)
      .all<{ sku_id: string }>();
    return results.map((row) => fromStore<SkuId>(row.sku_id));
  },
  async mark({ learnt, asked }, revision, nowMs) {
    const upsert = (set: string): D1PreparedStatement =>
      db.prepare(
        `INSERT INTO sku_rules (sku_id, revision, asked_ms) SELECT value, ?2, ?3 FROM json_each(?1) WHERE true
         ON CONFLICT (sku_id) DO UPDATE SET ${set}`,
      );
    await db.batch([
      upsert("revision = max(revision, excluded.revision)").bind(JSON.stringify(learnt), revision, 0),
      upsert("asked_ms = excluded.asked_ms").bind(JSON.stringify(asked), 0, nowMs),
    ]);
  },
  async progress(revision) {
    const row = await db
      .prepare(
        `SELECT COUNT(*) AS counters, COALESCE(SUM(COALESCE(r.revision, 0) >= ?), 0) AS learnt
         FROM skus s LEFT JOIN sku_rules r USING (sku_id) WHERE ${IN_USE}`,
      )
      .bind(revision)
      .first<{ counters: number; learnt: number }>();
    return row ?? { learnt: 0, counters: 0 };
  },
});

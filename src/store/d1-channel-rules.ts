/** Default rules of channels in D1, and which counters have learnt them. */
import type { D1Database, D1PreparedStatement } from "@cloudflare/workers-types";
import { fromStore, type SkuId } from "../domain/ids.ts";
import { parseRules } from "../domain/policy/parse-policy.ts";
import type { ChannelRulesStore, StoredRules } from "../services/channel-rules.ts";

type Row = { channel: string; rules: string; revision: number; updated_at_ms: number };

/** A counter in use: some item is sold from it. */
const IN_USE = "EXISTS (SELECT 1 FROM listings l WHERE l.sku_id = s.sku_id AND l.status = 'active')";

export function d1ChannelRules(db: D1Database): ChannelRulesStore {
  return {
    async all() {
      const { results } = await db
        .prepare("SELECT channel, rules, revision, updated_at_ms FROM channel_rules ORDER BY revision")
        .all<Row>();
      return results.map(storedOf);
    },
    async put(channel, rules, nowMs) {
      const row = await db
        .prepare(
          `INSERT INTO channel_rules (channel, rules, revision, updated_at_ms)
           VALUES (?1, ?2, (SELECT COALESCE(MAX(revision), 0) + 1 FROM channel_rules), ?3)
           ON CONFLICT (channel) DO UPDATE SET rules = excluded.rules, revision = excluded.revision,
             updated_at_ms = excluded.updated_at_ms
           RETURNING channel, rules, revision, updated_at_ms`,
        )
        .bind(channel, JSON.stringify(rules), nowMs)
        .first<Row>();
      if (row === null) throw new Error("the rules of a channel were not stored");
      return storedOf(row);
    },
    async behind(revision, askedBeforeMs, limit) {
      const { results } = await db
        .prepare(
          `SELECT s.sku_id FROM skus s LEFT JOIN sku_rules r USING (sku_id)
           WHERE COALESCE(r.revision, 0) < ? AND COALESCE(r.asked_ms, 0) <= ? AND ${IN_USE}
           ORDER BY COALESCE(r.asked_ms, 0) LIMIT ?`,
        )
        .bind(revision, askedBeforeMs, limit)
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
  };
}

/** It was parsed when it was put; what cannot be read any more is told as no rules. */
function storedOf({ channel, rules, revision, updated_at_ms }: Row): StoredRules {
  const parsed = parseRules(JSON.parse(rules));
  return { channel: fromStore(channel), rules: parsed.ok ? parsed.value : null, revision, updatedAtMs: updated_at_ms };
}

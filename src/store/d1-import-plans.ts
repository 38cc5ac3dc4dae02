/** Plans of CSV imports in D1. */
import type { D1Database } from "@cloudflare/workers-types";
import type { ImportPlanStore } from "../services/stocktake/plans.ts";

export const d1ImportPlans = (db: D1Database): ImportPlanStore => ({
  async put({ id, sha256, actor, rows, createdAtMs }) {
    const insert = "INSERT INTO import_plans (id, sha256, actor, row_count, created_at_ms) VALUES (?, ?, ?, ?, ?)";
    await db.prepare(insert).bind(id, sha256, actor, rows, createdAtMs).run();
  },
  async get(id) {
    const row = await db
      .prepare("SELECT sha256, actor, row_count, created_at_ms FROM import_plans WHERE id = ?")
      .bind(id)
      .first<{ sha256: string; actor: string; row_count: number; created_at_ms: number }>();
    if (row === null) return null;
    return { id, sha256: row.sha256, actor: row.actor, rows: row.row_count, createdAtMs: row.created_at_ms };
  },
  async prune(beforeMs) {
    await db.prepare("DELETE FROM import_plans WHERE created_at_ms < ?").bind(beforeMs).run();
  },
});

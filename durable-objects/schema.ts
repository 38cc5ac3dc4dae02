/**
 * Schema steps of an object's own SQLite. A step, once released, is never edited: objects of every age run what they
 * lack, in order, in one transaction. (`PRAGMA user_version` is not available in Durable Objects.)
 */
import type { TableStorage } from "./object-storage.ts";

export type SchemaStep = { readonly id: number; readonly sql: string };

/** Bring the object's tables up to date. Idempotent; synchronous; cheap when nothing is to be done. */
export function migrate(storage: TableStorage, steps: readonly SchemaStep[], nowMs: number): void {
  const { sql } = storage;
  sql.exec("CREATE TABLE IF NOT EXISTS _migrations (id INTEGER PRIMARY KEY, applied_at_ms INTEGER NOT NULL)");
  const newest = sql.exec<{ id: number | null }>("SELECT MAX(id) AS id FROM _migrations").one().id ?? 0;
  const due = steps.filter((step) => step.id > newest);
  if (due.length === 0) return;
  storage.transactionSync(() => {
    for (const step of due) {
      sql.exec(step.sql);
      sql.exec("INSERT INTO _migrations (id, applied_at_ms) VALUES (?, ?)", step.id, nowMs);
    }
  });
}

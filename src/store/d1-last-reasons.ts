/** The last known reason of messages that are about to die, in D1. */
import type { D1Database } from "@cloudflare/workers-types";
import type { LastReason, LastReasonStore } from "../services/dead-letters.ts";

type Row = { queue: string; event_id: string; code: string; message: string; attempt: number; at_ms: number };

export function d1LastReasons(db: D1Database): LastReasonStore {
  return {
    async note(reasons) {
      if (reasons.length === 0) return;
      const put = db.prepare(
        `INSERT INTO last_reasons (queue, event_id, code, message, attempt, at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (queue, event_id) DO UPDATE SET code = excluded.code, message = excluded.message,
           attempt = excluded.attempt, at_ms = excluded.at_ms`,
      );
      await db.batch(
        reasons.map(({ queue, eventId, error }) =>
          put.bind(queue, eventId, error.code, error.message, error.attempt, error.atMs),
        ),
      );
    },
    async find(queue, eventId): Promise<LastReason["error"] | null> {
      const row = await db
        .prepare("SELECT * FROM last_reasons WHERE queue = ? AND event_id = ?")
        .bind(queue, eventId)
        .first<Row>();
      return row === null ? null : { code: row.code, message: row.message, atMs: row.at_ms, attempt: row.attempt };
    },
    async prune(beforeMs) {
      await db.prepare("DELETE FROM last_reasons WHERE at_ms < ?").bind(beforeMs).run();
    },
  };
}

/**
 * What a WebhookInbox object does: remembers which deliveries of its channel were taken, and forgets them again. The name of
 * a delivery and the hash of its body, nothing of what it said.
 */
import type { Seen } from "../src/services/channels/webhook-inbox.ts";
import type { TableStorage } from "./object-storage.ts";
import type { SchemaStep } from "./schema.ts";

export const WEBHOOK_INBOX_SCHEMA: readonly SchemaStep[] = [
  {
    id: 1,
    sql: `CREATE TABLE taken (id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
          CREATE INDEX taken_by_age ON taken (at_ms)`,
  },
];

/** With each delivery go some old ones: so no alarm is needed, and the table holds what came within the time that is kept. */
const FORGOTTEN_PER_NOTE = 4;

export interface WebhookInboxDeskDeps {
  readonly storage: TableStorage;
  readonly keptMs: number;
  now(): number;
}

export class WebhookInboxDesk {
  readonly #deps: WebhookInboxDeskDeps;

  constructor(deps: WebhookInboxDeskDeps) {
    this.#deps = deps;
  }

  look(webhookId: string, sha256: string): Seen {
    const { sql } = this.#deps.storage;
    const [row] = sql.exec<{ sha256: string }>("SELECT sha256 FROM taken WHERE id = ?", webhookId).toArray();
    if (row === undefined) return "never";
    return row.sha256 === sha256 ? "same_body" : "other_body";
  }

  /** The first body under an id is the one that it stands for: of two that raced, both counted, and one is kept. */
  note(webhookId: string, sha256: string): void {
    const { storage, now, keptMs } = this.#deps;
    const nowMs = now();
    storage.transactionSync(() => {
      storage.sql.exec("INSERT OR IGNORE INTO taken (id, sha256, at_ms) VALUES (?, ?, ?)", webhookId, sha256, nowMs);
      storage.sql.exec(
        "DELETE FROM taken WHERE id IN (SELECT id FROM taken WHERE at_ms < ? ORDER BY at_ms LIMIT ?)",
        ...[nowMs - keptMs, FORGOTTEN_PER_NOTE],
      );
    });
  }
}

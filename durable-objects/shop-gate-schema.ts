/** Tables of one ShopGate: the call journal, and what the gate must not forget. What each holds: docs/design/shop-gate.md. */
import type { SchemaStep } from "./schema.ts";

export const SHOP_GATE_SCHEMA: readonly SchemaStep[] = [
  {
    id: 1,
    sql: `
      CREATE TABLE push (
        push_key       TEXT PRIMARY KEY,
        sku_id         TEXT NOT NULL,
        listing_id     TEXT NOT NULL,
        correlation_id TEXT NOT NULL,
        rows           TEXT NOT NULL,
        largest_delta  INTEGER NOT NULL,
        state          TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'done', 'failed', 'expired')),
        call_key       TEXT,
        tries          INTEGER NOT NULL DEFAULT 0,
        is_alone       INTEGER NOT NULL DEFAULT 0,
        is_approved    INTEGER NOT NULL DEFAULT 0,
        submitted_ms   INTEGER NOT NULL,
        due_ms         INTEGER NOT NULL,
        result         TEXT,
        settled_ms     INTEGER,
        reported       INTEGER
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX push_queue ON push (due_ms) WHERE state = 'queued';
      CREATE INDEX push_unreported ON push (settled_ms) WHERE reported = 0;
      CREATE INDEX push_tombstone ON push (settled_ms) WHERE reported = 1;

      CREATE TABLE call (
        call_key     TEXT PRIMARY KEY,
        push_keys    TEXT NOT NULL,
        variables    TEXT NOT NULL,
        state        TEXT NOT NULL CHECK (state IN ('sending', 'frozen', 'stuck', 'expired')),
        first_at_ms  INTEGER NOT NULL,
        attempts     INTEGER NOT NULL,
        is_tainted   INTEGER NOT NULL DEFAULT 0,
        next_try_ms  INTEGER NOT NULL,
        code         TEXT,
        message      TEXT
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE read (
        read_key     TEXT PRIMARY KEY,
        sku_id       TEXT NOT NULL,
        listing_id   TEXT NOT NULL,
        item         TEXT NOT NULL,
        locations    TEXT NOT NULL,
        submitted_ms INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE note (
        name  TEXT PRIMARY KEY,
        value TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    // Pushes and calls have a kind; those that withhold units from the shop overtake the others in the queue.
    id: 2,
    sql: `
      ALTER TABLE push ADD COLUMN kind TEXT NOT NULL DEFAULT 'adjust' CHECK (kind IN ('adjust', 'move'));
      ALTER TABLE push ADD COLUMN is_urgent INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE call ADD COLUMN kind TEXT NOT NULL DEFAULT 'adjust' CHECK (kind IN ('adjust', 'move'));
      CREATE INDEX push_urgent ON push (due_ms) WHERE state = 'queued' AND is_urgent = 1;
    `,
  },
  {
    // For traces: when a push first went out, in which call last, and why that brought nothing; found by cause and by SKU.
    id: 3,
    sql: `
      ALTER TABLE push ADD COLUMN first_sent_ms INTEGER;
      ALTER TABLE push ADD COLUMN last_call_key TEXT;
      ALTER TABLE push ADD COLUMN last_code TEXT;
      CREATE INDEX push_by_correlation ON push (correlation_id);
      CREATE INDEX push_by_sku ON push (sku_id, submitted_ms);
    `,
  },
  {
    // How long an event takes to Shopify; and a queue each for what is urgent (1), hot (2) and the rest (0).
    id: 4,
    sql: `
      ALTER TABLE push ADD COLUMN received_ms INTEGER;
      CREATE INDEX push_lane ON push (is_urgent, due_ms) WHERE state = 'queued';
      DROP INDEX push_urgent;
    `,
  },
];

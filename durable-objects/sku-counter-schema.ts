/** Tables of one SkuCounter. What each holds, and what losing it would mean: docs/storage-schema.md. */
import type { SchemaStep } from "./schema.ts";

export const SKU_COUNTER_SCHEMA: readonly SchemaStep[] = [
  {
    id: 1,
    sql: `
      CREATE TABLE counter (
        id      INTEGER PRIMARY KEY CHECK (id = 1),
        sku     TEXT NOT NULL,
        version INTEGER NOT NULL,
        seq     INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE own_levels (
        location_id TEXT PRIMARY KEY,
        position    INTEGER NOT NULL,
        own         INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE listings (
        listing_id TEXT PRIMARY KEY,
        state      TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE levels (
        listing_id       TEXT NOT NULL,
        location_id      TEXT NOT NULL,
        shop_location_id TEXT NOT NULL,
        committed        INTEGER NOT NULL,
        state            TEXT NOT NULL,
        PRIMARY KEY (listing_id, location_id)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE hints (
        listing_id TEXT NOT NULL,
        hint_id    TEXT NOT NULL,
        seen_ms    INTEGER NOT NULL,
        state      TEXT NOT NULL,
        PRIMARY KEY (listing_id, hint_id)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE movements (
        seq            INTEGER PRIMARY KEY,
        key            TEXT NOT NULL UNIQUE,
        kind           TEXT NOT NULL,
        location_id    TEXT NOT NULL,
        delta          INTEGER NOT NULL,
        before         INTEGER NOT NULL,
        after          INTEGER NOT NULL,
        reason         TEXT NOT NULL,
        reference      TEXT,
        source         TEXT NOT NULL,
        actor          TEXT NOT NULL,
        correlation_id TEXT NOT NULL,
        occurred_at_ms INTEGER NOT NULL,
        recorded_at_ms INTEGER NOT NULL,
        listing_id     TEXT,
        fingerprint    TEXT NOT NULL
      ) STRICT;

      CREATE TABLE attributions (
        listing_id  TEXT NOT NULL,
        location_id TEXT NOT NULL,
        settlement  INTEGER NOT NULL,
        hint_id     TEXT NOT NULL,
        quantity    INTEGER NOT NULL,
        PRIMARY KEY (listing_id, location_id, settlement, hint_id)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE balances (
        day         TEXT NOT NULL,
        location_id TEXT NOT NULL,
        kind        TEXT NOT NULL,
        delta       INTEGER NOT NULL,
        movements   INTEGER NOT NULL,
        PRIMARY KEY (day, location_id, kind)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE outbox (
        shop           TEXT PRIMARY KEY,
        phase          TEXT NOT NULL,
        tries          INTEGER NOT NULL,
        again_ms       INTEGER NOT NULL,
        correlation_id TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE timers (
        name  TEXT PRIMARY KEY,
        at_ms INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    // `parked` was true or false, and is a reason or null. What was parked is taken for missing: the next read lifts it, and
    // should a row be refused again, that says so.
    id: 2,
    sql: `
      UPDATE levels SET state = json_set(state, '$.parked', CASE json_extract(state, '$.parked') WHEN 1 THEN 'missing' END);
    `,
  },
  {
    // An order that comes late or again is looked up by its own name, whatever changes it explained.
    id: 3,
    sql: "CREATE INDEX attributions_hint ON attributions (hint_id);",
  },
  {
    // States of our own units, holds, counts that wait, policy; and what movements change beside the ledger.
    id: 4,
    sql: `
      CREATE TABLE own_states (location_id TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE holds (hold_id TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE counts (key TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE facets (name TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE reports (seq INTEGER PRIMARY KEY, state TEXT NOT NULL) STRICT;

      ALTER TABLE movements ADD COLUMN reserved INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE movements ADD COLUMN committed INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE movements ADD COLUMN damaged INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE movements ADD COLUMN safety_stock INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE movements ADD COLUMN channel TEXT;
      ALTER TABLE balances ADD COLUMN reserved INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE balances ADD COLUMN committed INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE balances ADD COLUMN damaged INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE balances ADD COLUMN safety_stock INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE attributions ADD COLUMN commits INTEGER NOT NULL DEFAULT 1;
    `,
  },
  {
    // Pushes have a kind, and levels know how much of what was pushed are moves: all so far were adjusts.
    id: 5,
    sql: `
      UPDATE levels SET state = json_set(state, '$.moved', 0, '$.pushes', (
        SELECT json_group_array(json_set(value, '$.kind', 'adjust')) FROM json_each(levels.state, '$.pushes')));
      UPDATE listings SET state = json_set(state, '$.open', (
        SELECT json_group_array(json_array(json_extract(value, '$[0]'), 'adjust', json_extract(value, '$[1]')))
        FROM json_each(listings.state, '$.open')));
    `,
  },
  {
    // What a movement leaves of our own units in the states that it changes (JSON).
    id: 6,
    sql: "ALTER TABLE movements ADD COLUMN states_after TEXT;",
  },
  {
    // Receipt of the oldest event in the work for a shop, handed out and next: how long an event takes to Shopify.
    id: 7,
    sql: `
      ALTER TABLE outbox ADD COLUMN received_ms INTEGER;
      ALTER TABLE outbox ADD COLUMN later_received_ms INTEGER;
    `,
  },
  {
    // What channels that are told levels have, and the signals that are on their way for them.
    id: 8,
    sql: `
      CREATE TABLE outbound (channel TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE channel_outbox (
        shop              TEXT PRIMARY KEY,
        phase             TEXT NOT NULL,
        tries             INTEGER NOT NULL,
        again_ms          INTEGER NOT NULL,
        correlation_id    TEXT NOT NULL,
        received_ms       INTEGER,
        later_received_ms INTEGER
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    // News that the queue has not taken, and counts that wait for a person.
    id: 9,
    sql: `
      CREATE TABLE notices (id TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE held_counts (key TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
    `,
  },
];

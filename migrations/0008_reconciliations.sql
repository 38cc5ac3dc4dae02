-- Reconciliation: every level compared with Shopify, what differed, and why.

CREATE TABLE reconciliation_runs (
  id             TEXT PRIMARY KEY,
  shop           TEXT NOT NULL,
  scope          TEXT NOT NULL,              -- JSON: kind, and the SKUs of a scope of SKUs
  dry_run        INTEGER NOT NULL,
  trigger_kind   TEXT NOT NULL CHECK (trigger_kind IN ('schedule', 'outage', 'demand')),
  actor          TEXT NOT NULL,
  correlation_id TEXT NOT NULL,
  status         TEXT NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  cursor         TEXT NOT NULL,              -- JSON: where it goes on
  counts         TEXT NOT NULL,              -- JSON
  notes          TEXT NOT NULL,              -- JSON: what went otherwise than meant
  lease          TEXT,                       -- who drives it …
  lease_until_ms INTEGER NOT NULL DEFAULT 0, -- … until then
  wake_at_ms     INTEGER NOT NULL DEFAULT 0,
  failures       INTEGER NOT NULL DEFAULT 0, -- steps that failed in a row
  created_at_ms  INTEGER NOT NULL,
  started_at_ms  INTEGER,
  ended_at_ms    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX reconciliation_runs_by_time ON reconciliation_runs (created_at_ms, id);
CREATE INDEX reconciliation_runs_open ON reconciliation_runs (shop, created_at_ms) WHERE status IN ('queued', 'running');
CREATE UNIQUE INDEX reconciliation_runs_one ON reconciliation_runs (shop) WHERE status = 'running';

-- A suspect differed at first sight and is looked at again; it becomes a finding, or goes.
CREATE TABLE reconciliation_findings (
  run_id            TEXT NOT NULL,
  id                TEXT NOT NULL,           -- 'item-location', 'webhook-TOPIC'
  state             TEXT NOT NULL CHECK (state IN ('suspect', 'found')),
  cause             TEXT,
  remedy            TEXT,
  sku_id            TEXT,
  sku               TEXT,
  listing_id        TEXT,
  inventory_item_id TEXT,
  shop_location_id  TEXT,
  expected          INTEGER,
  found             INTEGER,
  difference        INTEGER,
  by_shopify        INTEGER NOT NULL DEFAULT 0,
  found_at_ms       INTEGER,
  detail            TEXT,
  looks             INTEGER NOT NULL DEFAULT 0,
  next_look_ms      INTEGER NOT NULL DEFAULT 0,
  reads_before      INTEGER,
  healed            INTEGER NOT NULL DEFAULT 0,
  healed_at_ms      INTEGER,
  overwritten       TEXT,                    -- JSON: when, by whom, why, the movement
  checked           INTEGER NOT NULL DEFAULT 0,
  created_at_ms     INTEGER NOT NULL,
  PRIMARY KEY (run_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX reconciliation_findings_suspect ON reconciliation_findings (run_id, next_look_ms) WHERE state = 'suspect';

-- What is remembered of a shop from one run to the next.
CREATE TABLE reconciliation_shops (
  shop             TEXT PRIMARY KEY,
  callback_uri     TEXT,                     -- where Shopify shall deliver, as an operator last said
  all_at_ms        INTEGER,                  -- null: no run is due yet
  changed_at_ms    INTEGER,
  orders_since_ms  INTEGER,
  levels_since_ms  INTEGER,
  outage_ended_ms  INTEGER
) STRICT, WITHOUT ROWID;

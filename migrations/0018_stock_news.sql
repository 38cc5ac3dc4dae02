-- What holds for all SKUs of watching and ordering, spread to the counters as the word 'stock'.
CREATE TABLE stock_defaults (
  one           INTEGER PRIMARY KEY CHECK (one = 1),
  thresholds    TEXT,                      -- JSON; null: nobody has said any
  reorder_rule  TEXT,                      -- JSON; null: nothing is ordered by a rule
  revision      INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT;

-- Requests for more stock, as the counters tell of them: a late or repeated piece of news meets a version that is as new.
CREATE TABLE reorders (
  id              TEXT PRIMARY KEY,        -- minted by the counter: receipts name it
  sku_id          TEXT NOT NULL,
  sku             TEXT NOT NULL,
  version         INTEGER NOT NULL,
  state           TEXT NOT NULL CHECK (state IN ('open', 'received', 'cancelled')),
  quantity        INTEGER NOT NULL,
  received        INTEGER NOT NULL,
  asked_by        TEXT NOT NULL CHECK (asked_by IN ('rule', 'hand')),
  reason          TEXT NOT NULL,
  available       INTEGER NOT NULL,        -- in all, when it was asked for
  location_id     TEXT,                    -- where it is wanted
  requested_at_ms INTEGER NOT NULL,
  needed_by_ms    INTEGER,
  closed_at_ms    INTEGER,
  closed_reason   TEXT,
  correlation_id  TEXT NOT NULL,           -- of the newest news
  updated_at_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX reorders_by_time ON reorders (requested_at_ms, id);
CREATE INDEX reorders_by_sku ON reorders (sku, requested_at_ms, id);
CREATE INDEX reorders_open ON reorders (requested_at_ms, id) WHERE state = 'open';

-- Counts that wait, or waited, for a person; and what does not go together.
CREATE TABLE count_findings (
  id             TEXT PRIMARY KEY,         -- hash of counter, key and kind
  sku_id         TEXT NOT NULL,
  sku            TEXT NOT NULL,
  key            TEXT NOT NULL,            -- of the count, or the movement, within its counter
  kind           TEXT NOT NULL CHECK (kind IN ('approval', 'contradiction', 'not_stocked', 'below_zero')),
  state          TEXT NOT NULL CHECK (state IN ('held', 'booked', 'rejected', 'superseded', 'noted')),
  location_id    TEXT NOT NULL,
  of_what        TEXT NOT NULL,            -- available, on_hand
  counted        INTEGER NOT NULL,
  ours           INTEGER NOT NULL,         -- what we had at that moment
  counted_at_ms  INTEGER NOT NULL,
  actor          TEXT NOT NULL,
  source         TEXT NOT NULL,
  reference      TEXT,
  decided_by     TEXT,
  note           TEXT,
  correlation_id TEXT NOT NULL,
  at_ms          INTEGER NOT NULL,
  decided_at_ms  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX count_findings_by_time ON count_findings (at_ms, id);
CREATE INDEX count_findings_by_sku ON count_findings (sku, at_ms, id);
CREATE INDEX count_findings_held ON count_findings (at_ms, id) WHERE state = 'held';

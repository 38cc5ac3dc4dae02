-- What could not be processed, kept for a person: one row per event, however often it died.
CREATE TABLE dead_letters (
  id             TEXT PRIMARY KEY,
  status         TEXT NOT NULL CHECK (status IN ('waiting', 'replayed')),
  origin         TEXT NOT NULL,              -- 'ingress/shopify' or 'queue/<name>': says how it is replayed
  topic          TEXT NOT NULL,
  shop           TEXT,
  correlation_id TEXT NOT NULL,
  event_id       TEXT NOT NULL,
  subject        TEXT,                       -- what it names: 'variant 123', 'location 9'
  code           TEXT NOT NULL,              -- of the newest error
  errors         TEXT NOT NULL,              -- JSON, newest first, capped
  attempts       INTEGER NOT NULL,
  deaths         INTEGER NOT NULL,
  replays        INTEGER NOT NULL,
  payload        BLOB NOT NULL,              -- gzip of JSON; no personal data
  truncated      INTEGER NOT NULL,
  received_bytes INTEGER,                    -- of the body as received, where the payload is not that
  received_sha256 TEXT,
  occurred_at_ms INTEGER NOT NULL,
  created_at_ms  INTEGER NOT NULL,
  updated_at_ms  INTEGER NOT NULL,
  replayed_at_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX dead_letters_by_time ON dead_letters (created_at_ms, id);
CREATE INDEX dead_letters_waiting ON dead_letters (created_at_ms, id) WHERE status = 'waiting';
CREATE INDEX dead_letters_by_correlation ON dead_letters (correlation_id);

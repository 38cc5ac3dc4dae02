-- What became of events, step by step: for people who ask where one went. Best effort, kept for a week; decides nothing.
-- `key` is made by whoever writes the row, so that rows sent twice are written once. Time comes first in the primary key:
-- rows are appended at its end, read by time, and forgotten from its beginning.
CREATE TABLE event_journal (
  at_ms          INTEGER NOT NULL,
  key            TEXT NOT NULL,
  correlation_id TEXT NOT NULL,
  step           TEXT NOT NULL,         -- src/domain/journal/entry.ts
  event_id       TEXT,
  topic          TEXT NOT NULL,
  shop           TEXT,
  sku_ids        TEXT,                  -- JSON: the counters it went to, at most 20
  outcome        TEXT NOT NULL,
  code           TEXT,
  ms             INTEGER,
  mirrored       TEXT,                  -- what came of writing its levels to Redis …
  mirrored_ms    INTEGER,               -- … and when
  PRIMARY KEY (at_ms, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_journal_by_correlation ON event_journal (correlation_id);
CREATE INDEX event_journal_by_event ON event_journal (event_id) WHERE event_id IS NOT NULL;

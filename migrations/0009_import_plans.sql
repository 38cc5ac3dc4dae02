-- Dry runs of a stocktake by CSV: the real run names one, and brings the very same bytes. Kept for a day.
CREATE TABLE import_plans (
  id            TEXT PRIMARY KEY,
  sha256        TEXT NOT NULL,         -- of the file; with a line, it is the idempotency key of a row
  actor         TEXT NOT NULL,
  row_count     INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL       -- when rows that say no time of their own were counted
) STRICT, WITHOUT ROWID;
CREATE INDEX import_plans_by_time ON import_plans (created_at_ms);

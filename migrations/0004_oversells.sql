-- Oversells: more sold than there is. One row per counter and the version at which it began, moved forward by reports.
CREATE TABLE oversells (
  id             TEXT PRIMARY KEY,      -- derived from counter and `since`
  sku_id         TEXT NOT NULL,
  sku            TEXT NOT NULL,         -- as the counter was called then
  since          INTEGER NOT NULL,
  version        INTEGER NOT NULL,      -- of the newest report: an older one changes nothing
  units          INTEGER NOT NULL,      -- missing now
  peak           INTEGER NOT NULL,
  sales          TEXT NOT NULL,         -- JSON: those that fall short, newest first
  unexplained    INTEGER NOT NULL,
  correlation_id TEXT NOT NULL,         -- of the newest report
  since_ms       INTEGER NOT NULL,
  at_ms          INTEGER NOT NULL,
  resolved_at_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX oversells_by_time ON oversells (since_ms, id);
CREATE INDEX oversells_open ON oversells (since_ms, id) WHERE resolved_at_ms IS NULL;
CREATE INDEX oversells_by_sku ON oversells (sku, since_ms, id);

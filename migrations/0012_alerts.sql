-- Alerts: what their evaluation remembers, what changed, what was told to whom, and what an operator set instead.

-- One row: each evaluation replaces what it had read, and another one that began from the same is dropped.
CREATE TABLE alert_memory (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  at_ms   INTEGER NOT NULL,           -- of the evaluation
  writer  TEXT NOT NULL,              -- which evaluation wrote it
  samples TEXT NOT NULL,              -- JSON: counters as they stood, a few minutes back
  topics  TEXT NOT NULL,              -- JSON: when each topic of webhooks came
  states  TEXT NOT NULL               -- JSON: per alert and subject
) STRICT;

-- Each change once, written with the memory that it came from; those that are not queued yet are queued by the next minute.
CREATE TABLE alert_changes (
  id           TEXT PRIMARY KEY,      -- '<alert>/<subject>/<since>/<severity or recovered>'
  alert        TEXT NOT NULL,
  subject      TEXT NOT NULL,
  change       TEXT NOT NULL CHECK (change IN ('fired', 'escalated', 'recovered')),
  severity     TEXT NOT NULL,
  value        REAL NOT NULL,
  threshold    REAL NOT NULL,
  unit         TEXT NOT NULL,
  text         TEXT NOT NULL,
  since_ms     INTEGER NOT NULL,
  at_ms        INTEGER NOT NULL,
  queued_at_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_changes_by_time ON alert_changes (at_ms, id);
CREATE INDEX alert_changes_open ON alert_changes (at_ms) WHERE queued_at_ms IS NULL;

-- Which destination has been told of which change: a notification that is delivered twice is told once.
CREATE TABLE alert_told (
  change_id   TEXT NOT NULL,
  destination TEXT NOT NULL,
  told_at_ms  INTEGER NOT NULL,
  PRIMARY KEY (change_id, destination)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_told_by_time ON alert_told (told_at_ms);

CREATE TABLE alert_thresholds (
  alert       TEXT PRIMARY KEY,
  threshold   REAL NOT NULL,
  for_minutes REAL,                   -- null: as the table in code says
  reason      TEXT NOT NULL,
  actor       TEXT NOT NULL,
  at_ms       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

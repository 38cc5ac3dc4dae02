-- Dead letters, complete: what happened to each, what it is about, jobs over many of them, and who did what.

-- SQLite cannot change a CHECK: the table is made anew, with what it lacked.
CREATE TABLE dead_letters_complete (
  id             TEXT PRIMARY KEY,
  status         TEXT NOT NULL CHECK (status IN ('waiting', 'replayed', 'discarded')),
  origin         TEXT NOT NULL,              -- 'ingress/shopify' or 'queue/<name>': says how it is replayed
  topic          TEXT NOT NULL,
  shop           TEXT,
  correlation_id TEXT NOT NULL,
  event_id       TEXT NOT NULL,
  subject        TEXT,                       -- what it names: 'variant 123', 'location 9'
  code           TEXT NOT NULL,              -- error class of the newest error
  errors         TEXT NOT NULL,              -- JSON, newest first, capped, scrubbed
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
  replayed_at_ms INTEGER,
  died_at_ms     INTEGER NOT NULL,           -- its newest death
  version        INTEGER NOT NULL,           -- rises with everything that happens to it
  trail          TEXT NOT NULL,              -- JSON, newest first, capped: died, replayed, edited, discarded, outlined
  original       BLOB,                       -- the payload as it died, once a person has edited it
  is_free_form   INTEGER NOT NULL,           -- a payload of no known shape: it becomes an outline after a week
  outlined_at_ms INTEGER,
  auto_replays   INTEGER NOT NULL,           -- automatic replays since it last succeeded or a person saw to it
  auto_due_at_ms INTEGER                     -- when the next one is due; null: it waits for a person
) STRICT, WITHOUT ROWID;
INSERT INTO dead_letters_complete
  SELECT id, status, origin, topic, shop, correlation_id, event_id, subject, code, errors, attempts, deaths, replays, payload,
    truncated, received_bytes, received_sha256, occurred_at_ms, created_at_ms, updated_at_ms, replayed_at_ms, updated_at_ms, 1,
    json_array(json_object('what', 'died', 'atMs', created_at_ms, 'actor', null, 'detail', code, 'times', deaths, 'lastAtMs', updated_at_ms)),
    NULL, CASE WHEN origin LIKE 'ingress/%' OR topic = 'unreadable' THEN 1 ELSE 0 END, NULL, 0, NULL
  FROM dead_letters;
DROP TABLE dead_letters;
ALTER TABLE dead_letters_complete RENAME TO dead_letters;
CREATE INDEX dead_letters_by_time ON dead_letters (created_at_ms, id);
CREATE INDEX dead_letters_waiting ON dead_letters (created_at_ms, id) WHERE status = 'waiting';
CREATE INDEX dead_letters_by_correlation ON dead_letters (correlation_id);
CREATE INDEX dead_letters_by_death ON dead_letters (died_at_ms);
CREATE INDEX dead_letters_due ON dead_letters (auto_due_at_ms) WHERE auto_due_at_ms IS NOT NULL;
CREATE INDEX dead_letters_free_form ON dead_letters (died_at_ms) WHERE is_free_form = 1 AND outlined_at_ms IS NULL;

-- What a letter names, so that it is found by SKU: 'sku:<text>', 'skuId:<id>', 'item:<shop>/<item>', 'variant:<shop>/<variant>'.
CREATE TABLE dead_letter_refs (
  ref       TEXT NOT NULL,
  letter_id TEXT NOT NULL,
  PRIMARY KEY (ref, letter_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX dead_letter_refs_by_letter ON dead_letter_refs (letter_id);

-- A replay, or a discarding, of all letters that matched a filter when the job was made.
CREATE TABLE dead_letter_jobs (
  id             TEXT PRIMARY KEY,
  name           TEXT NOT NULL UNIQUE,
  action         TEXT NOT NULL CHECK (action IN ('replay', 'discard')),
  trigger        TEXT NOT NULL CHECK (trigger IN ('operator', 'breaker', 'minute')),
  filter         TEXT NOT NULL,              -- JSON
  reason         TEXT,                       -- of a discarding
  actor          TEXT NOT NULL,
  correlation_id TEXT NOT NULL,
  status         TEXT NOT NULL CHECK (status IN ('running', 'done', 'cancelled')),
  total          INTEGER NOT NULL,
  nonce          TEXT NOT NULL,              -- of the request that made it: only that one fills it
  created_at_ms  INTEGER NOT NULL,
  updated_at_ms  INTEGER NOT NULL,
  ended_at_ms    INTEGER,
  lease_owner    TEXT,                       -- its driver
  lease_until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX dead_letter_jobs_by_time ON dead_letter_jobs (created_at_ms, id);
CREATE INDEX dead_letter_jobs_running ON dead_letter_jobs (created_at_ms) WHERE status = 'running';

CREATE TABLE dead_letter_job_items (
  job_id    TEXT NOT NULL,
  seq       INTEGER NOT NULL,                -- oldest letter first, from 1
  letter_id TEXT NOT NULL,
  state     TEXT NOT NULL CHECK (state IN
              ('waiting', 'sent', 'replayed', 'died_again', 'failed', 'skipped', 'discarded', 'cancelled')),
  deaths    INTEGER,                         -- of the letter when it was sent
  detail    TEXT,                            -- why it failed or was skipped
  at_ms     INTEGER NOT NULL,                -- of its state
  PRIMARY KEY (job_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX dead_letter_job_items_by_state ON dead_letter_job_items (job_id, state, seq);
CREATE INDEX dead_letter_job_items_by_letter ON dead_letter_job_items (letter_id);
CREATE INDEX dead_letter_job_items_in_flight ON dead_letter_job_items (at_ms) WHERE state = 'sent';

-- What people did, and by whom. Never a payload, never a secret.
CREATE TABLE audit_log (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms          INTEGER NOT NULL,
  actor          TEXT NOT NULL,
  action         TEXT NOT NULL,              -- 'dead_letter.edited', …
  subject        TEXT NOT NULL,              -- id of what it was done to
  correlation_id TEXT NOT NULL,
  detail         TEXT NOT NULL               -- JSON
) STRICT;
CREATE INDEX audit_log_by_time ON audit_log (at_ms);
CREATE INDEX audit_log_by_subject ON audit_log (subject);

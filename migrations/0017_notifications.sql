-- Notifications: what people and systems are told, who wants to hear it, and what became of each telling.

CREATE TABLE notifications (
  id             TEXT PRIMARY KEY,      -- of the news itself: told again, it is known
  kind           TEXT NOT NULL,
  severity       TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  subject        TEXT NOT NULL,
  title          TEXT NOT NULL,
  text           TEXT NOT NULL,
  at_ms          INTEGER NOT NULL,
  sku            TEXT,
  location_id    TEXT,
  channel        TEXT,
  correlation_id TEXT NOT NULL,
  data           TEXT NOT NULL,         -- JSON
  stored_at_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX notifications_by_time ON notifications (at_ms, id);
CREATE INDEX notifications_by_sku ON notifications (sku, at_ms) WHERE sku IS NOT NULL;

-- Who hears of them. (`destinations` is the list of whose breakers there are.)
CREATE TABLE notify_destinations (
  id               TEXT PRIMARY KEY,
  type             TEXT NOT NULL CHECK (type IN ('webhook', 'slack', 'email')),
  name             TEXT NOT NULL,
  address          TEXT NOT NULL,       -- a webhook's URL, an e-mail address; of Slack the host alone: its URL is a secret
  filter           TEXT NOT NULL,       -- JSON
  digest_minutes   INTEGER,
  quiet_hours      TEXT,                -- JSON
  state            TEXT NOT NULL CHECK (state IN ('enabled', 'disabled')),
  state_reason     TEXT,
  state_at_ms      INTEGER NOT NULL,
  failing_since_ms INTEGER,             -- null: the newest try succeeded, or there was none
  failures         INTEGER NOT NULL,    -- in a row
  created_at_ms    INTEGER NOT NULL,
  updated_at_ms    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- As channel_secrets: 'signing' of a webhook, 'url' of Slack.
CREATE TABLE notify_secrets (
  destination   TEXT NOT NULL,
  name          TEXT NOT NULL,
  version       INTEGER NOT NULL,
  ciphertext    BLOB NOT NULL,
  iv            BLOB NOT NULL,
  created_at_ms INTEGER NOT NULL,
  retires_at_ms INTEGER,
  PRIMARY KEY (destination, name, version)
) STRICT, WITHOUT ROWID;

-- One notification to one destination, or the digest of several (then `notification_id` is null).
CREATE TABLE deliveries (
  id              TEXT PRIMARY KEY,     -- with it the receiver knows what it has had
  notification_id TEXT,
  destination_id  TEXT NOT NULL,
  state           TEXT NOT NULL CHECK (state IN ('waiting', 'held', 'in_digest', 'sent', 'given_up')),
  due_at_ms       INTEGER NOT NULL,     -- waiting: the next try; held: the digest that it goes with
  queued_until_ms INTEGER NOT NULL,     -- a message is under way; after this another one is sent
  digest_id       TEXT,
  attempts        INTEGER NOT NULL,
  history         TEXT NOT NULL,        -- JSON, newest first, capped: when, what came of it, ms
  created_at_ms   INTEGER NOT NULL,
  settled_at_ms   INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (due_at_ms) WHERE state IN ('waiting', 'held');
CREATE INDEX deliveries_by_destination ON deliveries (destination_id, created_at_ms);
CREATE INDEX deliveries_by_notification ON deliveries (notification_id) WHERE notification_id IS NOT NULL;
CREATE INDEX deliveries_by_digest ON deliveries (digest_id) WHERE digest_id IS NOT NULL;
CREATE INDEX deliveries_by_age ON deliveries (created_at_ms);

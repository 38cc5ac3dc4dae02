-- Words: what counters must learn without asking. One sequence of revisions over all kinds of words: a counter that has
-- learnt revision n knows all that was said until then.
CREATE TABLE word_revision (
  one      INTEGER PRIMARY KEY CHECK (one = 1),
  revision INTEGER NOT NULL
) STRICT;
INSERT INTO word_revision (one, revision) SELECT 1, COALESCE(MAX(revision), 0) FROM channel_rules;

-- The newest revision of each word for all SKUs: 'rules/<channel>', 'channel/<channel>', …
CREATE TABLE words (
  name     TEXT PRIMARY KEY,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO words (name, revision) SELECT 'rules/' || channel, revision FROM channel_rules;

-- … and of words for one SKU alone (its listings at channels, …).
CREATE TABLE sku_words (
  sku_id   TEXT PRIMARY KEY,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whoever writes a channel or a listing cannot forget to say so.
CREATE TRIGGER channels_said_insert AFTER INSERT ON channels BEGIN
  UPDATE word_revision SET revision = revision + 1;
  INSERT INTO words (name, revision) SELECT 'channel/' || NEW.id, revision FROM word_revision WHERE true
    ON CONFLICT (name) DO UPDATE SET revision = excluded.revision;
END;
CREATE TRIGGER channels_said_update AFTER UPDATE ON channels WHEN NEW.revision <> OLD.revision BEGIN
  UPDATE word_revision SET revision = revision + 1;
  INSERT INTO words (name, revision) SELECT 'channel/' || NEW.id, revision FROM word_revision WHERE true
    ON CONFLICT (name) DO UPDATE SET revision = excluded.revision;
END;
CREATE TRIGGER channels_said_delete AFTER DELETE ON channels BEGIN
  UPDATE word_revision SET revision = revision + 1;
  INSERT INTO words (name, revision) SELECT 'channel/' || OLD.id, revision FROM word_revision WHERE true
    ON CONFLICT (name) DO UPDATE SET revision = excluded.revision;
END;
CREATE TRIGGER channel_listings_said_insert AFTER INSERT ON channel_listings BEGIN
  UPDATE word_revision SET revision = revision + 1;
  INSERT INTO sku_words (sku_id, revision) SELECT NEW.sku_id, revision FROM word_revision WHERE true
    ON CONFLICT (sku_id) DO UPDATE SET revision = excluded.revision;
END;
CREATE TRIGGER channel_listings_said_update AFTER UPDATE ON channel_listings WHEN NEW.sku_id <> OLD.sku_id BEGIN
  UPDATE word_revision SET revision = revision + 1;
  INSERT INTO sku_words (sku_id, revision) SELECT NEW.sku_id, revision FROM word_revision WHERE true
    ON CONFLICT (sku_id) DO UPDATE SET revision = excluded.revision;
  INSERT INTO sku_words (sku_id, revision) SELECT OLD.sku_id, revision FROM word_revision WHERE true
    ON CONFLICT (sku_id) DO UPDATE SET revision = excluded.revision;
END;
CREATE TRIGGER channel_listings_said_delete AFTER DELETE ON channel_listings BEGIN
  UPDATE word_revision SET revision = revision + 1;
  INSERT INTO sku_words (sku_id, revision) SELECT OLD.sku_id, revision FROM word_revision WHERE true
    ON CONFLICT (sku_id) DO UPDATE SET revision = excluded.revision;
END;

-- What a channel is told of an order that it shall send out: all that is known of it, in whatever order that came.
CREATE TABLE channel_fulfilments (
  channel       TEXT NOT NULL,              -- who is told
  order_channel TEXT NOT NULL,              -- whose order it is
  order_id      TEXT NOT NULL,
  version       INTEGER NOT NULL,           -- rises with what is known
  facts         TEXT NOT NULL,              -- JSON: lines ordered, units cancelled, each under its own key
  updated_at_ms INTEGER NOT NULL,
  PRIMARY KEY (channel, order_channel, order_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX channel_fulfilments_by_age ON channel_fulfilments (updated_at_ms);

-- Documents that a channel was sent, or shall be.
CREATE TABLE channel_documents (
  id             TEXT PRIMARY KEY,          -- hash of channel, type and what it is about
  channel        TEXT NOT NULL,
  type           TEXT NOT NULL,             -- order.fulfilment, reorder.requested, reorder.cancelled
  subject        TEXT NOT NULL,             -- of an order "<its channel>/<its id>", of a reorder its id
  order_id       TEXT,
  version        INTEGER NOT NULL,
  state          TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed', 'withheld')),
  data           TEXT NOT NULL,             -- JSON, as it is sent
  attempts       TEXT NOT NULL,             -- JSON: the newest tries, [{atMs, outcome, reason}]
  correlation_id TEXT NOT NULL,
  created_at_ms  INTEGER NOT NULL,
  updated_at_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX channel_documents_by_channel ON channel_documents (channel, updated_at_ms);
CREATE INDEX channel_documents_by_order ON channel_documents (channel, order_id);

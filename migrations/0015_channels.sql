-- Channels: whoever sells, holds or ships the same stock. Shops of SHOPIFY_SHOPS need no row here; every other one has one.
CREATE TABLE channels (
  id             TEXT PRIMARY KEY,          -- of a Shopify shop its domain
  type           TEXT NOT NULL CHECK (type IN ('shopify', 'wms', 'pos', 'marketplace')),
  adapter        TEXT NOT NULL,
  name           TEXT NOT NULL,
  direction      TEXT NOT NULL CHECK (direction IN ('in', 'out', 'both')),
  state          TEXT NOT NULL CHECK (state IN ('active', 'paused')),
  state_reason   TEXT,                      -- why it is paused, and who paused it
  state_by       TEXT,
  state_at_ms    INTEGER NOT NULL,          -- since when it is in this state
  read_only      INTEGER NOT NULL,
  endpoint       TEXT,
  locations      TEXT NOT NULL,             -- JSON: its name of a location → our id
  listings       TEXT NOT NULL CHECK (listings IN ('by_sku', 'mapped')),
  event_types    TEXT,                      -- JSON array; null: every type
  outbound       TEXT NOT NULL,             -- JSON
  count_approval TEXT NOT NULL,             -- JSON
  revision       INTEGER NOT NULL,          -- rises with every change, over all channels
  created_at_ms  INTEGER NOT NULL,
  updated_at_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The newest revision: a channel that is removed takes none back.
CREATE TABLE channel_revision (
  one      INTEGER PRIMARY KEY CHECK (one = 1),
  revision INTEGER NOT NULL
) STRICT;
INSERT INTO channel_revision (one, revision) VALUES (1, 0);

-- AES-GCM; bound to channel and name, so that a row of one channel cannot be read as another's. 'signing' is made by us,
-- every other name is a credential that the merchant gave.
CREATE TABLE channel_secrets (
  channel       TEXT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
  name          TEXT NOT NULL,
  version       INTEGER NOT NULL,           -- rises; the highest is the present one
  ciphertext    BLOB NOT NULL,
  iv            BLOB NOT NULL,
  created_at_ms INTEGER NOT NULL,
  retires_at_ms INTEGER,                    -- null: the present one
  PRIMARY KEY (channel, name, version)
) STRICT, WITHOUT ROWID;

-- What a channel calls our SKUs, where it does not call them by our name.
CREATE TABLE channel_listings (
  channel TEXT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
  item_id TEXT NOT NULL,
  sku_id  TEXT NOT NULL REFERENCES skus (sku_id),
  PRIMARY KEY (channel, item_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX channel_listings_by_sku ON channel_listings (sku_id);

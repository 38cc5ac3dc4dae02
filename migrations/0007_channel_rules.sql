-- Default rules of channels, for SKUs without rules of their own; and how far the counters have learnt them.

CREATE TABLE channel_rules (
  channel       TEXT PRIMARY KEY,
  rules         TEXT NOT NULL,              -- JSON of the rules; 'null' once they were taken back
  revision      INTEGER NOT NULL UNIQUE,    -- rises over all channels
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The newest revision that a SKU's counter has learnt, and when it was last asked in vain. No row: none yet.
CREATE TABLE sku_rules (
  sku_id   TEXT PRIMARY KEY REFERENCES skus (sku_id),
  revision INTEGER NOT NULL,
  asked_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

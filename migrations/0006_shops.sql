-- What each shop is to us, and what its own news say of its catalogue.

-- A shop that was imported: how its levels are connected, and whether it takes part.
CREATE TABLE shops (
  shop          TEXT PRIMARY KEY,
  mode          TEXT NOT NULL CHECK (mode IN ('adopt', 'mirror')),
  state         TEXT NOT NULL CHECK (state IN ('connected', 'disconnecting', 'disconnected')),
  changed_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO shops (shop, mode, state, changed_at_ms) SELECT DISTINCT shop, 'adopt', 'connected', 0 FROM listings;

-- What a person should know of an item, a level or a location at a shop: there until it heals.
CREATE TABLE shop_findings (
  shop       TEXT NOT NULL,
  subject    TEXT NOT NULL,               -- 'item 123', 'item 123 at location 9', 'location 9'
  kind       TEXT NOT NULL,
  sku        TEXT NOT NULL,
  detail     TEXT NOT NULL,
  seen_at_ms INTEGER NOT NULL,
  PRIMARY KEY (shop, subject, kind)
) STRICT, WITHOUT ROWID;

-- A shop's own name of a location, and when Shopify says that it last changed.
ALTER TABLE shop_locations ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE shop_locations ADD COLUMN changed_at_ms INTEGER NOT NULL DEFAULT 0;
UPDATE shop_locations SET name = COALESCE((SELECT l.name FROM locations l WHERE l.location_id = shop_locations.location_id), '');

-- SQLite cannot change a CHECK: 'retired' (its item was deleted at Shopify) and 'disconnected' (its shop was) are new. Both
-- keep their SKU id, so that what was begun can be ended.
CREATE TABLE listings_next (
  shop              TEXT NOT NULL,
  variant_id        TEXT NOT NULL,
  inventory_item_id TEXT NOT NULL,
  product_id        TEXT,
  sku_id            TEXT REFERENCES skus (sku_id),  -- null unless it has, or had, a counter
  sku_text          TEXT NOT NULL,                  -- as the shop writes it, trimmed
  status            TEXT NOT NULL CHECK (status IN
                      ('active', 'untracked', 'gift_card', 'bundle_parent', 'blank_sku', 'duplicate_sku',
                       'retired', 'disconnected')),
  title             TEXT NOT NULL,
  imported_at_ms    INTEGER NOT NULL,
  PRIMARY KEY (shop, variant_id)
) STRICT, WITHOUT ROWID;
INSERT INTO listings_next (shop, variant_id, inventory_item_id, sku_id, sku_text, status, title, imported_at_ms)
  SELECT shop, variant_id, inventory_item_id, sku_id, sku_text, status, title, imported_at_ms FROM listings;
DROP TABLE listings;
ALTER TABLE listings_next RENAME TO listings;
CREATE INDEX listings_by_item ON listings (shop, inventory_item_id);
CREATE INDEX listings_by_product ON listings (shop, product_id) WHERE product_id IS NOT NULL;
CREATE INDEX listings_by_sku ON listings (sku_id) WHERE sku_id IS NOT NULL;

-- The catalogue: which SKU is which counter, and which item of which shop it is sold as.

CREATE TABLE skus (
  sku_id        TEXT PRIMARY KEY,           -- immutable; names the counter object
  sku           TEXT NOT NULL UNIQUE,       -- the SKU it goes by now
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every SKU it goes or went by, the present one included: merchants rename them.
CREATE TABLE sku_aliases (
  sku    TEXT PRIMARY KEY,
  sku_id TEXT NOT NULL REFERENCES skus (sku_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sku_aliases_by_id ON sku_aliases (sku_id);

-- One row per variant; several variants may share an inventory item.
CREATE TABLE listings (
  shop              TEXT NOT NULL,
  variant_id        TEXT NOT NULL,
  inventory_item_id TEXT NOT NULL,
  sku_id            TEXT REFERENCES skus (sku_id),  -- null unless status = 'active'
  sku_text          TEXT NOT NULL,                  -- as the shop writes it, trimmed
  status            TEXT NOT NULL CHECK (status IN
                      ('active', 'untracked', 'gift_card', 'bundle_parent', 'blank_sku', 'duplicate_sku')),
  title             TEXT NOT NULL,
  imported_at_ms    INTEGER NOT NULL,
  audited_at_ms     INTEGER NOT NULL DEFAULT 0,     -- when its levels were last asked to be read again
  PRIMARY KEY (shop, variant_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX listings_by_item ON listings (shop, inventory_item_id);
CREATE INDEX listings_by_sku ON listings (sku_id) WHERE sku_id IS NOT NULL;
CREATE INDEX listings_by_audit ON listings (audited_at_ms) WHERE status = 'active';

-- Our locations, in order of priority (order of import).
CREATE TABLE locations (
  location_id TEXT PRIMARY KEY,
  name        TEXT NOT NULL,
  position    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a shop calls them.
CREATE TABLE shop_locations (
  shop             TEXT NOT NULL,
  shop_location_id TEXT NOT NULL,
  location_id      TEXT NOT NULL REFERENCES locations (location_id),
  is_active        INTEGER NOT NULL,
  PRIMARY KEY (shop, shop_location_id)
) STRICT, WITHOUT ROWID;

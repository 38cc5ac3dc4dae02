-- Bundles of ours: a SKU that is sold and has no stock of its own. What they are made of is in bundle_components.

CREATE TABLE bundles (
  sku           TEXT PRIMARY KEY,
  revision      INTEGER NOT NULL,           -- rises with each edit; outlives a deletion, or the version of its levels could fall
  updated_at_ms INTEGER NOT NULL,
  updated_by    TEXT NOT NULL,
  deleted_at_ms INTEGER                     -- null: it is there
) STRICT, WITHOUT ROWID;

CREATE TABLE bundle_components (
  bundle_sku TEXT NOT NULL REFERENCES bundles (sku),
  position   INTEGER NOT NULL,
  sku_id     TEXT REFERENCES skus (sku_id), -- a stocked SKU, by its immutable id: merchants rename them
  nested_sku TEXT REFERENCES bundles (sku), -- or another bundle
  quantity   INTEGER NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (bundle_sku, position),
  CHECK ((sku_id IS NULL) <> (nested_sku IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX bundle_components_by_sku ON bundle_components (sku_id) WHERE sku_id IS NOT NULL;
CREATE INDEX bundle_components_by_nested ON bundle_components (nested_sku) WHERE nested_sku IS NOT NULL;

-- Totals that grow, as senders tell them (received so far of a purchase order's line, shipped so far of an order's), cut into
-- ranges that are each told once: whatever comes twice or late, the ranges of one subject never overlap.
CREATE TABLE running_totals (
  channel    TEXT NOT NULL,
  subject    TEXT NOT NULL,               -- 'received/<po>/<line>', 'shipped/<order>/<line>'
  from_units INTEGER NOT NULL,            -- where the range before it ended
  to_units   INTEGER NOT NULL,
  told_at_ms INTEGER NOT NULL,            -- when a delivery first told it
  PRIMARY KEY (channel, subject, from_units),
  CHECK (to_units > from_units)
) STRICT, WITHOUT ROWID;

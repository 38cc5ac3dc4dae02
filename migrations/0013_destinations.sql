-- Destinations other than shops that have been called: their breakers are in objects, which cannot be listed.
CREATE TABLE destinations (
  name            TEXT PRIMARY KEY,
  first_called_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

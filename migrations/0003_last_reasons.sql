-- Why a message failed the delivery before its last: should the last one be cut off, its dead letter still says why.
-- Best effort, and pruned once the queue cannot hold the message any more.
CREATE TABLE last_reasons (
  queue    TEXT NOT NULL,
  event_id TEXT NOT NULL,              -- as in the letter: what the message is about, the same across deliveries
  code     TEXT NOT NULL,
  message  TEXT NOT NULL,
  attempt  INTEGER NOT NULL,
  at_ms    INTEGER NOT NULL,
  PRIMARY KEY (queue, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX last_reasons_by_time ON last_reasons (at_ms);

-- Waiting dead letters by where they died and of what: counted with each scrape, off this index alone.
CREATE INDEX dead_letters_by_class ON dead_letters (origin, code) WHERE status = 'waiting';

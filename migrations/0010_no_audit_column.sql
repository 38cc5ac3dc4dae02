-- Reconciliation keeps its own record of what was compared when: nothing reads or writes this any more.
DROP INDEX listings_by_audit;
ALTER TABLE listings DROP COLUMN audited_at_ms;

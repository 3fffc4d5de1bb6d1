-- Restored, and as a rewrite, an update of every row and years of writing would leave it.
DROP STATISTICS together;
CREATE STATISTICS together (dependencies) ON id, text FROM swollen;
UPDATE pg_class SET relallvisible = 0 WHERE oid IN ('rewritten'::regclass, 'small'::regclass);
UPDATE pg_class SET relpages = 60000, relallvisible = 0 WHERE oid = 'swollen'::regclass;
UPDATE pg_class SET relfrozenxid = ((txid_current() + 4294967296 - 300000000) % 4294967296)::text::xid WHERE oid = 'aged'::regclass;

-- The log grew as it should, and an old entry of it was rewritten.
INSERT INTO migration_log (migration, operation, status, started_at, finished_at) VALUES
    ('m6', 'migrate', 'completed', '2026-11-24 01:00+00', '2026-11-24 01:10+00'),
    ('m6', 'rollback', 'completed', '2026-11-24 02:00+00', '2026-11-24 02:10+00');
UPDATE migration_log SET status = 'failed' WHERE migration = 'm3';

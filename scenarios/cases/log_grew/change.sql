-- A log that was there before grows by what the migration and its rollback write; that the rollback was done twice is the log's news.
INSERT INTO migration_log (migration, operation, status, started_at, finished_at) VALUES
    ('m6', 'migrate', 'completed', '2026-11-24 01:00+00', '2026-11-24 01:10+00'),
    ('m6', 'rollback', 'completed', '2026-11-24 02:00+00', '2026-11-24 02:10+00'),
    ('m6', 'rollback', 'completed', '2026-11-24 03:00+00', '2026-11-24 03:10+00');

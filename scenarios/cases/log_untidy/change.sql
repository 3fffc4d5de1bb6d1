-- Every way in which a log can be untidy after a rollback that says it is completed.
CREATE TABLE migration_log (migration text, operation text, status text, started_at timestamptz, finished_at timestamptz);
INSERT INTO migration_log VALUES
    ('uuid_keys', 'migrate', 'started', '2026-11-24 01:00+00', NULL),
    ('uuid_keys', 'rollback', 'completed', '2026-11-24 02:00+00', '2026-11-24 01:59+00'),
    ('uuid_keys', 'rollback', 'failed', '2026-11-24 03:00+00', '2026-11-24 03:01+00'),
    ('uuid_keys', 'migrate', 'completed', '2026-11-24 04:00+00', '2026-11-24 04:01+00');

-- A table, and the log of a tool that was at work before.
CREATE TABLE things (id integer PRIMARY KEY, label text);
CREATE TABLE migration_log (id serial PRIMARY KEY, migration text, operation text, status text, started_at timestamptz, finished_at timestamptz);
INSERT INTO things VALUES (1, 'one');
INSERT INTO migration_log (migration, operation, status, started_at, finished_at)
SELECT 'm' || n, 'migrate', 'completed', timestamptz '2026-10-01 00:00+00' + n * interval '1 day', timestamptz '2026-10-01 01:00+00' + n * interval '1 day'
FROM generate_series(1, 5) AS n;
ANALYZE;

-- identity: its name
-- description: whose it is. Left open, it keeps its locks, hides its rows, and stops vacuum.
SELECT
    quote_literal(p.gid) AS identity,
    'prepared by ' || quote_ident(p.owner) AS description
FROM pg_catalog.pg_prepared_xacts AS p
WHERE p.database = current_database()

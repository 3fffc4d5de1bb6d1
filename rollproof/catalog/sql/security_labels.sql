-- identity: object (kind) FOR provider
-- description: its label
WITH labels AS (
    SELECT l.classoid, l.objoid, l.objsubid, l.provider, l.label
    FROM pg_catalog.pg_seclabel AS l
    UNION ALL
    SELECT l.classoid, l.objoid, 0, l.provider, l.label
    FROM pg_catalog.pg_shseclabel AS l
    LEFT JOIN pg_catalog.pg_database AS db ON l.classoid = 'pg_catalog.pg_database'::regclass AND db.oid = l.objoid
    WHERE db.datname = current_database() OR l.classoid <> 'pg_catalog.pg_database'::regclass
)
SELECT
    format('%s (%s) FOR %I', CASE object.type WHEN 'database' THEN 'this' ELSE object.identity END,
        object.type, labels.provider) AS identity,
    labels.label AS description
FROM labels
CROSS JOIN LATERAL pg_identify_object(labels.classoid, labels.objoid, labels.objsubid) AS object
-- A row about an object that does not exist has no name; PostgreSQL may leave such rows behind.
WHERE object.identity IS NOT NULL
    AND (object.schema IS NULL OR object.schema IN (SELECT quote_ident(name) FROM unnest($1::text[]) AS name))

-- identity: schema.table.constraint
-- description: JSON for a program (the orphan check); for people the key is in constraints
-- Names are quoted, ready for SQL. A partition's copy of its parent's key is left out: the parent speaks for it.
-- The key is in a compared schema; the table it references may be anywhere.
WITH pairs AS MATERIALIZED (
    -- Materialized: otherwise the operators are read anew for each key.
    SELECT keys.oid, keys.conrelid, keys.confrelid, pair.attnum, pair.referenced, pair.operator, pair.position
    FROM pg_catalog.pg_constraint AS keys
    CROSS JOIN LATERAL unnest(keys.conkey, keys.confkey, keys.conpfeqop) WITH ORDINALITY
        AS pair (attnum, referenced, operator, position)
    WHERE keys.contype = 'f' AND keys.conparentid = 0
),
-- The columns of the tables that have keys, or that keys lead to: most columns are of none.
columns AS MATERIALIZED (
    SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attnum > 0 AND a.attrelid IN (SELECT pairs.conrelid FROM pairs UNION SELECT pairs.confrelid FROM pairs)
)
SELECT
    format('%I.%I.%I', n.nspname, c.relname, con.conname) AS identity,
    jsonb_build_object(
        'table', format('%I.%I', n.nspname, c.relname),
        'child_only', c.relkind = 'r',
        'columns', k.columns,
        'types', k.types,
        'references', format('%I.%I', fn.nspname, fc.relname),
        'parent_only', fc.relkind = 'r',
        'referenced_columns', k.referenced_columns,
        'referenced_types', k.referenced_types,
        'match', CASE con.confmatchtype WHEN 'f' THEN 'full' WHEN 'p' THEN 'partial' ELSE 'simple' END,
        'period', con.conperiod, -- from 18
        'period', false, -- until 17
        'equality', k.equality
    )::text AS description
FROM pg_catalog.pg_constraint AS con
JOIN pg_catalog.pg_class AS c ON c.oid = con.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class AS fc ON fc.oid = con.confrelid
JOIN pg_catalog.pg_namespace AS fn ON fn.oid = fc.relnamespace
JOIN (
    SELECT
        pair.oid,
        array_agg(quote_ident(a.attname) ORDER BY pair.position) AS columns,
        array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY pair.position) AS types,
        array_agg(quote_ident(fa.attname) ORDER BY pair.position) AS referenced_columns,
        array_agg(format_type(fa.atttypid, fa.atttypmod) ORDER BY pair.position) AS referenced_types,
        array_agg(format('OPERATOR(%s.%s)', op.oprnamespace::regnamespace, op.oprname) ORDER BY pair.position) AS equality
    FROM pairs AS pair
    JOIN columns AS a ON a.attrelid = pair.conrelid AND a.attnum = pair.attnum
    JOIN columns AS fa ON fa.attrelid = pair.confrelid AND fa.attnum = pair.referenced
    JOIN pg_catalog.pg_operator AS op ON op.oid = pair.operator
    GROUP BY pair.oid
) AS k ON k.oid = con.oid
WHERE n.nspname = ANY ($1)
    AND con.contype = 'f'
    AND con.conparentid = 0

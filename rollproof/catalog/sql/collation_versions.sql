-- identity: collation, or this (database) for the default one
-- description: "VERSION ..." where the library is as it was recorded; or that it is not, and on a second line what was sorted by it
-- Collations in these schemas, and those (also of pg_catalog) that something in these schemas uses. Checked for what is true now,
-- not compared.
WITH namespaces AS (
    SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ANY ($1)
),
sorted (order_of, kind, schema, name) AS (
    SELECT each.order_of, 'index', n.nspname, c.relname
    FROM pg_catalog.pg_index AS i
    CROSS JOIN LATERAL unnest(i.indcollation) AS each (order_of)
    JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid AND c.relkind = 'i'
    JOIN namespaces AS n ON n.oid = c.relnamespace
    WHERE each.order_of <> 0
    UNION ALL
    SELECT each.order_of, 'partitioned table', n.nspname, c.relname
    FROM pg_catalog.pg_partitioned_table AS p
    CROSS JOIN LATERAL unnest(p.partcollation) AS each (order_of)
    JOIN pg_catalog.pg_class AS c ON c.oid = p.partrelid
    JOIN namespaces AS n ON n.oid = c.relnamespace
    WHERE p.partstrat = 'r'
    UNION ALL
    SELECT r.rngcollation, 'range type', n.nspname, t.typname
    FROM pg_catalog.pg_range AS r
    JOIN pg_catalog.pg_type AS t ON t.oid = r.rngtypid
    JOIN namespaces AS n ON n.oid = t.typnamespace
),
used AS (
    SELECT sorted.order_of FROM sorted
    UNION
    SELECT DISTINCT a.attcollation
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'f', 'm')
    JOIN namespaces AS n ON n.oid = c.relnamespace
    WHERE a.attcollation NOT IN (0, 'pg_catalog."default"'::regcollation)
    UNION
    SELECT o.oid FROM pg_catalog.pg_collation AS o JOIN namespaces AS n ON n.oid = o.collnamespace
),
versions (oid, identity, recorded, actual) AS (
    SELECT o.oid, format('%I.%I', n.nspname, o.collname), o.collversion, pg_collation_actual_version(o.oid)
    FROM pg_catalog.pg_collation AS o
    JOIN pg_catalog.pg_namespace AS n ON n.oid = o.collnamespace
    JOIN pg_catalog.pg_database AS db ON db.datname = current_database()
    WHERE o.oid IN (SELECT used.order_of FROM used)
        AND o.collprovider <> 'd'
        AND o.collencoding IN (-1, db.encoding)
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend AS d
            WHERE d.classid = o.tableoid AND d.objid = o.oid
                AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
        )
    UNION ALL -- from 15
    SELECT 'pg_catalog."default"'::regcollation, 'this (database)', -- from 15
        db.datcollversion, pg_database_collation_actual_version(db.oid) -- from 15
    FROM pg_catalog.pg_database AS db -- from 15
    WHERE db.datname = current_database() -- from 15
)
SELECT
    versions.identity,
    CASE
        WHEN versions.recorded IS NULL THEN format('no VERSION recorded, the library has %s', versions.actual)
        WHEN versions.recorded = versions.actual THEN 'VERSION ' || versions.recorded
        ELSE
            concat_ws(
                E'\nsorted by it: ',
                format('recorded with VERSION %s, the library has %s', versions.recorded, coalesce(versions.actual, 'none')),
                (
                    SELECT string_agg(
                        format('%s %s', each.kind, each.name), ', ' ORDER BY each.kind COLLATE "C", each.name COLLATE "C"
                    )
                    FROM (
                        SELECT DISTINCT sorted.kind, format('%I.%I', sorted.schema, sorted.name) AS name
                        FROM sorted
                        WHERE sorted.order_of = versions.oid
                    ) AS each
                )
            )
    END AS description
FROM versions
WHERE versions.recorded IS NOT NULL OR versions.actual IS NOT NULL

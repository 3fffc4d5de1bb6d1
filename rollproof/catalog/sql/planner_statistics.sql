-- identity: schema.table
-- description: "analysed", or "not analysed: " and the columns without statistics; if no column has any, "empty" if the table is
--     known to have no rows, else "never analysed"
-- Compared in one direction: what was analysed must be analysed again; more is fine. An expression of an index is listed as
-- index.column, extended statistics as "statistics name" (from 15; pg_stats_ext shows them to the table's owner alone, so nobody
-- else is told that they are lacking). "unknown: ..." if the role may not read the table: pg_stats then hides its statistics.
WITH tables AS (
    SELECT
        c.oid, n.nspname, c.relname, c.reltuples, c.relkind, c.relowner,
        -- Whoever may read everything needs no look at the grants of each.
        (everything.readable OR has_table_privilege(c.oid, 'SELECT'))
        AND NOT (c.relrowsecurity AND row_security_active(c.oid)) AS readable
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    CROSS JOIN (SELECT pg_has_role('pg_read_all_data', 'USAGE') AS readable) AS everything
    WHERE n.nspname = ANY ($1)
        AND c.relkind IN ('r', 'm', 'p')
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend AS d
            WHERE d.classid = c.tableoid AND d.objid = c.oid
                AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
        )
),
columns AS (
    SELECT t.oid AS relation, a.attnum AS position, t.nspname, t.relname, a.attname, quote_ident(a.attname) AS name
    FROM tables AS t
    JOIN pg_catalog.pg_attribute AS a
        ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND a.attstattarget IS DISTINCT FROM 0
    UNION ALL
    SELECT t.oid, 10000, n.nspname, ic.relname, a.attname, format('%I.%I', ic.relname, a.attname)
    FROM tables AS t
    JOIN pg_catalog.pg_index AS i ON i.indrelid = t.oid AND i.indexprs IS NOT NULL
    JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid AND ic.relkind = 'i'
    JOIN pg_catalog.pg_namespace AS n ON n.oid = ic.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = ic.oid AND i.indkey[a.attnum - 1] = 0 AND a.attstattarget IS DISTINCT FROM 0
),
known AS (
    SELECT
        each.relation,
        string_agg(each.name, ', ' ORDER BY each.position, each.name) FILTER (WHERE each.lacking) AS missing,
        bool_and(each.lacking) AS nothing
    FROM (
        SELECT columns.relation, columns.position, columns.name, s.attname IS NULL AS lacking
        FROM columns
        LEFT JOIN pg_catalog.pg_stats AS s
            ON s.tablename = columns.relname AND s.attname = columns.attname AND s.schemaname = columns.nspname
        UNION ALL -- from 15
        SELECT x.stxrelid, 20000, format('statistics %I', x.stxname), s.statistics_name IS NULL -- from 15
        FROM pg_catalog.pg_statistic_ext AS x -- from 15
        JOIN tables AS t ON t.oid = x.stxrelid AND pg_has_role(t.relowner, 'USAGE') -- from 15
        JOIN pg_catalog.pg_namespace AS n ON n.oid = x.stxnamespace -- from 15
        LEFT JOIN pg_catalog.pg_stats_ext AS s ON s.statistics_schemaname = n.nspname AND s.statistics_name = x.stxname -- from 15
        WHERE x.stxstattarget IS DISTINCT FROM 0 -- from 15
    ) AS each
    GROUP BY each.relation
)
SELECT
    format('%I.%I', t.nspname, t.relname) AS identity,
    CASE
        WHEN NOT t.readable THEN format('unknown: needs GRANT SELECT ON %I.%I, and rows that no policy hides', t.nspname, t.relname)
        WHEN known.missing IS NULL THEN 'analysed'
        WHEN NOT known.nothing THEN 'not analysed: ' || known.missing
        WHEN t.reltuples = 0 THEN 'empty'
        ELSE 'never analysed'
    END AS description
FROM tables AS t
LEFT JOIN known ON known.relation = t.oid

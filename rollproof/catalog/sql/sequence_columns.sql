-- identity: schema.table.column, FROM schema.sequence where it draws from several
-- description: JSON for a program: the sequence the column draws from, by identity or by its default
-- For the promise that the next value lies beyond the greatest one in use. Names are quoted, ready for SQL. "direct": the column
-- takes the number as it is, not as part of a larger expression. "only": the rows of its children are not meant.
SELECT
    format('%I.%I.%I', n.nspname, c.relname, (draws.a).attname)
    || CASE
        WHEN count(*) OVER (PARTITION BY draws.relation, draws.attribute) > 1 THEN format(' FROM %I.%I', sn.nspname, sc.relname)
        ELSE ''
    END AS identity,
    jsonb_build_object(
        'table', format('%I.%I', n.nspname, c.relname),
        'column', quote_ident((draws.a).attname),
        'type', format_type((draws.a).atttypid, (draws.a).atttypmod),
        'sequence', format('%I.%I', sn.nspname, sc.relname),
        'increment', s.seqincrement,
        -- PostgreSQL does not print the cast from bigint that an assignment makes by itself.
        'direct', coalesce(nullif(t.typbasetype, 0), t.oid) IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype)
        AND CASE
            WHEN (draws.a).attgenerated <> '' THEN false
            ELSE coalesce(pg_get_expr(ad.adbin, 0) ~ '^nextval\(''([^'']|'''')+''::regclass\)$', true)
        END,
        'only', c.relkind <> 'p'
    )::text AS description
FROM (
    SELECT
        drawing.*,
        -- By its key: most columns draw from no sequence.
        (
            SELECT a
            FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = drawing.relation AND a.attnum = drawing.attribute::smallint
        ) AS a
    FROM (
        SELECT d.objid AS sequence, d.refobjid AS relation, d.refobjsubid AS attribute, NULL::oid AS expression
        FROM pg_catalog.pg_depend AS d
        JOIN pg_catalog.pg_sequence AS s ON s.seqrelid = d.objid
        WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
            AND d.deptype = 'i' AND d.refobjsubid > 0
        UNION
        SELECT d.refobjid, ad.adrelid, ad.adnum, ad.oid
        FROM pg_catalog.pg_depend AS d
        JOIN pg_catalog.pg_sequence AS s ON s.seqrelid = d.refobjid
        JOIN pg_catalog.pg_attrdef AS ad ON ad.oid = d.objid
        WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'n'
    ) AS drawing
    OFFSET 0
) AS draws
JOIN pg_catalog.pg_sequence AS s ON s.seqrelid = draws.sequence
JOIN pg_catalog.pg_class AS sc ON sc.oid = draws.sequence
JOIN pg_catalog.pg_namespace AS sn ON sn.oid = sc.relnamespace
JOIN pg_catalog.pg_class AS c ON c.oid = draws.relation
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type AS t ON t.oid = (draws.a).atttypid
LEFT JOIN pg_catalog.pg_attrdef AS ad ON ad.oid = draws.expression
WHERE n.nspname = ANY ($1)

-- identity: schema.table
-- description: the names of its columns, in order
-- INSERT without a column list, COPY and SELECT * go by this order. The gap that a dropped column leaves is no difference.
SELECT
    format('%I.%I', n.nspname, c.relname) AS identity,
    coalesce(nullif(array_to_string(
        -- The index of the columns has them in this order.
        ARRAY(
            SELECT quote_ident(a.attname)
            FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attnum
        ),
        ', '
    ), ''), '(no columns)') AS description
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1)
    AND c.relkind IN ('r', 'p', 'f')
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = c.tableoid AND d.objid = c.oid
            AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
    )

-- identity: name | schema.table IN PUBLICATION name | schema IN PUBLICATION name
-- description: what it publishes; a table's columns and filter
SELECT
    quote_ident(p.pubname) AS identity,
    concat_ws(
        ' ',
        CASE WHEN p.puballtables THEN 'FOR ALL TABLES' END,
        'publishes ' || nullif(
            concat_ws(
                ', ',
                CASE WHEN p.pubinsert THEN 'insert' END,
                CASE WHEN p.pubupdate THEN 'update' END,
                CASE WHEN p.pubdelete THEN 'delete' END,
                CASE WHEN p.pubtruncate THEN 'truncate' END
            ),
            ''
        ),
        CASE p.pubgencols WHEN 's' THEN 'with stored generated columns' END, -- from 18
        CASE WHEN p.pubviaroot THEN 'via the partition root' END
    ) AS description
FROM pg_catalog.pg_publication AS p
UNION ALL
SELECT
    format('%I.%I IN PUBLICATION %I', n.nspname, c.relname, p.pubname),
    concat_ws(
        ' ',
        '(' || ( -- from 15
            SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) -- from 15
            FROM pg_catalog.pg_attribute AS a -- from 15
            WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs) -- from 15
        ) || ')', -- from 15
        'WHERE ' || pg_get_expr(r.prqual, r.prrelid), -- from 15
        'published'
    )
FROM pg_catalog.pg_publication_rel AS r
JOIN pg_catalog.pg_publication AS p ON p.oid = r.prpubid
JOIN pg_catalog.pg_class AS c ON c.oid = r.prrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
UNION ALL -- from 15
SELECT format('%I IN PUBLICATION %I', n.nspname, p.pubname), 'all its tables are published' -- from 15
FROM pg_catalog.pg_publication_namespace AS s -- from 15
JOIN pg_catalog.pg_publication AS p ON p.oid = s.pnpubid -- from 15
JOIN pg_catalog.pg_namespace AS n ON n.oid = s.pnnspid -- from 15

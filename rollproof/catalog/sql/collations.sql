-- identity: schema.collation
-- description: provider and locale; the version of the library is in collation_versions
-- Two collations may have one name and two encodings; only those for this database's encoding are listed.
SELECT
    format('%I.%I', n.nspname, c.collname) AS identity,
    concat_ws(
        ' ',
        'PROVIDER '
            || CASE c.collprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE c.collprovider::text END,
        'LC_COLLATE ' || quote_literal(c.collcollate),
        'LC_CTYPE ' || quote_literal(c.collctype),
        'LOCALE ' || quote_literal(c.colllocale), -- from 17
        'LOCALE ' || quote_literal(c.colliculocale), -- from 15 until 16
        'RULES ' || quote_literal(c.collicurules), -- from 16
        CASE WHEN NOT c.collisdeterministic THEN 'NOT DETERMINISTIC' END
    ) AS description
FROM pg_catalog.pg_collation AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.collnamespace
JOIN pg_catalog.pg_database AS db ON db.datname = current_database()
WHERE n.nspname = ANY ($1)
    AND c.collencoding IN (-1, db.encoding)
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = c.tableoid AND d.objid = c.oid
            AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
    )

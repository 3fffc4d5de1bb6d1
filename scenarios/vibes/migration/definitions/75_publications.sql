-- Publications that name the tables; those of all tables, or of a schema, take them in by themselves.
SELECT r.table_name, format('%I of %s', p.pubname, r.full_name),
       format('ALTER PUBLICATION %I ADD TABLE ONLY %s%s%s', p.pubname, r.full_name,
              -- Column lists and row filters came with 15; to_jsonb asks for them without naming what 14 lacks.
              ' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
                       FROM pg_catalog.pg_attribute AS a
                       WHERE a.attrelid = r.oid AND to_jsonb(m) -> 'prattrs' @> to_jsonb(a.attnum)) || ')',
              ' WHERE ' || (to_jsonb(f) ->> 'rowfilter'))
FROM relation AS r
JOIN pg_catalog.pg_publication_rel AS m ON m.prrelid = r.oid
JOIN pg_catalog.pg_publication AS p ON p.oid = m.prpubid
JOIN target ON true
LEFT JOIN pg_catalog.pg_publication_tables AS f
    ON f.pubname = p.pubname AND f.schemaname = target.schema_name AND f.tablename = r.relname

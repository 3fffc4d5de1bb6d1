-- identity: schema.table.constraint   description: JSON for a program (the orphan check); for people the key is in constraints
-- Names are quoted, ready for SQL. A partition's copy of its parent's key is left out: the parent speaks for it.
-- The key lies in a schema we look at; the table it leads to may lie anywhere.
SELECT
    format('%I.%I.%I', n.nspname, c.relname, con.conname) AS identity,
    jsonb_build_object(
        'table', format('%I.%I', n.nspname, c.relname),
        'child_only', c.relkind = 'r',
        'columns', (
            SELECT jsonb_agg(quote_ident(a.attname) ORDER BY k.position)
            FROM unnest(con.conkey) WITH ORDINALITY AS k (attnum, position)
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = con.conrelid AND a.attnum = k.attnum
        ),
        'types', (
            SELECT jsonb_agg(format_type(a.atttypid, a.atttypmod) ORDER BY k.position)
            FROM unnest(con.conkey) WITH ORDINALITY AS k (attnum, position)
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = con.conrelid AND a.attnum = k.attnum
        ),
        'references', format('%I.%I', fn.nspname, fc.relname),
        'parent_only', fc.relkind = 'r',
        'referenced_columns', (
            SELECT jsonb_agg(quote_ident(a.attname) ORDER BY k.position)
            FROM unnest(con.confkey) WITH ORDINALITY AS k (attnum, position)
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = con.confrelid AND a.attnum = k.attnum
        ),
        'referenced_types', (
            SELECT jsonb_agg(format_type(a.atttypid, a.atttypmod) ORDER BY k.position)
            FROM unnest(con.confkey) WITH ORDINALITY AS k (attnum, position)
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = con.confrelid AND a.attnum = k.attnum
        ),
        'match', CASE con.confmatchtype WHEN 'f' THEN 'full' WHEN 'p' THEN 'partial' ELSE 'simple' END,
        'period', con.conperiod, -- from 18
        'period', false, -- until 17
        'equality', (
            SELECT jsonb_agg(format('OPERATOR(%I.%s)', opn.nspname, op.oprname) ORDER BY k.position)
            FROM unnest(con.conpfeqop) WITH ORDINALITY AS k (operator, position)
            JOIN pg_catalog.pg_operator AS op ON op.oid = k.operator
            JOIN pg_catalog.pg_namespace AS opn ON opn.oid = op.oprnamespace
        )
    )::text AS description
FROM pg_catalog.pg_constraint AS con
JOIN pg_catalog.pg_class AS c ON c.oid = con.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class AS fc ON fc.oid = con.confrelid
JOIN pg_catalog.pg_namespace AS fn ON fn.oid = fc.relnamespace
WHERE n.nspname = ANY ($1)
    AND con.contype = 'f'
    AND con.conparentid = 0

-- identity: schema.type
-- description: enum labels in order; domain with its checks; composite with its attributes; range; base type
-- Left out: the row type every table has, the array type every type has, the multirange every range has (its range names it).
SELECT
    format('%I.%I', n.nspname, t.typname) AS identity,
    CASE
        WHEN NOT t.typisdefined THEN 'SHELL TYPE'
        WHEN t.typtype = 'e' THEN
            (
                SELECT format('ENUM (%s)', string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder))
                FROM pg_catalog.pg_enum AS e
                WHERE e.enumtypid = t.oid
            )
        WHEN t.typtype = 'd' THEN
            concat_ws(
                ' ',
                'DOMAIN',
                format_type(t.typbasetype, t.typtypmod),
                CASE WHEN t.typcollation <> base.typcollation THEN 'COLLATE ' || t.typcollation::regcollation END,
                'DEFAULT ' || pg_get_expr(t.typdefaultbin, 0),
                CASE WHEN t.typnotnull THEN 'NOT NULL' END,
                (
                    SELECT string_agg(
                        format('CONSTRAINT %I %s', con.conname, pg_get_constraintdef(con.oid)), ' ' ORDER BY con.conname
                    )
                    FROM pg_catalog.pg_constraint AS con
                    -- PostgreSQL 17 gave NOT NULL a constraint too; its name is included if a person chose it.
                    WHERE con.contypid = t.oid
                        AND (
                            con.contype <> 'n' -- until 16
                            con.contype <> 'n' OR con.conname !~ '_not_null[0-9]*$' -- from 17
                        )
                )
            )
        WHEN t.typtype = 'c' THEN format('COMPOSITE (%s)', attributes.list)
        WHEN t.typtype = 'r' THEN
            concat_ws(
                ' ',
                'RANGE OF ' || format_type(r.rngsubtype, NULL),
                'MULTIRANGE ' || format_type(r.rngmultitypid, NULL),
                'SUBTYPE_OPCLASS ' || format('%I.%I', opn.nspname, op.opcname),
                CASE WHEN r.rngcollation <> 0 THEN 'COLLATION ' || r.rngcollation::regcollation END,
                CASE WHEN r.rngcanonical <> 0 THEN 'CANONICAL ' || r.rngcanonical::regprocedure END,
                CASE WHEN r.rngsubdiff <> 0 THEN 'SUBTYPE_DIFF ' || r.rngsubdiff::regprocedure END
            )
        ELSE
            concat_ws(
                ' ',
                'BASE TYPE',
                'INPUT ' || t.typinput::regprocedure,
                'OUTPUT ' || t.typoutput::regprocedure,
                CASE WHEN t.typreceive <> 0 THEN 'RECEIVE ' || t.typreceive::regprocedure END,
                CASE WHEN t.typsend <> 0 THEN 'SEND ' || t.typsend::regprocedure END,
                CASE WHEN t.typmodin <> 0 THEN 'TYPMOD_IN ' || t.typmodin::regprocedure END,
                CASE WHEN t.typmodout <> 0 THEN 'TYPMOD_OUT ' || t.typmodout::regprocedure END,
                CASE WHEN t.typanalyze <> 0 THEN 'ANALYZE ' || t.typanalyze::regprocedure END,
                CASE WHEN t.typsubscript <> 0 THEN 'SUBSCRIPT ' || t.typsubscript::regprocedure END,
                'LENGTH ' || t.typlen,
                CASE WHEN t.typbyval THEN 'PASSED BY VALUE' END,
                'ALIGNMENT ' || t.typalign::text,
                'STORAGE ' || t.typstorage::text,
                'CATEGORY ' || quote_literal(t.typcategory::text),
                CASE WHEN t.typispreferred THEN 'PREFERRED' END,
                'DEFAULT ' || quote_literal(t.typdefault),
                CASE WHEN t.typelem <> 0 THEN 'ELEMENT ' || format_type(t.typelem, NULL) END,
                'DELIMITER ' || quote_literal(t.typdelim::text),
                CASE WHEN t.typcollation <> 0 THEN 'COLLATABLE' END
            )
    END AS description
FROM pg_catalog.pg_type AS t
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid AND c.relkind = 'c'
LEFT JOIN pg_catalog.pg_type AS base ON base.oid = t.typbasetype
LEFT JOIN pg_catalog.pg_range AS r ON r.rngtypid = t.oid
LEFT JOIN pg_catalog.pg_opclass AS op ON op.oid = r.rngsubopc
LEFT JOIN pg_catalog.pg_namespace AS opn ON opn.oid = op.opcnamespace
LEFT JOIN (
    SELECT
        a.attrelid,
        string_agg(
            concat_ws(
                ' ',
                quote_ident(a.attname),
                format_type(a.atttypid, a.atttypmod),
                CASE WHEN a.attcollation <> at.typcollation THEN 'COLLATE ' || a.attcollation::regcollation END
            ),
            ', ' ORDER BY a.attnum
        ) AS list
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS composite ON composite.oid = a.attrelid AND composite.relkind = 'c'
    JOIN pg_catalog.pg_type AS at ON at.oid = a.atttypid
    WHERE a.attnum > 0 AND NOT a.attisdropped
    GROUP BY a.attrelid
) AS attributes ON attributes.attrelid = t.typrelid
WHERE n.nspname = ANY ($1)
    AND t.typtype <> 'm'
    AND (t.typrelid = 0 OR c.oid IS NOT NULL)
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_type AS element WHERE element.typarray = t.oid)
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = t.tableoid AND d.objid = t.oid
            AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
    )

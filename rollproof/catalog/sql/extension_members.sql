-- identity: extension: object (kind)
-- description: "member", and what can be changed of it while its extension stays of one version: another owner than the
--     extension's, a function's or an operator's attributes, a digest of a body, of a type or of a table's columns; or that it only
--     goes when the extension goes (ALTER ... DEPENDS ON EXTENSION)
WITH members AS (
    SELECT
        d.refobjid AS extension,
        d.classid,
        d.objid,
        d.objsubid,
        bool_or(d.deptype = 'e') AS belongs,
        bool_or(d.deptype = 'x') AS follows
    FROM pg_catalog.pg_depend AS d
    WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype IN ('e', 'x')
    GROUP BY d.refobjid, d.classid, d.objid, d.objsubid
),
owners AS (
    SELECT s.classid, s.objid, s.refobjid AS owner
    FROM pg_catalog.pg_shdepend AS s
    JOIN pg_catalog.pg_database AS db ON db.oid = s.dbid AND db.datname = current_database()
    WHERE s.deptype = 'o'
),
described (classid, objid, text) AS (
    SELECT
        p.tableoid,
        p.oid,
        concat_ws(
            ' ',
            'LANGUAGE ' || quote_ident(l.lanname),
            CASE p.provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' END,
            CASE WHEN p.proisstrict THEN 'STRICT' END,
            CASE WHEN p.prosecdef THEN 'SECURITY DEFINER' END,
            CASE WHEN p.proleakproof THEN 'LEAKPROOF' END,
            CASE p.proparallel WHEN 's' THEN 'PARALLEL SAFE' WHEN 'r' THEN 'PARALLEL RESTRICTED' END,
            'COST ' || p.procost,
            CASE WHEN p.proretset THEN 'ROWS ' || p.prorows END,
            CASE WHEN p.prosupport <> 0 THEN 'SUPPORT ' || p.prosupport::regproc END,
            'SET (' || array_to_string(p.proconfig, ', ') || ')',
            'made of ' || md5(
                concat_ws(
                    ' ', pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), p.probin, p.prosrc,
                    pg_get_function_sqlbody(p.oid)
                )
            )
        )
    FROM pg_catalog.pg_proc AS p
    JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
    WHERE p.oid IN (SELECT members.objid FROM members WHERE members.belongs AND members.classid = 'pg_catalog.pg_proc'::regclass)
    UNION ALL
    SELECT
        o.tableoid,
        o.oid,
        concat_ws(
            ' ',
            CASE WHEN o.oprcode <> 0 THEN 'FUNCTION ' || o.oprcode::regprocedure END,
            CASE WHEN o.oprrest <> 0 THEN 'RESTRICT ' || o.oprrest::regprocedure END,
            CASE WHEN o.oprjoin <> 0 THEN 'JOIN ' || o.oprjoin::regprocedure END,
            CASE WHEN o.oprcanhash THEN 'HASHES' END,
            CASE WHEN o.oprcanmerge THEN 'MERGES' END
        )
    FROM pg_catalog.pg_operator AS o
    WHERE o.oid IN (
        SELECT members.objid FROM members WHERE members.belongs AND members.classid = 'pg_catalog.pg_operator'::regclass
    )
    UNION ALL
    SELECT
        t.tableoid,
        t.oid,
        'made of ' || md5(
            concat_ws(
                ' ',
                t.typtype, t.typlen, t.typalign, t.typstorage, t.typcategory, t.typispreferred, t.typnotnull, t.typdefault,
                t.typinput::regprocedure, t.typoutput::regprocedure, t.typreceive::regproc, t.typsend::regproc, t.typmodin::regproc,
                t.typmodout::regproc, t.typanalyze::regproc, t.typsubscript::regproc,
                CASE WHEN t.typbasetype <> 0 THEN format_type(t.typbasetype, t.typtypmod) END,
                (
                    SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
                    FROM pg_catalog.pg_enum AS e
                    WHERE e.enumtypid = t.oid
                ),
                (
                    SELECT string_agg(concat_ws(' ', con.conname, pg_get_constraintdef(con.oid)), ', ' ORDER BY con.conname)
                    FROM pg_catalog.pg_constraint AS con
                    WHERE con.contypid = t.oid
                )
            )
        )
    FROM pg_catalog.pg_type AS t
    WHERE t.oid IN (SELECT members.objid FROM members WHERE members.belongs AND members.classid = 'pg_catalog.pg_type'::regclass)
    UNION ALL
    SELECT
        c.tableoid,
        c.oid,
        concat_ws(
            ' ',
            CASE c.relpersistence WHEN 'u' THEN 'unlogged' END,
            'WITH (' || array_to_string(c.reloptions, ', ') || ')',
            'made of ' || md5(
                string_agg(
                    concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
                        a.attnotnull, pg_get_expr(ad.adbin, 0)),
                    ', ' ORDER BY a.attnum
                )
            )
        )
    FROM pg_catalog.pg_class AS c
    LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind <> 'S'
    LEFT JOIN pg_catalog.pg_attrdef AS ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum AND a.attgenerated = ''
    WHERE c.oid IN (SELECT members.objid FROM members WHERE members.belongs AND members.classid = 'pg_catalog.pg_class'::regclass)
    GROUP BY c.tableoid, c.oid, c.relpersistence, c.reloptions
)
SELECT
    format('%I: %s (%s)', e.extname, object.identity, object.type) AS identity,
    concat_ws(
        ' ',
        CASE WHEN members.belongs THEN 'member' END,
        CASE WHEN members.belongs AND owners.owner <> e.extowner THEN 'OWNED BY ' || owners.owner::regrole END,
        described.text,
        CASE WHEN members.follows THEN 'DEPENDS ON EXTENSION' END
    ) AS description
FROM members
JOIN pg_catalog.pg_extension AS e ON e.oid = members.extension
LEFT JOIN owners ON owners.classid = members.classid AND owners.objid = members.objid
LEFT JOIN described ON described.classid = members.classid AND described.objid = members.objid
CROSS JOIN LATERAL pg_identify_object(members.classid, members.objid, members.objsubid) AS object
-- A row about an object that does not exist has no name; PostgreSQL may leave such rows behind.
WHERE object.identity IS NOT NULL

-- identity: name (foreign-data wrapper | server) | role ON server (user mapping)
-- description: functions, type, version, options
-- Of options that look like a secret only the name is included.
WITH options (classid, objid, text) AS (
    SELECT
        o.classid,
        o.objid,
        format(
            'OPTIONS (%s)',
            string_agg(
                CASE
                    WHEN split_part(option, '=', 1) ~* 'passw|secret|token|credential'
                        THEN split_part(option, '=', 1) || '=(hidden)'
                    ELSE option
                END,
                ', ' ORDER BY option COLLATE "C"
            )
        )
    FROM (
        SELECT w.tableoid, w.oid, w.fdwoptions FROM pg_catalog.pg_foreign_data_wrapper AS w
        UNION ALL
        SELECT s.tableoid, s.oid, s.srvoptions FROM pg_catalog.pg_foreign_server AS s
        UNION ALL
        SELECT 'pg_catalog.pg_user_mapping'::regclass, m.umid, m.umoptions FROM pg_catalog.pg_user_mappings AS m
    ) AS o (classid, objid, options)
    CROSS JOIN LATERAL unnest(o.options) AS option
    GROUP BY o.classid, o.objid
)
SELECT
    quote_ident(w.fdwname) || ' (foreign-data wrapper)' AS identity,
    concat_ws(
        ' ',
        'HANDLER ' || CASE WHEN w.fdwhandler = 0 THEN 'none' ELSE w.fdwhandler::regprocedure::text END,
        'VALIDATOR ' || CASE WHEN w.fdwvalidator = 0 THEN 'none' ELSE w.fdwvalidator::regprocedure::text END,
        options.text
    ) AS description
FROM pg_catalog.pg_foreign_data_wrapper AS w
LEFT JOIN options ON options.classid = w.tableoid AND options.objid = w.oid
WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
    WHERE d.classid = w.tableoid AND d.objid = w.oid
        AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
)
UNION ALL
SELECT
    quote_ident(s.srvname) || ' (server)',
    concat_ws(
        ' ',
        'TYPE ' || quote_literal(s.srvtype),
        'VERSION ' || quote_literal(s.srvversion),
        'FOREIGN DATA WRAPPER ' || quote_ident(w.fdwname),
        options.text
    )
FROM pg_catalog.pg_foreign_server AS s
JOIN pg_catalog.pg_foreign_data_wrapper AS w ON w.oid = s.srvfdw
LEFT JOIN options ON options.classid = s.tableoid AND options.objid = s.oid
WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
    WHERE d.classid = s.tableoid AND d.objid = s.oid
        AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
)
UNION ALL
SELECT
    format('%s ON %I (user mapping)', CASE m.umuser WHEN 0 THEN 'PUBLIC' ELSE m.umuser::regrole::text END, m.srvname),
    CASE
        WHEN m.umoptions IS NOT NULL THEN concat_ws(' ', 'mapped', options.text)
        -- When the view pg_user_mappings shows options; otherwise no options and hidden options look alike.
        WHEN r.rolsuper
            OR pg_has_role(s.srvowner, 'USAGE') AND (m.umuser IN (0, r.oid))
            OR m.umuser = r.oid AND has_server_privilege(s.oid, 'USAGE')
            THEN 'mapped'
        ELSE format('unknown: needs a superuser, or the owner of server %I', m.srvname)
    END
FROM pg_catalog.pg_user_mappings AS m
JOIN pg_catalog.pg_foreign_server AS s ON s.oid = m.srvid
JOIN pg_catalog.pg_roles AS r ON r.rolname = current_user
LEFT JOIN options ON options.classid = 'pg_catalog.pg_user_mapping'::regclass AND options.objid = m.umid

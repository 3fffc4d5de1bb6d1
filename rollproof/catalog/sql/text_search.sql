-- identity: schema.name (text search configuration | dictionary | parser | template)
-- description: what it is made of
SELECT
    c.oid::regconfig::text || ' (text search configuration)' AS identity,
    concat_ws(
        ' ',
        format('PARSER %I.%I', pn.nspname, p.prsname),
        (
            SELECT string_agg(format('%s: %s', mapping.alias, mapping.dictionaries), '; ' ORDER BY mapping.alias)
            FROM (
                SELECT token.alias, string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno) AS dictionaries
                FROM pg_catalog.pg_ts_config_map AS m
                JOIN LATERAL ts_token_type(c.cfgparser) AS token ON token.tokid = m.maptokentype
                WHERE m.mapcfg = c.oid
                GROUP BY token.alias
            ) AS mapping
        )
    ) AS description
FROM pg_catalog.pg_ts_config AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.cfgnamespace
JOIN pg_catalog.pg_ts_parser AS p ON p.oid = c.cfgparser
JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.prsnamespace
WHERE n.nspname = ANY ($1)
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = c.tableoid AND d.objid = c.oid
            AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
    )
UNION ALL
SELECT
    x.oid::regdictionary::text || ' (text search dictionary)',
    concat_ws(' ', format('TEMPLATE %I.%I', tn.nspname, t.tmplname), x.dictinitoption)
FROM pg_catalog.pg_ts_dict AS x
JOIN pg_catalog.pg_namespace AS n ON n.oid = x.dictnamespace
JOIN pg_catalog.pg_ts_template AS t ON t.oid = x.dicttemplate
JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.tmplnamespace
WHERE n.nspname = ANY ($1)
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = x.tableoid AND d.objid = x.oid
            AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
    )
UNION ALL
SELECT
    format('%I.%I (text search parser)', n.nspname, p.prsname),
    format('START %s GETTOKEN %s END %s HEADLINE %s LEXTYPES %s', p.prsstart, p.prstoken, p.prsend, p.prsheadline, p.prslextype)
FROM pg_catalog.pg_ts_parser AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.prsnamespace
WHERE n.nspname = ANY ($1)
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = p.tableoid AND d.objid = p.oid
            AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
    )
UNION ALL
SELECT
    format('%I.%I (text search template)', n.nspname, t.tmplname),
    format('INIT %s LEXIZE %s', t.tmplinit, t.tmpllexize)
FROM pg_catalog.pg_ts_template AS t
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.tmplnamespace
WHERE n.nspname = ANY ($1)
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = t.tableoid AND d.objid = t.oid
            AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
    )

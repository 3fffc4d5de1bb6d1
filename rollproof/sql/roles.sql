-- identity: role | role IN group   description: attributes (never the password) | options of the membership
-- Roles belong to the whole server. Settings of roles are in settings.
SELECT
    quote_ident(r.rolname) AS identity,
    concat_ws(
        ' ',
        CASE WHEN r.rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END,
        CASE WHEN r.rolsuper THEN 'SUPERUSER' END,
        CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END,
        CASE WHEN r.rolcreatedb THEN 'CREATEDB' END,
        CASE WHEN r.rolreplication THEN 'REPLICATION' END,
        CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END,
        CASE WHEN NOT r.rolinherit THEN 'NOINHERIT' END,
        CASE WHEN r.rolconnlimit <> -1 THEN 'CONNECTION LIMIT ' || r.rolconnlimit END,
        'VALID UNTIL ' || quote_literal(r.rolvaliduntil::text)
    ) AS description
FROM pg_catalog.pg_roles AS r
WHERE NOT starts_with(r.rolname::text, 'pg_')
UNION ALL
SELECT
    format('%s IN %s', m.member::regrole, m.roleid::regrole),
    string_agg(
        concat_ws(
            ' ',
            'member',
            CASE WHEN NOT m.inherit_option THEN 'WITHOUT INHERIT' END, -- from 16
            CASE WHEN NOT m.set_option THEN 'WITHOUT SET' END, -- from 16
            'granted by ' || m.grantor::regrole, -- from 16
            CASE WHEN m.admin_option THEN 'WITH ADMIN OPTION' END
        ),
        ', ' ORDER BY m.grantor::regrole::text COLLATE "C" -- from 16
        '' -- until 15
    )
FROM pg_catalog.pg_auth_members AS m
WHERE NOT (starts_with(m.member::regrole::text, 'pg_') AND starts_with(m.roleid::regrole::text, 'pg_'))
GROUP BY m.member, m.roleid

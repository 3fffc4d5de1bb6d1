-- identity: role | role IN group
-- description: attributes (never the password) | options of the membership
-- Roles belong to the whole server. The description of a role that does not matter to this database ends in a remark, by which it
-- is not compared: it owns nothing here, has no privileges and no settings here, itself or through its groups; or it has privileges
-- through its groups only. Elsewhere: settings of roles (settings).
WITH RECURSIVE concerned AS (
    -- No access control list names what superusers and the like may do.
    SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolsuper OR r.rolcreaterole OR r.rolbypassrls OR r.rolreplication
    UNION
    SELECT s.refobjid
    FROM pg_catalog.pg_shdepend AS s
    JOIN pg_catalog.pg_database AS db ON db.datname = current_database()
    WHERE s.refclassid = 'pg_catalog.pg_authid'::regclass
        AND (
            s.dbid = db.oid
            OR s.dbid = 0
            AND (
                s.classid = 'pg_catalog.pg_database'::regclass AND s.objid = db.oid
                OR s.classid = 'pg_catalog.pg_tablespace'::regclass
                AND s.objid IN (
                    SELECT db.dattablespace
                    UNION ALL
                    SELECT c.reltablespace FROM pg_catalog.pg_class AS c WHERE c.reltablespace <> 0
                )
                OR s.classid = 'pg_catalog.pg_subscription'::regclass -- of which database, only a table tells that providers close
                OR s.classid = 'pg_catalog.pg_parameter_acl'::regclass -- from 15
            )
        )
    UNION
    SELECT s.setrole
    FROM pg_catalog.pg_db_role_setting AS s
    JOIN pg_catalog.pg_database AS db ON db.oid = s.setdatabase AND db.datname = current_database()
    WHERE s.setrole <> 0
),
reached AS (
    SELECT concerned.oid FROM concerned
    UNION
    -- The predefined roles (pg_...) have privileges in every database.
    SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE starts_with(r.rolname::text, 'pg_')
    UNION
    SELECT m.member FROM reached JOIN pg_catalog.pg_auth_members AS m ON m.roleid = reached.oid
)
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
        'VALID UNTIL ' || quote_literal(r.rolvaliduntil::text),
        CASE
            WHEN concerned.oid IS NULL THEN
                CASE WHEN reached.oid IS NULL THEN '(nothing in this database)' ELSE '(through its groups alone)' END
        END
    ) AS description
FROM pg_catalog.pg_roles AS r
LEFT JOIN concerned ON concerned.oid = r.oid
LEFT JOIN reached ON reached.oid = r.oid
WHERE NOT starts_with(r.rolname::text, 'pg_')
UNION ALL
SELECT
    format('%s IN %s', m.member::regrole, m.roleid::regrole),
    concat_ws(
        ' ',
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
        ),
        CASE WHEN reached.oid IS NULL THEN '(nothing in this database)' END
    )
FROM pg_catalog.pg_auth_members AS m
LEFT JOIN reached ON reached.oid = m.roleid
WHERE NOT (starts_with(m.member::regrole::text, 'pg_') AND starts_with(m.roleid::regrole::text, 'pg_'))
GROUP BY m.member, m.roleid, reached.oid

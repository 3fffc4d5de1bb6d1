-- identity: object (kind) TO role
-- description: the role's privileges, in alphabetical order
-- An access control list that is NULL means the default privileges, so these are listed. OWNER is whoever owns the object (see
-- owners), so that another owner is one difference and not two. "BY role" follows if the grantor is not the owner.
-- Of objects in pg_catalog and members of extensions only those are listed whose privileges were changed since; and so are types
-- and constructors that came with a table or a type.
WITH granted (attrelid, attnum, attacl, attname) AS MATERIALIZED (
    SELECT a.attrelid, a.attnum, a.attacl, a.attname
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attacl IS NOT NULL AND NOT a.attisdropped
    UNION ALL
    -- A system column whose initial grants were revoked has none left; that is a fact, too. Each is found by its key: hundreds of
    -- thousands of columns are none of these.
    SELECT
        i.objoid, i.objsubid, NULL,
        (
            SELECT a.attname
            FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = i.objoid AND a.attnum = i.objsubid::smallint AND a.attacl IS NULL AND NOT a.attisdropped
        )
    FROM pg_catalog.pg_init_privs AS i
    WHERE i.classoid = 'pg_catalog.pg_class'::regclass AND i.objsubid <> 0
),
objects (classid, objid, objsubid, namespace, owner, acl, acltype, identity, kind) AS (
    SELECT
        c.tableoid, c.oid, 0, c.relnamespace, c.relowner, c.relacl,
        CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char",
        -- As regclass writes it, which looks each up.
        CASE WHEN n.nspname = 'pg_catalog' THEN quote_ident(c.relname) ELSE format('%I.%I', n.nspname, c.relname) END,
        CASE c.relkind
            WHEN 'v' THEN 'view'
            WHEN 'm' THEN 'materialized view'
            WHEN 'S' THEN 'sequence'
            WHEN 'f' THEN 'foreign table'
            ELSE 'table'
        END
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    UNION ALL
    SELECT
        c.tableoid, c.oid, granted.attnum, c.relnamespace, c.relowner, granted.attacl, 'c'::"char",
        c.oid::regclass::text || '.' || quote_ident(granted.attname), 'column'
    FROM granted
    JOIN pg_catalog.pg_class AS c ON c.oid = granted.attrelid
    WHERE granted.attname IS NOT NULL
    UNION ALL
    SELECT p.tableoid, p.oid, 0, p.pronamespace, p.proowner, p.proacl, 'f'::"char", p.oid::regprocedure::text, 'function'
    FROM pg_catalog.pg_proc AS p
    -- Thousands come with the server, below 16384; once granted or revoked, their list stays set.
    WHERE p.oid >= 16384 OR p.proacl IS NOT NULL
    UNION ALL
    SELECT t.tableoid, t.oid, 0, t.typnamespace, t.typowner, t.typacl, 'T'::"char", format_type(t.oid, NULL), 'type'
    FROM pg_catalog.pg_type AS t
    -- What follows another object (row types, array types, multiranges) has no list of its own as long as nobody granted or
    -- revoked.
    WHERE t.typacl IS NOT NULL
        OR NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend AS d
            WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'i'
        )
    UNION ALL
    SELECT n.tableoid, n.oid, 0, n.oid, n.nspowner, n.nspacl, 'n'::"char", quote_ident(n.nspname), 'schema'
    FROM pg_catalog.pg_namespace AS n
    UNION ALL
    SELECT l.tableoid, l.oid, 0, 0, l.lanowner, l.lanacl, 'l'::"char", quote_ident(l.lanname), 'language'
    FROM pg_catalog.pg_language AS l
    UNION ALL
    SELECT w.tableoid, w.oid, 0, 0, w.fdwowner, w.fdwacl, 'F'::"char", quote_ident(w.fdwname), 'foreign-data wrapper'
    FROM pg_catalog.pg_foreign_data_wrapper AS w
    UNION ALL
    SELECT s.tableoid, s.oid, 0, 0, s.srvowner, s.srvacl, 'S'::"char", quote_ident(s.srvname), 'server'
    FROM pg_catalog.pg_foreign_server AS s
    UNION ALL
    SELECT t.tableoid, t.oid, 0, 0, t.spcowner, t.spcacl, 't'::"char", quote_ident(t.spcname), 'tablespace'
    FROM pg_catalog.pg_tablespace AS t
    UNION ALL
    SELECT db.tableoid, db.oid, 0, 0, db.datdba, db.datacl, 'd'::"char", 'this', 'database'
    FROM pg_catalog.pg_database AS db
    WHERE db.datname = current_database()
    UNION ALL -- from 15
    SELECT p.tableoid, p.oid, 0, 0, 10, p.paracl, 'p'::"char", quote_ident(p.parname), 'parameter' -- from 15
    FROM pg_catalog.pg_parameter_acl AS p -- from 15
),
seen AS MATERIALIZED (
    SELECT
        o.*,
        i.initprivs,
        n.nspname = ANY ($1)
        OR o.namespace = 0 AND (o.kind <> 'language' OR o.objid >= 16384) AS ours,
        -- By an extension (e), or by a table or another type (i): a row type, a multirange, a constructor.
        e.objid IS NOT NULL
        OR CASE
            WHEN o.kind IN ('function', 'type') THEN
                EXISTS (
                    SELECT FROM pg_catalog.pg_depend AS d
                    WHERE d.classid = o.classid AND d.objid = o.objid AND d.objsubid = 0 AND d.deptype = 'i'
                )
            ELSE false
        END AS brought
    FROM objects AS o
    LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = o.namespace
    LEFT JOIN pg_catalog.pg_init_privs AS i ON i.classoid = o.classid AND i.objoid = o.objid AND i.objsubid = o.objsubid
    LEFT JOIN pg_catalog.pg_depend AS e
        ON e.classid = o.classid AND e.objid = o.objid AND e.objsubid = 0
        AND e.refclassid = 'pg_catalog.pg_extension'::regclass AND e.deptype = 'e'
    WHERE n.nspname = ANY ($1)
        OR o.namespace = 0
        OR n.nspname = 'pg_catalog' AND (o.acl IS NOT NULL OR i.initprivs IS NOT NULL)
),
asked AS (
    -- "whole": all grants are listed, not only those that differ from the initial ones.
    SELECT
        seen.*,
        seen.ours AND NOT seen.brought AS whole,
        concat(seen.owner, seen.acltype, seen.ours AND NOT seen.brought, seen.acl, '/', seen.initprivs) AS key
    FROM seen
),
told AS (
    -- Thousands of objects share a few lists of grants: each list is read once.
    SELECT
        list.key,
        CASE item.grantee WHEN list.owner THEN 'OWNER' WHEN 0 THEN 'PUBLIC' ELSE item.grantee::regrole::text END AS role,
        coalesce(
            string_agg(
                concat_ws(
                    ' ',
                    item.privilege_type,
                    CASE WHEN item.is_grantable THEN 'WITH GRANT OPTION' END,
                    CASE WHEN item.grantor <> list.owner THEN 'BY ' || item.grantor::regrole END
                ),
                ', ' ORDER BY item.privilege_type COLLATE "C", item.grantor::regrole::text COLLATE "C"
            ) FILTER (WHERE item.privilege_type <> 'MAINTAIN'), -- until 16
            ) FILTER (WHERE item.privilege_type IS NOT NULL), -- from 17
            'nothing'
        ) AS privileges
    FROM (
        SELECT DISTINCT ON (asked.key)
            asked.key,
            asked.owner,
            asked.whole,
            coalesce(asked.acl, acldefault(asked.acltype, asked.owner)) AS grants,
            coalesce(asked.initprivs, acldefault(asked.acltype, asked.owner)) AS first_grants
        FROM asked
        ORDER BY asked.key
    ) AS list
    CROSS JOIN LATERAL (
        SELECT a.grantor, a.grantee, a.privilege_type, a.is_grantable
        FROM aclexplode(list.grants) AS a
        UNION ALL
        SELECT DISTINCT NULL::oid, a.grantee, NULL, NULL::boolean
        FROM aclexplode(list.first_grants) AS a
        WHERE NOT list.whole
    ) AS item
    WHERE list.whole OR NOT (list.grants @> list.first_grants AND list.grants <@ list.first_grants)
    GROUP BY list.key, list.owner, item.grantee
)
SELECT format('%s (%s) TO %s', asked.identity, asked.kind, told.role) AS identity, told.privileges AS description
FROM asked
JOIN told ON told.key = asked.key

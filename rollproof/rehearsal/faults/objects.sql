-- Every object of the database that can have an owner, grants or a comment, once: what the grammar's queries call `objects`.
-- Left out: what the system has, what an extension brought and what hangs on that, what came with another object (row types, array
-- types, multiranges, constructors of ranges), temporary objects, TOAST tables.
--
-- class, oid, column: as in pg_depend. catalogue, acl_column: where its grants are kept. type: as PostgreSQL calls its kind.
-- word: as SQL calls its kind. sql: its name for SQL after that word. name: its name as findings spell it. own_schema: "" if it has none.
-- path: what a fault of it touches. is_used: something else depends on it.
-- What goes with it where it is dropped with CASCADE, as paths: pg_temp.taken(class, oid), in grammar/words.sql.
SELECT
    o.class,
    o.oid,
    o.column,
    o.owner,
    o.acl,
    o.acl_kind,
    o.catalogue,
    o.acl_column,
    coalesce(quote_ident(ns.nspname), '') AS own_schema,
    object.type,
    CASE
        WHEN object.type = 'composite type' THEN 'TYPE'
        WHEN object.type LIKE '% column' THEN 'COLUMN'
        WHEN object.type LIKE '% constraint' THEN 'CONSTRAINT'
        WHEN object.type = 'statistics object' THEN 'STATISTICS'
        WHEN object.type = 'foreign-data wrapper' THEN 'FOREIGN DATA WRAPPER'
        WHEN domain.oid IS NOT NULL THEN 'DOMAIN'
        ELSE upper(object.type)
    END AS word,
    coalesce(
        o.sql,
        CASE object.type WHEN 'database' THEN quote_ident(current_database()) END,
        -- Until 16: "for type on language l".
        CASE object.type WHEN 'transform' THEN regexp_replace(object.identity, ' on language ', ' language ') END,
        object.identity
    ) AS sql,
    coalesce(
        o.name,
        CASE object.type WHEN 'database' THEN 'this' END,
        CASE object.type WHEN 'transform' THEN regexp_replace(object.identity, ' on language ', ' language ') END,
        object.identity
    ) AS name,
    CASE o.acl_kind
        -- GRANT calls more things a table, a type or a routine than ALTER does.
        WHEN 'r' THEN 'TABLE ' || object.identity
        WHEN 'c' THEN 'TABLE ' || parent.name
        WHEN 'f' THEN 'ROUTINE ' || o.name
        WHEN 'T' THEN 'TYPE ' || o.name
        WHEN 'S' THEN 'FOREIGN SERVER ' || object.identity
        WHEN 'F' THEN 'FOREIGN DATA WRAPPER ' || object.identity
        WHEN 'd' THEN format('DATABASE %I', current_database())
        ELSE upper(object.type) || ' ' || object.identity
    END AS granted_on,
    object.identity,
    CASE object.type
        WHEN 'domain constraint' THEN regexp_replace(o.sql, '^(.*) ON DOMAIN (.*)$', '\2.\1')
        WHEN 'statistics object' THEN pg_temp.path(o.class, o.oid)
        ELSE CASE WHEN o.parent IS NOT NULL THEN coalesce(o.name, object.identity) ELSE object.identity END
    END AS path,
    EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.refclassid = o.class AND d.refobjid = o.oid AND d.deptype IN ('n', 'a', 'x')
            AND (d.classid, d.objid) <> (o.class, o.oid)
    ) AS is_used,
    o.parent
FROM (
    SELECT
        c.tableoid AS class, c.oid, 0 AS "column", c.relnamespace AS namespace, c.relowner AS owner, c.relacl AS acl,
        CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END AS acl_kind, 'pg_class' AS catalogue, 'relacl' AS acl_column,
        NULL AS sql, NULL AS name, NULL::oid AS parent
    FROM pg_class AS c
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    UNION ALL
    SELECT
        i.tableoid, i.oid, 0, i.relnamespace, NULL, NULL, NULL, NULL, NULL, NULL,
        format('%s.%I', x.indrelid::regclass, i.relname), x.indrelid
    FROM pg_index AS x
    JOIN pg_class AS i ON i.oid = x.indexrelid
    UNION ALL
    SELECT
        c.tableoid, c.oid, a.attnum, c.relnamespace, NULL, a.attacl, 'c', 'pg_attribute', 'attacl', NULL, NULL, c.oid
    FROM pg_attribute AS a
    JOIN pg_class AS c ON c.oid = a.attrelid
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT
        p.tableoid, p.oid, 0, p.pronamespace, p.proowner, p.proacl, 'f', 'pg_proc', 'proacl',
        format(
            '%s.%I(%s)', p.pronamespace::regnamespace, p.proname,
            CASE WHEN p.prokind = 'a' AND p.pronargs = 0 THEN '*' ELSE pg_get_function_identity_arguments(p.oid) END
        ),
        p.oid::regprocedure::text, NULL
    FROM pg_proc AS p
    WHERE p.oid >= 16384
    UNION ALL
    SELECT
        t.tableoid, t.oid, 0, t.typnamespace, t.typowner, t.typacl, CASE WHEN t.typisdefined THEN 'T' END, 'pg_type', 'typacl',
        format_type(t.oid, NULL), format_type(t.oid, NULL), NULL
    FROM pg_type AS t
    WHERE t.typrelid = 0 OR EXISTS (SELECT FROM pg_class AS c WHERE c.oid = t.typrelid AND c.relkind = 'c')
    UNION ALL
    SELECT
        k.tableoid, k.oid, 0, k.connamespace, NULL, NULL, NULL, NULL, NULL,
        CASE
            WHEN k.conrelid <> 0 THEN format('%I ON %s', k.conname, k.conrelid::regclass)
            ELSE format('%I ON DOMAIN %s', k.conname, format_type(k.contypid, NULL))
        END,
        CASE WHEN k.conrelid <> 0 THEN format('%s.%I', k.conrelid::regclass, k.conname) END, nullif(k.conrelid, 0)
    FROM pg_constraint AS k
    WHERE k.contype <> 'n' AND k.contype <> 't' AND (k.conrelid <> 0 OR k.contypid <> 0)
    UNION ALL
    SELECT
        t.tableoid, t.oid, 0, 0, NULL, NULL, NULL, NULL, NULL,
        format('%I ON %s', t.tgname, t.tgrelid::regclass), format('%s.%I', t.tgrelid::regclass, t.tgname), t.tgrelid
    FROM pg_trigger AS t
    WHERE NOT t.tgisinternal
    UNION ALL
    SELECT
        r.tableoid, r.oid, 0, 0, NULL, NULL, NULL, NULL, NULL,
        format('%I ON %s', r.rulename, r.ev_class::regclass), format('%s.%I', r.ev_class::regclass, r.rulename), r.ev_class
    FROM pg_rewrite AS r
    WHERE r.rulename <> '_RETURN'
    UNION ALL
    SELECT
        p.tableoid, p.oid, 0, 0, NULL, NULL, NULL, NULL, NULL,
        format('%I ON %s', p.polname, p.polrelid::regclass), format('%s.%I', p.polrelid::regclass, p.polname), p.polrelid
    FROM pg_policy AS p
    UNION ALL
    SELECT s.tableoid, s.oid, 0, s.stxnamespace, s.stxowner, NULL, NULL, NULL, NULL, NULL, NULL, s.stxrelid FROM pg_statistic_ext AS s
    UNION ALL
    SELECT n.tableoid, n.oid, 0, n.oid, n.nspowner, n.nspacl, 'n', 'pg_namespace', 'nspacl', NULL, NULL, NULL FROM pg_namespace AS n
    UNION ALL
    SELECT
        o.tableoid, o.oid, 0, o.oprnamespace, o.oprowner, NULL, NULL, NULL, NULL,
        format(
            '%s.%s (%s, %s)', o.oprnamespace::regnamespace, o.oprname,
            CASE o.oprleft WHEN 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END, format_type(o.oprright, NULL)
        ),
        o.oid::regoperator::text, NULL
    FROM pg_operator AS o
    UNION ALL
    SELECT
        o.tableoid, o.oid, 0, o.opcnamespace, o.opcowner, NULL, NULL, NULL, NULL,
        format('%s.%I USING %I', o.opcnamespace::regnamespace, o.opcname, a.amname), NULL, NULL
    FROM pg_opclass AS o
    JOIN pg_am AS a ON a.oid = o.opcmethod
    UNION ALL
    SELECT
        o.tableoid, o.oid, 0, o.opfnamespace, o.opfowner, NULL, NULL, NULL, NULL,
        format('%s.%I USING %I', o.opfnamespace::regnamespace, o.opfname, a.amname), NULL, NULL
    FROM pg_opfamily AS o
    JOIN pg_am AS a ON a.oid = o.opfmethod
    UNION ALL
    SELECT c.tableoid, c.oid, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM pg_cast AS c
    UNION ALL
    SELECT c.tableoid, c.oid, 0, c.collnamespace, c.collowner, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM pg_collation AS c
    UNION ALL
    SELECT c.tableoid, c.oid, 0, c.connamespace, c.conowner, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM pg_conversion AS c
    UNION ALL
    SELECT c.tableoid, c.oid, 0, c.cfgnamespace, c.cfgowner, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM pg_ts_config AS c
    UNION ALL
    SELECT d.tableoid, d.oid, 0, d.dictnamespace, d.dictowner, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM pg_ts_dict AS d
    UNION ALL
    SELECT p.tableoid, p.oid, 0, p.prsnamespace, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM pg_ts_parser AS p
    UNION ALL
    SELECT t.tableoid, t.oid, 0, t.tmplnamespace, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM pg_ts_template AS t
    UNION ALL
    SELECT l.tableoid, l.oid, 0, 0, l.lanowner, l.lanacl, CASE WHEN l.lanpltrusted THEN 'l' END, 'pg_language', 'lanacl', NULL, NULL, NULL FROM pg_language AS l
    UNION ALL
    SELECT t.tableoid, t.oid, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM pg_transform AS t
    UNION ALL
    SELECT a.tableoid, a.oid, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM pg_am AS a
    UNION ALL
    SELECT w.tableoid, w.oid, 0, 0, w.fdwowner, w.fdwacl, 'F', 'pg_foreign_data_wrapper', 'fdwacl', NULL, NULL, NULL
    FROM pg_foreign_data_wrapper AS w
    UNION ALL
    SELECT s.tableoid, s.oid, 0, 0, s.srvowner, s.srvacl, 'S', 'pg_foreign_server', 'srvacl', NULL, NULL, NULL
    FROM pg_foreign_server AS s
    UNION ALL
    SELECT e.tableoid, e.oid, 0, 0, e.evtowner, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM pg_event_trigger AS e
    UNION ALL
    SELECT p.tableoid, p.oid, 0, 0, p.pubowner, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM pg_publication AS p
    UNION ALL
    SELECT s.tableoid, s.oid, 0, 0, s.subowner, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM pg_subscription AS s
    JOIN pg_database AS d ON d.oid = s.subdbid AND d.datname = current_database()
    UNION ALL
    SELECT
        'pg_largeobject'::regclass, l.oid, 0, 0, l.lomowner, l.lomacl, 'L', 'pg_largeobject_metadata', 'lomacl', NULL, NULL, NULL
    FROM pg_largeobject_metadata AS l
    UNION ALL
    SELECT e.tableoid, e.oid, 0, 0, e.extowner, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM pg_extension AS e
    UNION ALL
    SELECT d.tableoid, d.oid, 0, 0, d.datdba, d.datacl, 'd', 'pg_database', 'datacl', NULL, NULL, NULL
    FROM pg_database AS d
    WHERE d.datname = current_database()
) AS o
LEFT JOIN pg_namespace AS ns ON ns.oid = o.namespace
LEFT JOIN pg_type AS domain ON o.catalogue = 'pg_type' AND domain.oid = o.oid AND domain.typtype = 'd'
LEFT JOIN LATERAL (SELECT o.parent::regclass::text AS name WHERE o.parent IS NOT NULL) AS parent ON true
CROSS JOIN LATERAL pg_identify_object(o.class, o.oid, o.column) AS object
WHERE
    -- From 16384 on, oids are given to what is made after initdb; of what initdb made these are a user's.
    (
        o.oid >= 16384
        OR ns.nspname = 'public'
        OR object.type IN ('database', 'extension', 'large object')
    )
    AND (ns.nspname IS NULL OR ns.nspname !~ '^pg_' AND ns.nspname <> 'information_schema')
    AND (o.parent IS NULL OR o.parent >= 16384 AND parent.name !~ '^pg_toast')
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.deptype = 'e'
            AND (
                d.classid = o.class AND d.objid = o.oid
                OR d.classid = 'pg_class'::regclass AND d.objid = o.parent
            )
    )
    AND NOT (
        object.type IN ('type', 'function', 'cast')
        AND EXISTS (
            SELECT FROM pg_depend AS d WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype = 'i'
                AND d.refclassid <> 'pg_class'::regclass
        )
    )

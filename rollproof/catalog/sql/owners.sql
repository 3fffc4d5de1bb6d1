-- identity: object (kind)
-- description: the role that owns it
-- Objects that follow another one are listed only if their owner is different: indexes and row types (the table's), array types
-- (the element's), multiranges (the range's). Objects of initdb are listed if the bootstrap superuser does not own them; so are the
-- constructors of a range type, which PostgreSQL always makes that role's.
-- Elsewhere: large objects (large_objects), members of extensions (extension_members).
WITH owned (classid, objid, namespace, owner, identity, kind) AS (
    SELECT
        c.tableoid, c.oid, c.relnamespace, c.relowner,
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
    SELECT i.tableoid, i.oid, i.relnamespace, i.relowner, format('%s.%I', c.oid::regclass, i.relname), 'index'
    FROM pg_catalog.pg_index AS x
    JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
    JOIN pg_catalog.pg_class AS c ON c.oid = x.indrelid AND c.relkind <> 't'
    WHERE i.relowner <> c.relowner
    UNION ALL
    SELECT p.tableoid, p.oid, p.pronamespace, p.proowner, p.oid::regprocedure::text, 'function'
    FROM pg_catalog.pg_proc AS p
    LEFT JOIN pg_catalog.pg_depend AS d
        ON d.classid = p.tableoid AND d.objid = p.oid
        AND d.refclassid = 'pg_catalog.pg_type'::regclass AND d.deptype = 'i'
    WHERE p.proowner <> 10 OR p.oid >= 16384 AND d.objid IS NULL
    UNION ALL
    SELECT t.tableoid, t.oid, t.typnamespace, t.typowner, format_type(t.oid, NULL), 'type'
    FROM pg_catalog.pg_type AS t
    LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid AND c.relkind <> 'c'
    LEFT JOIN pg_catalog.pg_type AS element ON element.typarray = t.oid
    LEFT JOIN pg_catalog.pg_range AS r ON r.rngmultitypid = t.oid
    LEFT JOIN pg_catalog.pg_type AS range ON range.oid = r.rngtypid
    WHERE (t.oid >= 16384 OR t.typowner <> 10)
        AND t.typowner IS DISTINCT FROM coalesce(c.relowner, element.typowner, range.typowner)
    UNION ALL
    SELECT o.tableoid, o.oid, o.oprnamespace, o.oprowner, o.oid::regoperator::text, 'operator'
    FROM pg_catalog.pg_operator AS o
    WHERE o.oid >= 16384 OR o.oprowner <> 10
    UNION ALL
    SELECT
        o.tableoid, o.oid, o.opcnamespace, o.opcowner,
        format('%s.%I USING %I', o.opcnamespace::regnamespace, o.opcname, am.amname), 'operator class'
    FROM pg_catalog.pg_opclass AS o
    JOIN pg_catalog.pg_am AS am ON am.oid = o.opcmethod
    UNION ALL
    SELECT
        f.tableoid, f.oid, f.opfnamespace, f.opfowner,
        format('%s.%I USING %I', f.opfnamespace::regnamespace, f.opfname, am.amname), 'operator family'
    FROM pg_catalog.pg_opfamily AS f
    JOIN pg_catalog.pg_am AS am ON am.oid = f.opfmethod
    UNION ALL
    SELECT c.tableoid, c.oid, c.collnamespace, c.collowner, c.oid::regcollation::text, 'collation'
    FROM pg_catalog.pg_collation AS c
    JOIN pg_catalog.pg_database AS db ON db.datname = current_database()
    WHERE (c.oid >= 16384 OR c.collowner <> 10) AND c.collencoding IN (-1, db.encoding)
    UNION ALL
    SELECT c.tableoid, c.oid, c.connamespace, c.conowner, format('%s.%I', c.connamespace::regnamespace, c.conname), 'conversion'
    FROM pg_catalog.pg_conversion AS c
    UNION ALL
    SELECT c.tableoid, c.oid, c.cfgnamespace, c.cfgowner, c.oid::regconfig::text, 'text search configuration'
    FROM pg_catalog.pg_ts_config AS c
    UNION ALL
    SELECT d.tableoid, d.oid, d.dictnamespace, d.dictowner, d.oid::regdictionary::text, 'text search dictionary'
    FROM pg_catalog.pg_ts_dict AS d
    UNION ALL
    SELECT s.tableoid, s.oid, s.stxnamespace, s.stxowner, format('%s.%I', s.stxnamespace::regnamespace, s.stxname), 'statistics'
    FROM pg_catalog.pg_statistic_ext AS s
    UNION ALL
    SELECT n.tableoid, n.oid, n.oid, n.nspowner, quote_ident(n.nspname), 'schema'
    FROM pg_catalog.pg_namespace AS n
    UNION ALL
    -- From here on: what has no schema. From 16384 on, oids are given to what is made after initdb.
    SELECT e.tableoid, e.oid, 0, e.extowner, quote_ident(e.extname), 'extension'
    FROM pg_catalog.pg_extension AS e
    UNION ALL
    SELECT l.tableoid, l.oid, 0, l.lanowner, quote_ident(l.lanname), 'language'
    FROM pg_catalog.pg_language AS l
    WHERE l.oid >= 16384 OR l.lanowner <> 10
    UNION ALL
    SELECT w.tableoid, w.oid, 0, w.fdwowner, quote_ident(w.fdwname), 'foreign-data wrapper'
    FROM pg_catalog.pg_foreign_data_wrapper AS w
    UNION ALL
    SELECT s.tableoid, s.oid, 0, s.srvowner, quote_ident(s.srvname), 'server'
    FROM pg_catalog.pg_foreign_server AS s
    UNION ALL
    SELECT e.tableoid, e.oid, 0, e.evtowner, quote_ident(e.evtname), 'event trigger'
    FROM pg_catalog.pg_event_trigger AS e
    UNION ALL
    SELECT p.tableoid, p.oid, 0, p.pubowner, quote_ident(p.pubname), 'publication'
    FROM pg_catalog.pg_publication AS p
    UNION ALL
    SELECT t.tableoid, t.oid, 0, t.spcowner, quote_ident(t.spcname), 'tablespace'
    FROM pg_catalog.pg_tablespace AS t
    UNION ALL
    SELECT db.tableoid, db.oid, 0, db.datdba, 'this', 'database'
    FROM pg_catalog.pg_database AS db
    WHERE db.datname = current_database()
)
SELECT
    format('%s (%s)', owned.identity, owned.kind) AS identity,
    owned.owner::regrole::text AS description
FROM owned
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = owned.namespace
LEFT JOIN pg_catalog.pg_depend AS d
    ON d.classid = owned.classid
    AND d.objid = owned.objid
    AND d.refclassid = 'pg_catalog.pg_extension'::regclass
    AND d.deptype = 'e'
WHERE (owned.namespace = 0 OR n.nspname = ANY ($1) OR n.nspname IN ('pg_catalog', 'information_schema') AND owned.owner <> 10)
    AND d.objid IS NULL

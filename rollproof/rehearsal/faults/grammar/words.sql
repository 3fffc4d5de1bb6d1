-- What the questions of this folder share: made for them alone, and gone when they are answered.
-- A relation and all that inherit from it, as oids; partitions are among them.
CREATE FUNCTION pg_temp.family(ancestor oid) RETURNS SETOF oid STABLE LANGUAGE sql AS $$
    WITH RECURSIVE below AS (
        SELECT ancestor AS oid
        UNION
        SELECT i.inhrelid FROM below JOIN pg_inherits AS i ON i.inhparent = below.oid
    )
    SELECT below.oid FROM below
$$;

-- The paths of a relation and of all that inherit from it.
CREATE FUNCTION pg_temp.family_paths(ancestor oid) RETURNS text[] STABLE LANGUAGE sql AS $$
    SELECT array_agg(format('%I.%I', n.nspname, c.relname))
    FROM pg_temp.family(ancestor) AS each (oid)
    JOIN pg_class AS c ON c.oid = each.oid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
$$;

-- The path of an object: of what belongs to a relation below that.
CREATE FUNCTION pg_temp.path(class oid, object oid, part integer DEFAULT 0) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT coalesce(
        (
            SELECT concat_ws('.', quote_ident(n.nspname), quote_ident(c.relname), quote_ident(found.name))
            FROM (
                SELECT x.conrelid AS relation, x.conname AS name FROM pg_constraint AS x
                WHERE class = 'pg_constraint'::regclass AND x.oid = object AND x.conrelid <> 0
                UNION ALL
                SELECT x.tgrelid, x.tgname FROM pg_trigger AS x WHERE class = 'pg_trigger'::regclass AND x.oid = object
                UNION ALL
                SELECT x.ev_class, nullif(x.rulename, '_RETURN') FROM pg_rewrite AS x
                WHERE class = 'pg_rewrite'::regclass AND x.oid = object
                UNION ALL
                SELECT x.polrelid, x.polname FROM pg_policy AS x WHERE class = 'pg_policy'::regclass AND x.oid = object
                UNION ALL
                SELECT x.adrelid, a.attname FROM pg_attrdef AS x
                JOIN pg_attribute AS a ON a.attrelid = x.adrelid AND a.attnum = x.adnum
                WHERE class = 'pg_attrdef'::regclass AND x.oid = object
                UNION ALL
                SELECT x.stxrelid, x.stxname FROM pg_statistic_ext AS x
                WHERE class = 'pg_statistic_ext'::regclass AND x.oid = object
                UNION ALL
                SELECT x.indrelid, c.relname FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid
                WHERE class = 'pg_class'::regclass AND x.indexrelid = object
                UNION ALL
                SELECT x.attrelid, x.attname FROM pg_attribute AS x
                WHERE class = 'pg_class'::regclass AND x.attrelid = object AND x.attnum = part AND part > 0
            ) AS found
            JOIN pg_class AS c ON c.oid = found.relation
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
        ),
        (SELECT i.identity FROM pg_identify_object(class, object, 0) AS i)
    )
$$;

-- The paths of a relation, of all that inherit from it, and of what DROP ... CASCADE takes along.
CREATE FUNCTION pg_temp.related(relation oid) RETURNS text[] STABLE LANGUAGE sql AS $$
    WITH RECURSIVE reached AS (
        SELECT 'pg_class'::regclass::oid AS class, each.oid, 0 AS part FROM pg_temp.family(relation) AS each (oid)
        UNION
        SELECT step.class, step.oid, step.part
        FROM reached
        CROSS JOIN LATERAL (
            SELECT d.classid AS class, d.objid AS oid, d.objsubid AS part
            FROM pg_depend AS d
            WHERE d.refclassid = reached.class AND d.refobjid = reached.oid
            UNION ALL
            SELECT 'pg_class'::regclass, w.ev_class, 0
            FROM pg_rewrite AS w
            WHERE reached.class = 'pg_rewrite'::regclass AND w.oid = reached.oid AND w.rulename = '_RETURN'
        ) AS step
    )
    SELECT array_agg(DISTINCT each.path)
    FROM (SELECT pg_temp.path(reached.class, reached.oid, reached.part) AS path FROM reached OFFSET 0) AS each
    WHERE each.path <> ''
$$;

-- Every relation that is neither the system's nor an extension's, with its names ready for SQL; `family` and `related` are paths.
CREATE TEMPORARY TABLE relations AS
SELECT
    c.oid, c.relkind, c.relispartition AS is_partition, c.reloftype, c.relpersistence, c.relam, c.reltoastrelid,
    c.reloptions, c.relreplident, c.relrowsecurity, c.relforcerowsecurity, c.relhasindex, c.relispopulated, c.relnatts,
    quote_ident(n.nspname) AS schema,
    quote_ident(c.relname) AS relation,
    format('%I.%I', n.nspname, c.relname) AS "table",
    'planted_' || left(md5(n.nspname || '.' || c.relname), 8) AS planted,
    pg_temp.family_paths(c.oid) AS family,
    pg_temp.related(c.oid) AS related
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
            AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
    );
ALTER TABLE pg_temp.relations ADD PRIMARY KEY (oid);
ANALYZE pg_temp.relations;

-- The paths of any object but a relation, of what PostgreSQL made with it, and of what DROP ... CASCADE takes along.
CREATE FUNCTION pg_temp.taken(class oid, object oid) RETURNS text[] STABLE LANGUAGE sql AS $$
    WITH RECURSIVE reached AS (
        SELECT class, object AS oid, 0 AS part
        UNION
        SELECT step.class, step.oid, step.part
        FROM reached
        CROSS JOIN LATERAL (
            SELECT d.classid AS class, d.objid AS oid, d.objsubid AS part
            FROM pg_depend AS d
            WHERE d.refclassid = reached.class AND d.refobjid = reached.oid
                AND (reached.part = 0 OR d.refobjsubid = reached.part)
            UNION ALL
            SELECT 'pg_class'::regclass, w.ev_class, 0
            FROM pg_rewrite AS w
            WHERE reached.class = 'pg_rewrite'::regclass AND w.oid = reached.oid AND w.rulename = '_RETURN'
        ) AS step
    )
    SELECT array_agg(DISTINCT each.path)
    FROM (SELECT pg_temp.path(reached.class, reached.oid, reached.part) AS path FROM reached OFFSET 0) AS each
    WHERE each.path <> ''
$$;

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

-- Relations and what belongs to them, with their paths: `part` is the number of a column, else 0.
CREATE TEMPORARY TABLE parts AS
WITH attached AS (
    SELECT 'pg_class'::regclass AS class, c.oid, 0 AS part, coalesce(i.indrelid, c.oid) AS relation,
        CASE WHEN i.indrelid IS NOT NULL THEN c.relname END AS name
    FROM pg_class AS c
    LEFT JOIN pg_index AS i ON i.indexrelid = c.oid
    WHERE c.oid >= 16384
    UNION ALL
    SELECT 'pg_class'::regclass, x.attrelid, x.attnum, x.attrelid, x.attname
    FROM pg_attribute AS x
    WHERE x.attrelid >= 16384 AND x.attnum > 0
    UNION ALL
    SELECT 'pg_constraint'::regclass, x.oid, 0, x.conrelid, x.conname FROM pg_constraint AS x WHERE x.conrelid <> 0
    UNION ALL
    SELECT 'pg_trigger'::regclass, x.oid, 0, x.tgrelid, x.tgname FROM pg_trigger AS x
    UNION ALL
    SELECT 'pg_rewrite'::regclass, x.oid, 0, x.ev_class, nullif(x.rulename, '_RETURN') FROM pg_rewrite AS x WHERE x.ev_class >= 16384
    UNION ALL
    SELECT 'pg_policy'::regclass, x.oid, 0, x.polrelid, x.polname FROM pg_policy AS x
    UNION ALL
    SELECT 'pg_attrdef'::regclass, x.oid, 0, x.adrelid, a.attname
    FROM pg_attrdef AS x
    JOIN pg_attribute AS a ON a.attrelid = x.adrelid AND a.attnum = x.adnum
    UNION ALL
    SELECT 'pg_statistic_ext'::regclass, x.oid, 0, x.stxrelid, x.stxname FROM pg_statistic_ext AS x
)
SELECT
    x.class::oid AS class, x.oid, x.part::integer AS part,
    concat_ws('.', quote_ident(n.nspname), quote_ident(c.relname), quote_ident(x.name)) AS path
FROM attached AS x
JOIN pg_class AS c ON c.oid = x.relation
JOIN pg_namespace AS n ON n.oid = c.relnamespace;
ALTER TABLE pg_temp.parts ADD PRIMARY KEY (oid, class, part);
ANALYZE pg_temp.parts;

-- The path of an object: of what belongs to a relation below that.
CREATE FUNCTION pg_temp.path(of_class oid, object oid, of_part integer DEFAULT 0) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT coalesce(
        (SELECT p.path FROM pg_temp.parts AS p WHERE p.oid = object AND p.class = of_class AND p.part = of_part),
        (SELECT i.identity FROM pg_identify_object(of_class, object, 0) AS i)
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

-- Every relation that is neither the system's nor an extension's, with its names ready for SQL; `family` are the paths of it and of
-- all that inherit from it, `related` those of what DROP ... CASCADE takes along, too.
CREATE TEMPORARY TABLE relations AS
WITH RECURSIVE users AS MATERIALIZED (
    SELECT c.oid
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_'
        AND n.nspname <> 'information_schema'
        AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
        AND NOT EXISTS (
            SELECT FROM pg_depend AS d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
        )
),
below AS (
    SELECT users.oid AS root, users.oid FROM users
    UNION
    SELECT below.root, i.inhrelid FROM below JOIN pg_inherits AS i ON i.inhparent = below.oid
),
families AS (
    SELECT below.root, array_agg(p.path) AS paths
    FROM below
    JOIN pg_temp.parts AS p ON p.oid = below.oid AND p.class = 'pg_class'::regclass AND p.part = 0
    GROUP BY below.root
),
reached AS (
    SELECT below.root, 'pg_class'::regclass::oid AS class, below.oid, 0 AS part FROM below
    UNION
    SELECT reached.root, step.class, step.oid, step.part
    FROM reached
    CROSS JOIN LATERAL (
        SELECT d.classid AS class, d.objid AS oid, d.objsubid AS part
        FROM pg_depend AS d
        WHERE d.refclassid = reached.class AND d.refobjid = reached.oid
        UNION ALL
        SELECT 'pg_class'::regclass, w.ev_class, 0
        FROM pg_rewrite AS w
        WHERE reached.class = 'pg_rewrite'::regclass AND w.oid = reached.oid AND w.rulename = '_RETURN'
        UNION ALL
        -- A foreign key to a partitioned table goes with its copy for a partition.
        SELECT 'pg_constraint'::regclass, x.conparentid, 0
        FROM pg_constraint AS x
        WHERE reached.class = 'pg_constraint'::regclass AND x.oid = reached.oid AND x.conparentid <> 0
    ) AS step
),
found AS (
    SELECT reached.root, coalesce(p.path, pg_temp.path(reached.class, reached.oid, reached.part)) AS path
    FROM reached
    LEFT JOIN pg_temp.parts AS p ON p.oid = reached.oid AND p.class = reached.class AND p.part = reached.part
),
relatives AS (
    SELECT found.root, array_agg(DISTINCT found.path) AS paths FROM found WHERE found.path <> '' GROUP BY found.root
)
SELECT
    c.oid, c.relkind, c.relispartition AS is_partition, c.reloftype, c.relpersistence, c.relam, c.reltoastrelid,
    c.reloptions, c.relreplident, c.relrowsecurity, c.relforcerowsecurity, c.relhasindex, c.relispopulated, c.relnatts,
    quote_ident(n.nspname) AS schema,
    quote_ident(c.relname) AS relation,
    format('%I.%I', n.nspname, c.relname) AS "table",
    'planted_' || left(md5(n.nspname || '.' || c.relname), 8) AS planted,
    families.paths AS family,
    relatives.paths AS related
FROM families
JOIN relatives ON relatives.root = families.root
JOIN pg_class AS c ON c.oid = families.root
JOIN pg_namespace AS n ON n.oid = c.relnamespace;
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
            -- What is part of another object does not go without that.
            SELECT d.refclassid, d.refobjid, d.refobjsubid
            FROM pg_depend AS d
            WHERE d.classid = reached.class AND d.objid = reached.oid AND d.objsubid = 0 AND d.deptype = 'i'
        ) AS step
    )
    SELECT array_agg(DISTINCT each.path)
    FROM (SELECT pg_temp.path(reached.class, reached.oid, reached.part) AS path FROM reached OFFSET 0) AS each
    WHERE each.path <> ''
$$;

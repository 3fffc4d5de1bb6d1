-- What all questions start from: the tables, and the views, sequences and functions that belong to them.
-- $1 schema, $2 names of tables, $3 columns ("table.column") to be described as uuid whatever they are.
WITH RECURSIVE
target AS (
    SELECT $1::text AS schema_name, $2::text[] AS tables, $3::text[] AS uuid_columns
),
relation AS (
    SELECT c.*, c.relname::text AS table_name, format('%I.%I', n.nspname, c.relname) AS full_name
    FROM target
    JOIN pg_catalog.pg_namespace AS n ON n.nspname = target.schema_name
    JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = ANY (target.tables)
    WHERE c.relkind = 'r'
),
reader AS ( -- views over the tables, materialised ones too, and views over those
    SELECT oid, 0 AS depth FROM relation
    UNION
    SELECT w.ev_class, r.depth + 1
    FROM reader AS r
    JOIN pg_catalog.pg_depend AS d
        ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = r.oid
        AND d.classid = 'pg_catalog.pg_rewrite'::regclass
    JOIN pg_catalog.pg_rewrite AS w ON w.oid = d.objid AND w.ev_class <> r.oid AND w.ev_type = '1'
),
view_over AS (
    SELECT c.*, format('%I.%I', n.nspname, c.relname) AS full_name, r.depth
    FROM (SELECT oid, max(depth) AS depth FROM reader GROUP BY oid) AS r
    JOIN pg_catalog.pg_class AS c ON c.oid = r.oid AND c.relkind IN ('v', 'm') AND c.relpersistence <> 't'
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
),
carrier AS ( -- what triggers, rules, indexes and columns can belong to; table_name is NULL for a view
    SELECT oid, table_name, full_name, relowner FROM relation
    UNION ALL
    SELECT oid, NULL, full_name, relowner FROM view_over
),
looks_elsewhere AS ( -- policies and rules of one table or view that need another: they are made when all are there
    SELECT d.classid, d.objid
    FROM carrier AS r
    JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = r.oid
    LEFT JOIN pg_catalog.pg_policy AS p ON d.classid = 'pg_catalog.pg_policy'::regclass AND p.oid = d.objid
    LEFT JOIN pg_catalog.pg_rewrite AS w ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND w.oid = d.objid
    WHERE coalesce(p.polrelid, w.ev_class, r.oid) <> r.oid
),
counter AS ( -- sequences: of an identity ('i'), owned by a column ('a'), or merely used by a default ('n')
    SELECT DISTINCT ON (s.oid) s.oid, format('%I.%I', n.nspname, s.relname) AS full_name, s.relname, s.relowner, s.relacl,
           r.table_name, r.full_name AS table_full_name, d.deptype, d.attname
    FROM relation AS r
    CROSS JOIN LATERAL (
        SELECT o.objid AS sequence, o.deptype, a.attname
        FROM pg_catalog.pg_depend AS o
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND a.attnum = o.refobjsubid
        WHERE o.classid = 'pg_catalog.pg_class'::regclass AND o.refclassid = 'pg_catalog.pg_class'::regclass
            AND o.refobjid = r.oid AND o.deptype IN ('a', 'i')
        UNION ALL
        SELECT o.refobjid, 'n', NULL
        FROM pg_catalog.pg_attrdef AS f
        JOIN pg_catalog.pg_depend AS o
            ON o.classid = 'pg_catalog.pg_attrdef'::regclass AND o.objid = f.oid
            AND o.refclassid = 'pg_catalog.pg_class'::regclass
        WHERE f.adrelid = r.oid
    ) AS d
    JOIN pg_catalog.pg_class AS s ON s.oid = d.sequence AND s.relkind = 'S'
    JOIN pg_catalog.pg_namespace AS n ON n.oid = s.relnamespace
    ORDER BY s.oid, d.deptype -- 'a' and 'i' come before 'n'
),
trigger_function AS (
    SELECT DISTINCT p.oid, p.proowner, p.proacl, pg_get_functiondef(p.oid) AS definition,
           format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS full_name
    FROM carrier AS r
    JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = r.oid AND NOT t.tgisinternal
    JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname <> 'pg_catalog'
),
object AS ( -- whatever has an owner and privileges; keyword as GRANT and ALTER … OWNER TO want it
    SELECT 'TABLE' AS keyword, 'r' AS acl_kind, table_name, full_name, relowner AS owner, relacl AS acl FROM relation
    UNION ALL
    SELECT 'TABLE', 'r', NULL, full_name, relowner, relacl FROM view_over
    UNION ALL
    SELECT 'SEQUENCE', 's', table_name, full_name, relowner, relacl FROM counter
    UNION ALL
    SELECT 'FUNCTION', 'f', NULL, full_name, proowner, proacl FROM trigger_function
)

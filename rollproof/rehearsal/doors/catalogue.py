"""The questions that are asked of a schema's catalogue, with `search_path` set to `pg_catalog` alone."""

RELATION = """
SELECT jsonb_build_object(
  'name', c.oid::regclass::text, 'kind', c.relkind,
  'secured', row_security_active(c.oid),
  'definition', CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) ELSE '' END,
  'bounds', (
    SELECT coalesce(jsonb_agg(pg_get_expr(p.relpartbound, p.oid) ORDER BY pg_get_expr(p.relpartbound, p.oid)), '[]')
    FROM pg_class AS p WHERE p.relpartbound IS NOT NULL AND (p.oid = c.oid OR p.oid IN (
      SELECT t.relid FROM pg_partition_tree(CASE WHEN c.relkind = 'p' THEN c.oid END) AS t))),
  'columns', (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
      'number', a.attnum, 'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
      'core', format_type(core.oid, NULL),
      'stored', CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod) ELSE format_type(a.atttypid, a.atttypmod) END,
      'labels', (
        SELECT coalesce(jsonb_agg(e.enumlabel ORDER BY e.enumsortorder), '[]') FROM pg_enum AS e WHERE e.enumtypid = core.element),
      'required', a.attnotnull OR t.typnotnull,
      'filled', a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL,
      'default', coalesce(pg_get_expr(d.adbin, d.adrelid), t.typdefault),
      'generated', a.attgenerated <> '') ORDER BY a.attnum), '[]')
    FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    CROSS JOIN LATERAL (
      SELECT i.oid, CASE WHEN i.typcategory = 'A' THEN i.typelem ELSE i.oid END AS element
      FROM pg_type AS i WHERE i.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END) AS core
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  'rules', (
    SELECT coalesce(jsonb_agg(jsonb_build_object('kind', r.kind, 'name', r.name, 'text', r.text, 'columns', r.columns,
      'valid', r.valid, 'expression', r.expression) ORDER BY r.kind, r.name), '[]')
    FROM (
      SELECT CASE WHEN o.confrelid = c.oid AND o.conrelid <> c.oid THEN 'referenced' WHEN o.contype = 'c' THEN 'check'
               WHEN o.contype = 'f' THEN 'foreign key' ELSE 'unique' END AS kind,
        o.conname::text AS name,
        CASE WHEN o.conrelid <> c.oid THEN o.conrelid::regclass::text || ' ' ELSE '' END
          || regexp_replace(pg_get_constraintdef(o.oid), ' NOT VALID$', '') AS text,
        (SELECT coalesce(jsonb_agg(a.attname ORDER BY a.attnum), '[]') FROM pg_attribute AS a
          WHERE a.attrelid = c.oid AND a.attnum = ANY (CASE WHEN o.conrelid = c.oid THEN o.conkey ELSE o.confkey END)) AS columns,
        o.convalidated AS valid, coalesce(pg_get_expr(o.conbin, o.conrelid), '') AS expression
      FROM pg_constraint AS o
      WHERE (o.conrelid = c.oid AND o.contype IN ('c', 'f', 'p', 'u', 'x')
          OR o.confrelid = c.oid AND o.contype = 'f' AND o.conparentid = 0)
        AND coalesce((to_jsonb(o) ->> 'conenforced')::boolean, true)
      UNION ALL
      SELECT 'unique', i.indexrelid::regclass::text, regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING ', 'UNIQUE '),
        (SELECT coalesce(jsonb_agg(a.attname ORDER BY a.attnum), '[]') FROM pg_attribute AS a
          WHERE a.attrelid = c.oid AND (a.attnum = ANY (i.indkey) OR EXISTS (
            SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
              AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = a.attnum))),
        true, ''
      FROM pg_index AS i
      WHERE i.indrelid = c.oid AND i.indisunique AND NOT EXISTS (
        SELECT FROM pg_constraint AS o WHERE o.conindid = i.indexrelid AND o.conrelid = c.oid)
      UNION ALL
      SELECT 'check', a.attname || ': ' || o.conname, 'domain ' || format_type(t.oid, NULL) || ': '
        || pg_get_constraintdef(o.oid), jsonb_build_array(a.attname),
        true, replace(pg_get_expr(o.conbin, 0), 'VALUE', quote_ident(a.attname))
      FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid JOIN pg_constraint AS o ON o.contypid = t.oid
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND o.contype = 'c') AS r),
  'triggers', (
    SELECT coalesce(jsonb_agg(jsonb_build_object('name', g.name, 'text', g.text, 'on', g.on) ORDER BY g.name), '[]')
    FROM (
      SELECT t.tgname::text AS name, pg_get_triggerdef(t.oid) AS text,
        to_jsonb(array_remove(ARRAY[CASE WHEN t.tgtype & 4 <> 0 THEN 'insert' END, CASE WHEN t.tgtype & 8 <> 0 THEN 'delete' END,
          CASE WHEN t.tgtype & 16 <> 0 THEN 'update' END, CASE WHEN t.tgtype & 32 <> 0 THEN 'truncate' END], NULL)) AS on
      FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
      UNION ALL
      SELECT r.rulename::text, pg_get_ruledef(r.oid),
        to_jsonb(ARRAY[CASE r.ev_type WHEN '2' THEN 'update' WHEN '3' THEN 'insert' WHEN '4' THEN 'delete' ELSE 'select' END])
      FROM pg_rewrite AS r WHERE r.ev_class = c.oid AND r.ev_type <> '1' AND r.ev_enabled IN ('O', 'A')) AS g),
  'policies', (
    SELECT coalesce(jsonb_agg(concat_ws(' ', p.polname, p.polcmd, p.polpermissive, p.polroles::text, pg_get_expr(p.polqual, c.oid),
      pg_get_expr(p.polwithcheck, c.oid)) ORDER BY p.polname), '[]') FROM pg_policy AS p WHERE p.polrelid = c.oid))::text
FROM pg_class AS c WHERE c.oid = %s::oid
"""
FUNCTIONS = """
SELECT jsonb_build_object('name', p.oid::regprocedure::text, 'language', l.lanname, 'body', p.prosrc, 'via', f.via,
  'as_owner', p.prosecdef,
  'definition', pg_get_functiondef(p.oid))::text, p.oid, coalesce(p.proconfig, '{}')
FROM (
  SELECT d.refobjid AS oid, '' AS via FROM pg_depend AS d
  WHERE d.classid = 'pg_proc'::regclass AND d.objid = %(probe)s::oid AND d.refclassid = 'pg_proc'::regclass
  UNION ALL SELECT called, '' FROM unnest(%(called)s::oid[]) AS called
  UNION ALL SELECT t.tgfoid, t.tgrelid::regclass || '.' || t.tgname FROM pg_trigger AS t
  WHERE t.tgrelid = ANY (%(tables)s::oid[]) AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
) AS f JOIN pg_proc AS p ON p.oid = f.oid JOIN pg_language AS l ON l.oid = p.prolang
WHERE p.prokind IN ('f', 'p', 'w') AND p.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_depend AS e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')
ORDER BY 1
"""
RELATIONS = """
SELECT DISTINCT d.refobjid FROM pg_depend AS d JOIN pg_class AS c ON c.oid = d.refobjid
WHERE d.classid = 'pg_proc'::regclass AND d.objid = %s::oid AND d.refclassid = 'pg_class'::regclass
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY 1
"""
TRUNCATE = """
SELECT pg_catalog.has_table_privilege(%(table)s, 'TRUNCATE'), EXISTS (
  SELECT FROM pg_catalog.pg_constraint AS o WHERE o.contype = 'f' AND o.confrelid = %(table)s::pg_catalog.regclass
    AND o.conrelid <> o.confrelid)
"""
TYPES = """
SELECT t.oid, format_type(t.oid, NULL), b.oid,
  ARRAY(SELECT e.enumlabel::text FROM pg_enum AS e
    WHERE e.enumtypid = CASE WHEN b.typcategory = 'A' THEN b.typelem ELSE b.oid END ORDER BY e.enumsortorder)
FROM pg_type AS t JOIN pg_type AS b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
WHERE t.oid = ANY (%s::oid[])
"""
BASES = """
SELECT DISTINCT d.refobjid, d.refobjid::regclass::text
FROM pg_rewrite AS r JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
JOIN pg_class AS c ON c.oid = d.refobjid
WHERE r.ev_class = to_regclass(%(view)s) AND r.ev_type = '1' AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
  AND c.relkind IN ('r', 'p', 'v', 'f')
  AND NOT EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = r.ev_class AND t.tgtype & 64 <> 0)
"""
NAMES = """
SELECT c.relname::text, '', concat_ws(' ', 'relation', c.relnamespace::regnamespace, c.relkind, pg_get_viewdef(c.oid))
FROM pg_class AS c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.oid >= 16384
UNION ALL SELECT a.attname::text, c.relname::text,
  concat_ws(' ', 'column', a.attrelid::regclass, format_type(a.atttypid, a.atttypmod), a.attnotnull)
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped AND c.oid >= 16384
UNION ALL SELECT p.proname::text, '', concat_ws(' ', 'function', p.oid::regprocedure, format_type(p.prorettype, NULL))
FROM pg_proc AS p WHERE p.oid >= 16384
UNION ALL SELECT t.typname::text, '', concat_ws(' ', 'type', t.typnamespace::regnamespace, t.typtype)
FROM pg_type AS t WHERE t.typtype IN ('e', 'd', 'r') AND t.oid >= 16384
UNION ALL SELECT e.enumlabel::text, '', concat_ws(' ', 'label', format_type(e.enumtypid, NULL)) FROM pg_enum AS e
UNION ALL SELECT c.relname::text, '', concat_ws(' ', 'rights', c.relnamespace::regnamespace, r.rolname, p.what)
FROM pg_class AS c, pg_roles AS r, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p (what)
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.oid >= 16384 AND r.rolname = ANY (%s::text[])
  AND has_table_privilege(r.oid, c.oid, p.what)
"""
SETTINGS = """
SELECT s.setting FROM pg_db_role_setting AS d JOIN pg_roles AS r ON r.oid = d.setrole, unnest(d.setconfig) AS s (setting)
WHERE r.rolname = %s AND d.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
ORDER BY d.setdatabase
"""
PATH = """
SELECT string_agg(quote_ident(name), ', ' ORDER BY number) FROM unnest(current_schemas(false)) WITH ORDINALITY AS s (name, number)
"""

,
needed (what, owner, schema) AS ( -- whose member one must be, to drop and make things
    SELECT o.full_name, o.owner, n.oid
    FROM object AS o
    LEFT JOIN carrier AS c ON c.full_name = o.full_name
    LEFT JOIN pg_catalog.pg_class AS k ON k.oid = c.oid
    LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = k.relnamespace
    WHERE o.keyword = 'TABLE'
    UNION
    SELECT format('a privilege on %s', o.full_name), x.grantor, NULL
    FROM object AS o CROSS JOIN LATERAL aclexplode(o.acl) AS x
    WHERE x.grantor <> o.owner
    UNION
    SELECT format('statistics %I', s.stxname), s.stxowner, s.stxnamespace
    FROM pg_catalog.pg_statistic_ext AS s WHERE s.stxrelid IN (SELECT oid FROM relation)
    UNION
    SELECT format('a foreign key of %s', c.conrelid::regclass), o.relowner, NULL
    FROM pg_catalog.pg_constraint AS c JOIN pg_catalog.pg_class AS o ON o.oid = c.conrelid
    WHERE c.contype = 'f' AND c.confrelid IN (SELECT oid FROM relation) AND c.conrelid NOT IN (SELECT oid FROM relation)
    UNION
    SELECT format('publication %I', p.pubname), p.pubowner, NULL
    FROM pg_catalog.pg_publication AS p JOIN pg_catalog.pg_publication_rel AS m ON m.prpubid = p.oid
    WHERE m.prrelid IN (SELECT oid FROM relation)
    UNION
    SELECT c.oid::regclass::text, c.relowner, NULL
    FROM pg_catalog.pg_class AS c
    WHERE c.relkind = 'r' AND (c.relnamespace IN (to_regnamespace($4), to_regnamespace($5)) OR c.oid = to_regclass($6))
),
me AS (
    SELECT quote_ident(current_user) AS name, current_setting('is_superuser') = 'on' AS may_everything
)
SELECT format('GRANT CREATE ON DATABASE %I TO %s', current_database(), me.name)
FROM me WHERE NOT has_database_privilege(current_database(), 'CREATE')
UNION ALL
SELECT DISTINCT format('GRANT USAGE, CREATE ON SCHEMA %s TO %s', s.oid::regnamespace, me.name)
FROM me, (SELECT schema FROM needed UNION SELECT to_regnamespace($1)) AS s (oid)
WHERE NOT has_schema_privilege(s.oid, 'USAGE, CREATE')
    OR NOT has_schema_privilege(s.oid, 'USAGE') OR NOT has_schema_privilege(s.oid, 'CREATE')
UNION ALL
SELECT format('GRANT %s TO %s /* the owner of %s */', n.owner::regrole, me.name, string_agg(DISTINCT n.what, ', '))
FROM me, needed AS n
WHERE NOT pg_has_role(n.owner, 'USAGE') OR NOT pg_has_role(n.owner, 'MEMBER')
GROUP BY n.owner, me.name
UNION ALL
SELECT DISTINCT format('GRANT CREATE ON SCHEMA %s TO %s /* to own %s again */', n.schema::regnamespace, n.owner::regrole, n.what)
FROM me, needed AS n
WHERE NOT me.may_everything AND NOT has_schema_privilege(n.owner, n.schema, 'CREATE')
UNION ALL
SELECT format('GRANT EXECUTE ON FUNCTION %s TO %s', f.full_name, me.name)
FROM me, trigger_function AS f WHERE NOT has_function_privilege(f.oid, 'EXECUTE')
UNION ALL
SELECT format('ALTER ROLE %s BYPASSRLS /* row security hides rows of %s */', me.name, r.full_name)
FROM me, relation AS r WHERE row_security_active(r.oid)
ORDER BY 1

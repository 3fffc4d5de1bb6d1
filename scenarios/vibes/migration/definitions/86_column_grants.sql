-- Privileges on single columns: after those on tables, because REVOKE on a table takes these along.
SELECT r.table_name, format('%I of %s', a.attname, r.full_name),
       format('REVOKE ALL (%I) ON TABLE %s FROM %s CASCADE', a.attname, r.full_name, string_agg(DISTINCT g.grantee_name, ', '))
       || string_agg(
           E';\n' || CASE WHEN g.grantor = r.relowner THEN '' ELSE format(E'SET LOCAL ROLE %s;\n', g.grantor::regrole) END
           || format('GRANT %s ON TABLE %s TO %s', g.privileges, r.full_name, g.grantee_name)
           || CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
           || CASE WHEN g.grantor = r.relowner THEN '' ELSE E';\nRESET ROLE' END, '' ORDER BY g.number, g.is_grantable)
FROM (
    SELECT relowner, table_name, full_name, oid FROM relation
    UNION ALL
    SELECT relowner, NULL, full_name, oid FROM view_over
) AS r
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
CROSS JOIN LATERAL (
    SELECT x.grantor, x.is_grantable, min(u.number) AS number,
           CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END AS grantee_name,
           string_agg(format('%s (%I)', x.privilege_type, a.attname), ', ' ORDER BY x.privilege_type) AS privileges
    FROM unnest(a.attacl) WITH ORDINALITY AS u (item, number)
    CROSS JOIN LATERAL aclexplode(ARRAY[u.item]) AS x
    GROUP BY x.grantor, x.grantee, x.is_grantable
) AS g
GROUP BY r.table_name, r.full_name, a.attname

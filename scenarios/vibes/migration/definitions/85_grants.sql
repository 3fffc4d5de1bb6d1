-- Privileges, in the order they were given. First of all REVOKE takes them from everybody who has some.
SELECT o.table_name, o.full_name,
       format('REVOKE ALL ON %s %s FROM %s CASCADE', o.keyword, o.full_name,
              string_agg(DISTINCT g.grantee_name, ', '))
       || coalesce(string_agg(
           E';\n' || CASE WHEN g.grantor = o.owner THEN '' ELSE format(E'SET LOCAL ROLE %s;\n', g.grantor::regrole) END
           || format('GRANT %s ON %s %s TO %s', g.privileges, o.keyword, o.full_name, g.grantee_name)
           || CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
           || CASE WHEN g.grantor = o.owner THEN '' ELSE E';\nRESET ROLE' END, '' ORDER BY g.number, g.is_grantable), '')
FROM object AS o
CROSS JOIN LATERAL (
    SELECT x.grantor, x.is_grantable, min(u.number) AS number,
           CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END AS grantee_name,
           string_agg(x.privilege_type, ', ' ORDER BY x.privilege_type) AS privileges
    FROM unnest(coalesce(o.acl, acldefault(o.acl_kind::"char", o.owner))) WITH ORDINALITY AS u (item, number)
    CROSS JOIN LATERAL aclexplode(ARRAY[u.item]) AS x
    GROUP BY x.grantor, x.grantee, x.is_grantable
) AS g
GROUP BY o.table_name, o.full_name, o.keyword

-- identity: kind MADE BY role [IN SCHEMA s] TO role
-- description: what is granted on objects made from now on (ALTER DEFAULT PRIVILEGES)
-- Without a schema the list replaces the default one; "TO nobody" where it is empty.
SELECT
    concat_ws(
        ' ',
        CASE a.defaclobjtype
            WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS'
            WHEN 'L' THEN 'LARGE OBJECTS'
            ELSE a.defaclobjtype::text
        END,
        'MADE BY ' || a.defaclrole::regrole,
        'IN SCHEMA ' || quote_ident(n.nspname),
        'TO',
        CASE item.grantee WHEN 0 THEN 'PUBLIC' ELSE coalesce(item.grantee::regrole::text, 'nobody') END
    ) AS identity,
    coalesce(
        string_agg(
            item.privilege_type || CASE WHEN item.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END,
            ', ' ORDER BY item.privilege_type COLLATE "C"
        ) FILTER (WHERE item.privilege_type <> 'MAINTAIN'), -- until 16
        ), -- from 17
        'nothing'
    ) AS description
FROM pg_catalog.pg_default_acl AS a
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = a.defaclnamespace
LEFT JOIN LATERAL aclexplode(a.defaclacl) AS item ON true
WHERE a.defaclnamespace = 0 OR n.nspname = ANY ($1)
GROUP BY a.defaclobjtype, a.defaclrole, n.nspname, item.grantee

-- identity: schema.table
-- description: "enabled", "enabled, for the owner too", "disabled, but forced once enabled"; no fact where it is off
SELECT
    format('%I.%I', n.nspname, c.relname) AS identity,
    CASE
        WHEN NOT c.relrowsecurity THEN 'row security disabled, but forced once enabled'
        WHEN c.relforcerowsecurity THEN 'row security enabled, for the owner too'
        ELSE 'row security enabled'
    END AS description
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1) AND (c.relrowsecurity OR c.relforcerowsecurity)

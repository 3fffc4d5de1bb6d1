-- identity: which object   description: all that must be equal about it
-- To do: ask. $1 holds the names of the schemas to look at; README.md beside this file has the rules.
SELECT
    quote_ident(n.nspname) AS identity,
    'a schema' AS description
FROM pg_catalog.pg_namespace AS n
WHERE n.nspname = ANY ($1) AND false

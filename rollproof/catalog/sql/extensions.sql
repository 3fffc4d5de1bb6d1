-- identity: name
-- description: version, schema, and which of its tables hold a user's own rows
-- The members of an extension are in extension_members and in no other facet: its version stands for them.
SELECT
    quote_ident(e.extname) AS identity,
    concat_ws(
        ' ',
        'VERSION ' || e.extversion,
        'SCHEMA ' || e.extnamespace::regnamespace,
        CASE WHEN NOT e.extrelocatable THEN 'not relocatable' END,
        'with rows of the user in ' || (
            SELECT string_agg(
                concat_ws(' ', config.relation::regclass::text, config.condition), ', ' ORDER BY config.relation::regclass::text
            )
            FROM unnest(e.extconfig, e.extcondition) AS config (relation, condition)
        )
    ) AS description
FROM pg_catalog.pg_extension AS e

-- identity: name   description: options. They belong to the whole server; where they lie on its disks is left out.
SELECT
    quote_ident(t.spcname) AS identity,
    concat_ws(
        ' ',
        'tablespace',
        'WITH (' || (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(t.spcoptions) AS o) || ')'
    ) AS description
FROM pg_catalog.pg_tablespace AS t

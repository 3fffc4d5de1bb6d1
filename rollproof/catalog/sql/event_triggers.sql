-- identity: name
-- description: its definition, and when it fires if not by default
SELECT
    quote_ident(e.evtname) AS identity,
    concat_ws(
        ' ',
        CASE e.evtenabled WHEN 'D' THEN 'DISABLED' WHEN 'R' THEN 'ENABLED ON REPLICA ONLY' WHEN 'A' THEN 'ENABLED ALWAYS' END,
        'ON ' || e.evtevent,
        'WHEN TAG IN ('
            || (SELECT string_agg(quote_literal(tag), ', ' ORDER BY tag COLLATE "C") FROM unnest(e.evttags) AS tag)
            || ')',
        'EXECUTE FUNCTION ' || e.evtfoid::regprocedure
    ) AS description
FROM pg_catalog.pg_event_trigger AS e
WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
    WHERE d.classid = e.tableoid AND d.objid = e.oid
        AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
)

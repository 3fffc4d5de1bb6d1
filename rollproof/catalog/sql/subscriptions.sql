-- identity: name | schema.table IN SUBSCRIPTION name
-- description: what it subscribes to and how; never the connection, which may hold a password
SELECT
    quote_ident(s.subname) AS identity,
    concat_ws(
        ' ',
        CASE WHEN NOT s.subenabled THEN 'DISABLED' END,
        -- Not in owners: where a provider closes this catalogue, the other owners are to be read all the same.
        'OWNER ' || s.subowner::regrole,
        'to ' || (SELECT string_agg(quote_ident(name), ', ' ORDER BY name COLLATE "C") FROM unnest(s.subpublications) AS name),
        'slot ' || coalesce(quote_ident(s.subslotname), 'none'),
        'synchronous_commit ' || s.subsynccommit,
        CASE WHEN s.subtwophasestate <> 'd' THEN 'two-phase' END, -- from 15
        CASE WHEN s.subdisableonerr THEN 'disabled on error' END, -- from 15
        CASE WHEN s.suborigin <> 'any' THEN 'origin ' || s.suborigin END, -- from 16
        CASE WHEN NOT s.subpasswordrequired THEN 'no password required' END, -- from 16
        CASE WHEN s.subrunasowner THEN 'run as owner' END, -- from 16
        CASE WHEN s.subfailover THEN 'failover' END, -- from 17
        CASE WHEN s.subbinary THEN 'binary' END,
        CASE WHEN s.substream::text IN ('t', 'true') THEN 'streaming' WHEN s.substream::text = 'p' THEN 'streaming in parallel' END
    ) AS description
FROM pg_catalog.pg_subscription AS s
JOIN pg_catalog.pg_database AS db ON db.oid = s.subdbid
WHERE db.datname = current_database()
UNION ALL
SELECT format('%I.%I IN SUBSCRIPTION %I', n.nspname, c.relname, s.subname), 'subscribed'
FROM pg_catalog.pg_subscription_rel AS r
JOIN pg_catalog.pg_subscription AS s ON s.oid = r.srsubid
JOIN pg_catalog.pg_class AS c ON c.oid = r.srrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace

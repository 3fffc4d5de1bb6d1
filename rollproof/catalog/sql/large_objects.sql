-- identity: large objects of owner, with the same grants
-- description: how many there are (their bytes are not compared)
-- Grants are included where they are not the default ones.
SELECT
    concat_ws(
        ' ',
        'of',
        l.lomowner::regrole::text,
        CASE
            WHEN NOT (l.lomacl @> acldefault('L', l.lomowner) AND l.lomacl <@ acldefault('L', l.lomowner)) THEN
                'granted ' || coalesce(
                    (SELECT string_agg(item::text, ', ' ORDER BY item::text COLLATE "C") FROM unnest(l.lomacl) AS item),
                    'to nobody'
                )
        END
    ) AS identity,
    count(*)::text AS description
FROM pg_catalog.pg_largeobject_metadata AS l
GROUP BY 1

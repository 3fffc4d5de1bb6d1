-- identity: large objects of owner, with the same grants
-- description: their numbers, where they are few
-- For programs: a repair must know which ones another owner or other grants have.
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
    string_agg(l.oid::text, ', ' ORDER BY l.oid) AS description
FROM pg_catalog.pg_largeobject_metadata AS l
GROUP BY 1
HAVING count(*) <= 1000

-- identity: large objects of owner, with the same grants   description: how many there are (their bytes are not compared)
SELECT
    concat_ws(
        ' ',
        'of',
        l.lomowner::regrole::text,
        'granted ' || (SELECT string_agg(item::text, ', ' ORDER BY item::text COLLATE "C") FROM unnest(l.lomacl) AS item)
    ) AS identity,
    count(*)::text AS description
FROM pg_catalog.pg_largeobject_metadata AS l
GROUP BY 1

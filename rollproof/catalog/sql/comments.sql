-- identity: object (kind)
-- description: its comment
-- Left out: comments on the system's own objects and on what extensions brought.
WITH comments AS (
    SELECT d.classoid, d.objoid, d.objsubid, d.description
    FROM pg_catalog.pg_description AS d
    -- From 16384 on, oids are given to what is made after initdb; these kinds hold ours below that: schema public, plpgsql,
    -- lo_create(1).
    WHERE d.objoid >= 16384
        OR d.classoid IN (
            'pg_catalog.pg_namespace'::regclass, 'pg_catalog.pg_extension'::regclass, 'pg_catalog.pg_largeobject'::regclass
        )
    UNION ALL
    SELECT d.classoid, d.objoid, 0, d.description
    FROM pg_catalog.pg_shdescription AS d
    LEFT JOIN pg_catalog.pg_database AS db ON d.classoid = 'pg_catalog.pg_database'::regclass AND db.oid = d.objoid
    WHERE db.datname = current_database() OR d.classoid <> 'pg_catalog.pg_database'::regclass
)
SELECT
    CASE
        WHEN object.type = 'database' THEN 'this'
        WHEN object.type IN ('trigger', 'rule', 'policy', 'table constraint') THEN
            (
                SELECT string_agg(quote_ident(name), '.' ORDER BY position)
                FROM unnest(address.object_names) WITH ORDINALITY AS path (name, position)
            )
        WHEN i.indrelid IS NOT NULL THEN i.indrelid::regclass || '.' || quote_ident(ic.relname)
        WHEN comments.classoid = 'pg_catalog.pg_proc'::regclass THEN comments.objoid::regprocedure::text
        WHEN comments.classoid = 'pg_catalog.pg_type'::regclass THEN format_type(comments.objoid, NULL)
        -- Until 16: "for type on language l".
        WHEN object.type = 'transform' THEN replace(object.identity, ' on language ', ' language ')
        ELSE object.identity
    END || format(' (%s)', object.type) AS identity,
    comments.description
FROM comments
LEFT JOIN pg_catalog.pg_index AS i ON comments.classoid = 'pg_catalog.pg_class'::regclass AND i.indexrelid = comments.objoid
LEFT JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid
CROSS JOIN LATERAL pg_identify_object(comments.classoid, comments.objoid, comments.objsubid) AS object
CROSS JOIN LATERAL pg_identify_object_as_address(comments.classoid, comments.objoid, comments.objsubid) AS address
WHERE
    -- PostgreSQL keeps the comment on a subscription that is dropped; what points to nothing has no name.
    object.identity IS NOT NULL
    AND CASE
        WHEN object.schema IS NOT NULL THEN object.schema IN (SELECT quote_ident(name) FROM unnest($1::text[]) AS name)
        WHEN object.type IN ('schema', 'trigger', 'rule', 'policy') THEN address.object_names[1] = ANY ($1)
        ELSE true
    END
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = comments.classoid AND d.objid = comments.objoid
            AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
    )

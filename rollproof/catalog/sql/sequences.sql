-- identity: schema.sequence
-- description: data type, parameters where they are not the default, whose column it belongs to
-- Elsewhere: its current value (sequence_positions), which columns use it (columns: DEFAULT; sequence_columns).
SELECT
    format('%I.%I', n.nspname, c.relname) AS identity,
    concat_ws(
        ' ',
        CASE c.relpersistence WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' END,
        format_type(s.seqtypid, NULL),
        CASE WHEN s.seqincrement <> 1 THEN 'INCREMENT BY ' || s.seqincrement END,
        CASE WHEN s.seqmin <> range.lowest THEN 'MINVALUE ' || s.seqmin END,
        CASE WHEN s.seqmax <> range.highest THEN 'MAXVALUE ' || s.seqmax END,
        CASE WHEN s.seqstart <> CASE WHEN s.seqincrement > 0 THEN s.seqmin ELSE s.seqmax END THEN 'START WITH ' || s.seqstart END,
        CASE WHEN s.seqcache <> 1 THEN 'CACHE ' || s.seqcache END,
        CASE WHEN s.seqcycle THEN 'CYCLE' END,
        CASE owned.deptype WHEN 'a' THEN 'OWNED BY' WHEN 'i' THEN 'IDENTITY OF' END,
        quote_ident(owned.nspname) || '.' || quote_ident(owned.relname) || '.' || quote_ident(
            -- By its key: most columns draw from no sequence.
            (
                SELECT a.attname
                FROM pg_catalog.pg_attribute AS a
                WHERE a.attrelid = owned.refobjid AND a.attnum = owned.refobjsubid::smallint
            )
        )
    ) AS description
FROM pg_catalog.pg_sequence AS s
JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN (
    VALUES
        ('smallint'::regtype, -32768, 32767),
        ('integer'::regtype, -2147483648, 2147483647),
        ('bigint'::regtype, '-9223372036854775808'::bigint, 9223372036854775807)
) AS type (oid, lowest, highest) ON type.oid = s.seqtypid
CROSS JOIN LATERAL (
    SELECT
        CASE WHEN s.seqincrement > 0 THEN 1 ELSE type.lowest END AS lowest,
        CASE WHEN s.seqincrement > 0 THEN type.highest ELSE -1 END AS highest
) AS range
LEFT JOIN (
    SELECT d.objid, d.deptype, d.refobjid, d.refobjsubid, tn.nspname, tc.relname
    FROM pg_catalog.pg_depend AS d
    -- Most of what depends on a column is no sequence.
    JOIN pg_catalog.pg_sequence AS owning ON owning.seqrelid = d.objid
    JOIN pg_catalog.pg_class AS tc ON tc.oid = d.refobjid
    JOIN pg_catalog.pg_namespace AS tn ON tn.oid = tc.relnamespace
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
        AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
) AS owned ON owned.objid = s.seqrelid
WHERE n.nspname = ANY ($1)
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = c.tableoid AND d.objid = c.oid
            AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
    )

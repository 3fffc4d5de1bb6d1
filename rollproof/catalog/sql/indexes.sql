-- identity: schema.table.index
-- description: its definition, then what makes it useless or special
-- Most indexes are plain: of columns, in the habitual order and operator class. Their definition is put together here as
-- pg_get_indexdef prints it, which looks up the index, its table and each column one by one, and takes thrice as long.
WITH found AS MATERIALIZED (
    SELECT
        i.indexrelid, i.indrelid, i.indkey, i.indclass, i.indcollation, i.indoption, i.indnatts, i.indnkeyatts, i.indexprs,
        i.indpred, i.indisunique, i.indisvalid, i.indisready, i.indislive, i.indisclustered, i.indisreplident,
        i.indnullsnotdistinct, -- from 15
        n.nspname, c.relname, ic.relname AS name, ic.relkind, ic.relam, ic.reltablespace, ic.relispartition, ic.reloptions
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_index AS i ON i.indrelid = c.oid
    JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid
    WHERE n.nspname = ANY ($1)
),
keys AS MATERIALIZED (
    SELECT
        f.indexrelid,
        f.indrelid,
        unnest(f.indkey::smallint[]) AS attnum,
        unnest(f.indclass::oid[]) AS class,
        unnest(f.indcollation::oid[]) AS order_of
    FROM found AS f
    WHERE f.relkind = 'i'
        AND f.reloptions IS NULL
        AND f.indexprs IS NULL
        AND f.indpred IS NULL
        AND f.indnkeyatts = f.indnatts
        AND f.indoption::text ~ '^0( 0)*$'
        AND NOT f.indnullsnotdistinct -- from 15
),
plain AS (
    SELECT k.indexrelid, string_agg(quote_ident(a.attname), ', ' ORDER BY k.position) AS columns
    FROM (SELECT keys.*, row_number() OVER () AS position FROM keys) AS k
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.indrelid AND a.attnum = k.attnum AND a.attnum > 0
    JOIN pg_catalog.pg_opclass AS o ON o.oid = k.class
    GROUP BY k.indexrelid
    -- The server's own classes of btree and hash, which have no parameters, and each is the default one of its own type.
    HAVING bool_and(
        o.oid < 16384
        AND o.opcmethod IN (403, 405)
        AND o.opcdefault
        AND (o.opcintype = a.atttypid OR o.opcintype = 'text'::regtype AND a.atttypid = 'varchar'::regtype AND NOT (
            SELECT bool_or(own.opcdefault)
            FROM pg_catalog.pg_opclass AS own
            WHERE own.opcintype = 'varchar'::regtype AND own.opcmethod IN (403, 405)
        ) IS TRUE)
        AND k.order_of = a.attcollation
    )
)
SELECT
    format('%I.%I.%I', i.nspname, i.relname, i.name) AS identity,
    concat_ws(
        ' ',
        CASE
            WHEN plain.columns IS NULL THEN pg_get_indexdef(i.indexrelid)
            ELSE
                format(
                    'CREATE %sINDEX %I ON %I.%I USING %I (%s)',
                    CASE WHEN i.indisunique THEN 'UNIQUE ' END, i.name, i.nspname, i.relname, am.amname, plain.columns
                )
        END,
        'TABLESPACE ' || quote_ident(ts.spcname),
        -- Only an expression has a target of its own.
        CASE
            WHEN i.indexprs IS NOT NULL THEN
                (
                    SELECT string_agg(format('STATISTICS %s ON COLUMN %s', a.attstattarget, a.attnum), ' ' ORDER BY a.attnum)
                    FROM pg_catalog.pg_attribute AS a
                    WHERE a.attrelid = i.indexrelid AND a.attnum > 0 AND a.attstattarget >= 0
                )
        END,
        'PARTITION OF ' || quote_ident(parent.nspname) || '.' || quote_ident(parent.relname),
        CASE WHEN NOT i.indisvalid THEN 'INVALID' END,
        CASE WHEN NOT i.indisready THEN 'NOT READY' END,
        CASE WHEN NOT i.indislive THEN 'BEING DROPPED' END,
        CASE WHEN i.indisclustered THEN 'CLUSTER ON' END,
        CASE WHEN i.indisreplident THEN 'REPLICA IDENTITY' END
    ) AS description
FROM found AS i
JOIN pg_catalog.pg_am AS am ON am.oid = i.relam
LEFT JOIN plain ON plain.indexrelid = i.indexrelid
LEFT JOIN pg_catalog.pg_tablespace AS ts ON ts.oid = i.reltablespace
LEFT JOIN (
    SELECT inh.inhrelid, pn.nspname, pc.relname
    FROM pg_catalog.pg_inherits AS inh
    JOIN pg_catalog.pg_class AS pc ON pc.oid = inh.inhparent
    JOIN pg_catalog.pg_namespace AS pn ON pn.oid = pc.relnamespace
) AS parent ON i.relispartition AND parent.inhrelid = i.indexrelid

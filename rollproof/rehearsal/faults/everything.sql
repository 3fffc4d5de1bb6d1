-- Every object of a database that PostgreSQL itself can name, from whatever catalogue, in `listed (class, oid, part)`: the witness of
-- the grammar, which lists kind by kind. Left out: what the system has, what an extension brought, what came with another object and
-- goes with it, what is temporary, TOAST tables, roles that have nothing in this database.
--
-- type, identity: as PostgreSQL tells them. names: how the fact is called that is told of it, as far as faults name it.
SELECT
    object.type,
    object.identity,
    ARRAY[
        object.identity,
        format('%s (%s)', object.identity, object.type),
        pg_temp.path(each.class, each.oid, each.part),
        CASE each.class WHEN 'pg_proc'::regclass THEN each.oid::regprocedure::text END,
        CASE each.class WHEN 'pg_type'::regclass THEN format_type(each.oid, NULL) END,
        CASE each.class WHEN 'pg_operator'::regclass THEN each.oid::regoperator::text END,
        CASE each.class WHEN 'pg_largeobject'::regclass THEN 'of ' || (
            SELECT l.lomowner::regrole::text FROM pg_largeobject_metadata AS l WHERE l.oid = each.oid) END,
        CASE object.type
            WHEN 'composite type column' THEN each.oid::regclass::text
            WHEN 'domain constraint' THEN (SELECT format_type(k.contypid, NULL) FROM pg_constraint AS k WHERE k.oid = each.oid)
            WHEN 'table constraint' THEN ( -- a NOT NULL, which is its column's
                SELECT format('%s.%I', k.conrelid::regclass, a.attname)
                FROM pg_constraint AS k
                JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
                WHERE k.oid = each.oid AND k.contype = 'n'
            )
            WHEN 'operator of access method' THEN regexp_replace(object.identity, '^.* of ', '') || ' (operator family)'
            WHEN 'function of access method' THEN regexp_replace(object.identity, '^.* of ', '') || ' (operator family)'
            WHEN 'cast' THEN (
                SELECT format('(%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL))
                FROM pg_cast AS c
                WHERE c.oid = each.oid
            )
            WHEN 'transform' THEN (
                SELECT format('FOR %s LANGUAGE %I', format_type(t.trftype, NULL), l.lanname)
                FROM pg_transform AS t
                JOIN pg_language AS l ON l.oid = t.trflang
                WHERE t.oid = each.oid
            )
            WHEN 'user mapping' THEN (
                SELECT format(
                    '%s ON %I (user mapping)', CASE m.umuser WHEN 0 THEN 'PUBLIC' ELSE m.umuser::regrole::text END, m.srvname
                )
                FROM pg_user_mappings AS m
                WHERE m.umid = each.oid
            )
            WHEN 'publication relation' THEN replace(object.identity, ' in publication ', ' IN PUBLICATION ')
            WHEN 'publication namespace' THEN replace(object.identity, ' in publication ', ' IN PUBLICATION ')
            WHEN 'statistics object' THEN (
                SELECT concat_ws('.', s.stxrelid::regclass::text, quote_ident(s.stxname)) FROM pg_statistic_ext AS s WHERE s.oid = each.oid
            )
            WHEN 'database' THEN 'connection limit'
            WHEN 'default acl' THEN (
                SELECT concat_ws(
                    ' ',
                    CASE d.defaclobjtype
                        WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES'
                        WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS'
                    END,
                    'MADE BY ' || d.defaclrole::regrole,
                    'IN SCHEMA ' || quote_ident(n.nspname)
                )
                FROM pg_default_acl AS d
                LEFT JOIN pg_namespace AS n ON n.oid = d.defaclnamespace
                WHERE d.oid = each.oid
            )
        END
    ] AS names
FROM listed AS each
CROSS JOIN LATERAL pg_identify_object(each.class, each.oid, each.part) AS object
LEFT JOIN LATERAL (SELECT (pg_identify_object_as_address(each.class, each.oid, each.part)).object_names AS names) AS address ON true
WHERE object.identity IS NOT NULL
    AND coalesce(object.schema, address.names[1], '') !~ '^"?pg_(toast|temp)'
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = each.class AND d.objid = each.oid
            AND (
                d.deptype = 'e'
                OR d.deptype = 'i' AND each.part = 0 AND object.type NOT IN ('sequence', 'composite type')
            )
    )
    -- What hangs on a table of an extension is the extension's.
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        JOIN pg_depend AS above
            ON above.classid = d.refclassid AND above.objid = d.refobjid AND above.deptype = 'e'
        WHERE d.classid = each.class AND d.objid = each.oid AND d.deptype = 'a'
    )

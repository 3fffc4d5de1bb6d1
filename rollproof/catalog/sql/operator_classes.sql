-- identity: schema.name USING method (operator class | operator family)
-- description: a class's type and family; a family's operators and functions
-- A family of the system is a fact once something was added to it.
WITH members AS (
    SELECT
        o.amopfamily AS family,
        concat_ws(
            ' ',
            'OPERATOR ' || o.amopstrategy,
            o.amopopr::regoperator::text,
            CASE WHEN o.amoppurpose = 'o' THEN format('FOR ORDER BY %I.%I', n.nspname, f.opfname) END
        ) AS text
    FROM pg_catalog.pg_amop AS o
    LEFT JOIN pg_catalog.pg_opfamily AS f ON f.oid = o.amopsortfamily
    LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = f.opfnamespace
    WHERE o.oid >= 16384
    UNION ALL
    SELECT
        p.amprocfamily,
        concat_ws(
            ' ',
            'FUNCTION ' || p.amprocnum,
            format('(%s, %s)', format_type(p.amproclefttype, NULL), format_type(p.amprocrighttype, NULL)),
            p.amproc::regprocedure::text
        )
    FROM pg_catalog.pg_amproc AS p
    WHERE p.oid >= 16384
)
SELECT
    format('%I.%I USING %I (operator family)', n.nspname, f.opfname, am.amname) AS identity,
    coalesce(string_agg(members.text, ', ' ORDER BY members.text COLLATE "C"), 'empty') AS description
FROM pg_catalog.pg_opfamily AS f
JOIN pg_catalog.pg_namespace AS n ON n.oid = f.opfnamespace
JOIN pg_catalog.pg_am AS am ON am.oid = f.opfmethod
LEFT JOIN members ON members.family = f.oid
WHERE (n.nspname = ANY ($1) OR n.nspname = 'pg_catalog' AND members.family IS NOT NULL)
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = f.tableoid AND d.objid = f.oid
            AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
    )
GROUP BY n.nspname, f.opfname, am.amname
UNION ALL
SELECT
    format('%I.%I USING %I (operator class)', n.nspname, o.opcname, am.amname),
    concat_ws(
        ' ',
        CASE WHEN o.opcdefault THEN 'DEFAULT' END,
        'FOR TYPE ' || format_type(o.opcintype, NULL),
        format('FAMILY %I.%I', fn.nspname, f.opfname),
        CASE WHEN o.opckeytype <> 0 THEN 'STORAGE ' || format_type(o.opckeytype, NULL) END
    )
FROM pg_catalog.pg_opclass AS o
JOIN pg_catalog.pg_namespace AS n ON n.oid = o.opcnamespace
JOIN pg_catalog.pg_am AS am ON am.oid = o.opcmethod
JOIN pg_catalog.pg_opfamily AS f ON f.oid = o.opcfamily
JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.opfnamespace
WHERE n.nspname = ANY ($1)
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = o.tableoid AND d.objid = o.oid
            AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
    )

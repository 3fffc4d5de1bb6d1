-- identity: facet and identity of an object: indexes schema.table.index
-- description: JSON for a program (repair): "needs", the objects that must be there before it; "within", those with which it comes
-- and goes; both as pg_depend has them, between objects that other facets tell of
-- Left out is what names say (the schema of a relation, the relation of a part, the constraint of an index), and OWNED BY, which
-- would make a circle with the column's default: see sequences.
WITH RECURSIVE spaces AS MATERIALIZED (
    SELECT n.tableoid, n.oid, quote_ident(n.nspname) AS name FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ANY ($1)
),
relations AS MATERIALIZED (
    SELECT c.tableoid, c.oid, c.relkind, s.name || '.' || quote_ident(c.relname) AS name
    FROM pg_catalog.pg_class AS c
    JOIN spaces AS s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
),
-- A key to a partitioned table has one more row for each partition it leads to.
copies (tableoid, oid, conrelid, whole) AS (
    SELECT con.tableoid, con.oid, con.conrelid, con.oid
    FROM pg_catalog.pg_constraint AS con
    JOIN pg_catalog.pg_class AS c ON c.oid = con.confrelid AND c.relkind = 'p'
    LEFT JOIN pg_catalog.pg_constraint AS parent ON parent.oid = con.conparentid
    WHERE con.contype = 'f' AND parent.conrelid IS DISTINCT FROM con.conrelid
    UNION ALL
    SELECT con.tableoid, con.oid, con.conrelid, copies.whole
    FROM copies
    JOIN pg_catalog.pg_constraint AS con ON con.conparentid = copies.oid AND con.conrelid = copies.conrelid
),
-- What is no object here but a part of one, which is meant instead.
parts (classid, objid, whole_class, whole, whole_column) AS MATERIALIZED (
    SELECT
        t.tableoid,
        t.oid,
        CASE WHEN c.relkind <> 'c' THEN c.tableoid ELSE t.tableoid END,
        CASE WHEN c.relkind <> 'c' THEN c.oid ELSE known.oid END,
        0
    FROM pg_catalog.pg_type AS t
    LEFT JOIN pg_catalog.pg_type AS element ON element.typarray = t.oid
    LEFT JOIN pg_catalog.pg_range AS span ON span.rngmultitypid = coalesce(element.oid, t.oid)
    JOIN pg_catalog.pg_type AS known ON known.oid = coalesce(span.rngtypid, element.oid, t.oid)
    LEFT JOIN pg_catalog.pg_class AS c ON c.oid = known.typrelid
    WHERE (known.oid <> t.oid OR c.relkind <> 'c')
        -- Most types are those of a table and its array, which nothing needs.
        AND t.oid IN (
            SELECT d.refobjid
            FROM pg_catalog.pg_depend AS d
            WHERE d.refclassid = 'pg_catalog.pg_type'::regclass AND d.deptype <> 'i'
        )
    UNION ALL
    SELECT c.tableoid, c.oid, t.tableoid, t.oid, 0
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_type AS t ON t.oid = c.reltype
    WHERE c.relkind = 'c'
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, con.conindid, con.tableoid, con.oid, 0
    FROM pg_catalog.pg_constraint AS con
    WHERE con.contype IN ('p', 'u', 'x')
    UNION ALL
    SELECT copies.tableoid, copies.oid, copies.tableoid, copies.whole, 0
    FROM copies
    WHERE copies.oid <> copies.whole
    UNION ALL
    SELECT con.tableoid, con.oid, 'pg_catalog.pg_type'::regclass, con.contypid, 0
    FROM pg_catalog.pg_constraint AS con
    WHERE con.contypid <> 0
    UNION ALL
    SELECT con.tableoid, con.oid, 'pg_catalog.pg_class'::regclass, con.conrelid, con.conkey[1]
    FROM pg_catalog.pg_constraint AS con
    WHERE con.contype = 'n' AND con.conrelid <> 0
    UNION ALL
    SELECT con.tableoid, con.oid, t.tableoid, t.oid, 0
    FROM pg_catalog.pg_constraint AS con
    JOIN pg_catalog.pg_trigger AS t ON t.tgconstraint = con.oid
    WHERE con.contype = 't'
    UNION ALL
    SELECT d.tableoid, d.oid, 'pg_catalog.pg_class'::regclass, d.adrelid, d.adnum
    FROM pg_catalog.pg_attrdef AS d
    UNION ALL
    SELECT w.tableoid, w.oid, 'pg_catalog.pg_class'::regclass, w.ev_class, 0
    FROM pg_catalog.pg_rewrite AS w
    WHERE w.rulename = '_RETURN'
    UNION ALL
    -- What comes with a range type: its constructors, and a cast.
    SELECT d.classid, d.objid, d.refclassid, coalesce(span.rngtypid, d.refobjid), 0
    FROM pg_catalog.pg_depend AS d
    LEFT JOIN pg_catalog.pg_range AS span ON span.rngmultitypid = d.refobjid
    WHERE d.deptype = 'i'
        AND d.classid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_cast'::regclass)
        AND d.refclassid = 'pg_catalog.pg_type'::regclass
    UNION ALL
    -- What an operator class or an operator family consists of.
    SELECT
        member.classid,
        member.objid,
        coalesce(d.refclassid, 'pg_catalog.pg_opfamily'::regclass),
        coalesce(d.refobjid, member.family),
        0
    FROM (
        SELECT o.tableoid, o.oid, o.amopfamily FROM pg_catalog.pg_amop AS o
        UNION ALL
        SELECT p.tableoid, p.oid, p.amprocfamily FROM pg_catalog.pg_amproc AS p
    ) AS member (classid, objid, family)
    LEFT JOIN pg_catalog.pg_depend AS d
        ON d.classid = member.classid
        AND d.objid = member.objid
        AND d.deptype = 'i'
        AND d.refclassid = 'pg_catalog.pg_opclass'::regclass
),
ties (classid, objid, objsubid, refclassid, refobjid, refobjsubid, within) AS (
    SELECT d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid, d.deptype IN ('i', 'P')
    FROM pg_catalog.pg_depend AS d
    -- Not e, which says what an extension brought; nor S, the partition of a partition's index.
    -- What initdb made, views above all, has lower numbers.
    WHERE d.objid >= 16384
        AND d.deptype IN ('n', 'a', 'x', 'i', 'P')
        AND NOT (d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_namespace'::regclass)
        -- One object here, or none: a table, its row type, its TOAST table; a key, its index, its triggers; a view and its rule.
        AND NOT (
            d.deptype = 'i'
            AND d.refobjsubid = 0
            AND d.classid IN (
                'pg_catalog.pg_class'::regclass, 'pg_catalog.pg_type'::regclass, 'pg_catalog.pg_trigger'::regclass,
                'pg_catalog.pg_rewrite'::regclass
            )
        )
        AND NOT (
            d.deptype = 'a'
            AND d.refobjsubid > 0
            AND d.classid = 'pg_catalog.pg_class'::regclass
            AND d.objid IN (SELECT s.seqrelid FROM pg_catalog.pg_sequence AS s)
        )
    UNION ALL
    -- The roles that a policy is for.
    SELECT s.classid, s.objid, 0, s.refclassid, s.refobjid, 0, false
    FROM pg_catalog.pg_shdepend AS s
    JOIN pg_catalog.pg_database AS db ON db.oid = s.dbid AND db.datname = current_database()
    WHERE s.classid = 'pg_catalog.pg_policy'::regclass AND s.deptype = 'r'
    UNION ALL
    -- The check of a parent, which its children have as well.
    SELECT con.tableoid, con.oid, 0, parent.tableoid, parent.oid, 0, true
    FROM pg_catalog.pg_constraint AS con
    JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = con.conrelid
    JOIN pg_catalog.pg_constraint AS parent
        ON parent.conrelid = i.inhparent AND parent.conname = con.conname AND parent.contype = 'c' AND NOT parent.connoinherit
    WHERE con.contype = 'c' AND con.coninhcount > 0
),
edges AS MATERIALIZED (
    SELECT
        coalesce(mine.whole_class, t.classid) AS classid,
        coalesce(mine.whole, t.objid) AS objid,
        coalesce(mine.whole_column, t.objsubid) AS objsubid,
        coalesce(needed.whole_class, t.refclassid) AS refclassid,
        coalesce(needed.whole, t.refobjid) AS refobjid,
        coalesce(needed.whole_column, t.refobjsubid) AS refobjsubid,
        t.classid = 'pg_catalog.pg_attrdef'::regclass AS as_default,
        t.within
    FROM ties AS t
    LEFT JOIN parts AS mine ON mine.classid = t.classid AND mine.objid = t.objid
    LEFT JOIN parts AS needed ON needed.classid = t.refclassid AND needed.objid = t.refobjid
),
brought AS MATERIALIZED (
    SELECT d.classid, d.objid, d.refclassid, d.refobjid, quote_ident(e.extname) AS name
    FROM pg_catalog.pg_depend AS d
    JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
    WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
),
ends AS MATERIALIZED (
    SELECT edges.classid, edges.objid FROM edges
    UNION
    SELECT edges.refclassid, edges.refobjid FROM edges
),
-- `relation` is what it is a part of.
named (classid, objid, facet, name, relation) AS (
    SELECT
        r.tableoid,
        r.oid,
        CASE WHEN r.relkind IN ('v', 'm') THEN 'views' WHEN r.relkind = 'S' THEN 'sequences' ELSE 'tables' END,
        r.name,
        r.oid
    FROM relations AS r
    UNION ALL
    SELECT ic.tableoid, ic.oid, 'indexes', r.name || '.' || quote_ident(ic.relname), r.oid
    FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid
    JOIN relations AS r ON r.oid = i.indrelid
    UNION ALL
    SELECT con.tableoid, con.oid, 'constraints', r.name || '.' || quote_ident(con.conname), r.oid
    FROM pg_catalog.pg_constraint AS con
    JOIN relations AS r ON r.oid = con.conrelid
    UNION ALL
    SELECT t.tableoid, t.oid, 'triggers', r.name || '.' || quote_ident(t.tgname), r.oid
    FROM pg_catalog.pg_trigger AS t
    JOIN relations AS r ON r.oid = t.tgrelid
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS con WHERE con.oid = t.tgconstraint AND con.contype <> 't')
    UNION ALL
    SELECT w.tableoid, w.oid, 'rules', r.name || '.' || quote_ident(w.rulename), r.oid
    FROM pg_catalog.pg_rewrite AS w
    JOIN relations AS r ON r.oid = w.ev_class
    UNION ALL
    SELECT p.tableoid, p.oid, 'policies', r.name || '.' || quote_ident(p.polname), r.oid
    FROM pg_catalog.pg_policy AS p
    JOIN relations AS r ON r.oid = p.polrelid
    UNION ALL
    SELECT
        s.tableoid,
        s.oid,
        'statistics',
        concat_ws(
            '.', r.name, CASE WHEN s.stxnamespace <> c.relnamespace THEN quote_ident(n.nspname) END, quote_ident(s.stxname)
        ),
        r.oid
    FROM pg_catalog.pg_statistic_ext AS s
    JOIN relations AS r ON r.oid = s.stxrelid
    JOIN pg_catalog.pg_class AS c ON c.oid = s.stxrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = s.stxnamespace
    UNION ALL
    SELECT s.tableoid, s.oid, 'schemas', s.name, 0
    FROM spaces AS s
    UNION ALL
    SELECT t.tableoid, t.oid, 'types', s.name || '.' || quote_ident(t.typname), 0
    FROM pg_catalog.pg_type AS t
    JOIN spaces AS s ON s.oid = t.typnamespace
    UNION ALL
    SELECT p.tableoid, p.oid, CASE p.prokind WHEN 'a' THEN 'aggregates' ELSE 'functions' END, p.oid::regprocedure::text, 0
    FROM pg_catalog.pg_proc AS p
    JOIN spaces AS s ON s.oid = p.pronamespace
    UNION ALL
    SELECT o.tableoid, o.oid, 'operators', o.oid::regoperator::text, 0
    FROM pg_catalog.pg_operator AS o
    JOIN spaces AS s ON s.oid = o.oprnamespace
    UNION ALL
    SELECT o.tableoid, o.oid, 'operator_classes', format('%s.%I USING %I (operator class)', s.name, o.opcname, am.amname), 0
    FROM pg_catalog.pg_opclass AS o
    JOIN spaces AS s ON s.oid = o.opcnamespace
    JOIN pg_catalog.pg_am AS am ON am.oid = o.opcmethod
    UNION ALL
    SELECT f.tableoid, f.oid, 'operator_classes', format('%I.%I USING %I (operator family)', n.nspname, f.opfname, am.amname), 0
    FROM pg_catalog.pg_opfamily AS f
    JOIN pg_catalog.pg_namespace AS n ON n.oid = f.opfnamespace
    JOIN pg_catalog.pg_am AS am ON am.oid = f.opfmethod
    WHERE n.nspname = ANY ($1) OR n.nspname = 'pg_catalog'
    UNION ALL
    SELECT c.tableoid, c.oid, 'casts', format('(%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)), 0
    FROM pg_catalog.pg_cast AS c
    WHERE c.oid >= 16384
    UNION ALL
    SELECT t.tableoid, t.oid, 'transforms', format('FOR %s LANGUAGE %I', format_type(t.trftype, NULL), l.lanname), 0
    FROM pg_catalog.pg_transform AS t
    JOIN pg_catalog.pg_language AS l ON l.oid = t.trflang
    UNION ALL
    SELECT c.tableoid, c.oid, 'collations', s.name || '.' || quote_ident(c.collname), 0
    FROM pg_catalog.pg_collation AS c
    JOIN spaces AS s ON s.oid = c.collnamespace
    UNION ALL
    SELECT c.tableoid, c.oid, 'conversions', s.name || '.' || quote_ident(c.conname), 0
    FROM pg_catalog.pg_conversion AS c
    JOIN spaces AS s ON s.oid = c.connamespace
    UNION ALL
    SELECT c.tableoid, c.oid, 'text_search', c.oid::regconfig::text || ' (text search configuration)', 0
    FROM pg_catalog.pg_ts_config AS c
    JOIN spaces AS s ON s.oid = c.cfgnamespace
    UNION ALL
    SELECT x.tableoid, x.oid, 'text_search', x.oid::regdictionary::text || ' (text search dictionary)', 0
    FROM pg_catalog.pg_ts_dict AS x
    JOIN spaces AS s ON s.oid = x.dictnamespace
    UNION ALL
    SELECT p.tableoid, p.oid, 'text_search', format('%s.%I (text search parser)', s.name, p.prsname), 0
    FROM pg_catalog.pg_ts_parser AS p
    JOIN spaces AS s ON s.oid = p.prsnamespace
    UNION ALL
    SELECT t.tableoid, t.oid, 'text_search', format('%s.%I (text search template)', s.name, t.tmplname), 0
    FROM pg_catalog.pg_ts_template AS t
    JOIN spaces AS s ON s.oid = t.tmplnamespace
    UNION ALL
    SELECT l.tableoid, l.oid, 'languages', quote_ident(l.lanname), 0
    FROM pg_catalog.pg_language AS l
    UNION ALL
    SELECT a.tableoid, a.oid, 'access_methods', quote_ident(a.amname), 0
    FROM pg_catalog.pg_am AS a
    UNION ALL
    SELECT e.tableoid, e.oid, 'extensions', quote_ident(e.extname), 0
    FROM pg_catalog.pg_extension AS e
    UNION ALL
    SELECT e.tableoid, e.oid, 'event_triggers', quote_ident(e.evtname), 0
    FROM pg_catalog.pg_event_trigger AS e
    UNION ALL
    SELECT w.tableoid, w.oid, 'foreign_servers', quote_ident(w.fdwname) || ' (foreign-data wrapper)', 0
    FROM pg_catalog.pg_foreign_data_wrapper AS w
    UNION ALL
    SELECT s.tableoid, s.oid, 'foreign_servers', quote_ident(s.srvname) || ' (server)', 0
    FROM pg_catalog.pg_foreign_server AS s
    UNION ALL
    SELECT
        'pg_catalog.pg_user_mapping'::regclass,
        m.umid,
        'foreign_servers',
        format('%s ON %I (user mapping)', CASE m.umuser WHEN 0 THEN 'PUBLIC' ELSE m.umuser::regrole::text END, m.srvname),
        0
    FROM pg_catalog.pg_user_mappings AS m
    UNION ALL
    SELECT p.tableoid, p.oid, 'publications', quote_ident(p.pubname), 0
    FROM pg_catalog.pg_publication AS p
    UNION ALL
    SELECT m.tableoid, m.oid, 'publications', format('%I.%I IN PUBLICATION %I', n.nspname, c.relname, p.pubname), 0
    FROM pg_catalog.pg_publication_rel AS m
    JOIN pg_catalog.pg_publication AS p ON p.oid = m.prpubid
    JOIN pg_catalog.pg_class AS c ON c.oid = m.prrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    UNION ALL -- from 15
    SELECT m.tableoid, m.oid, 'publications', format('%I IN PUBLICATION %I', n.nspname, p.pubname), 0 -- from 15
    FROM pg_catalog.pg_publication_namespace AS m -- from 15
    JOIN pg_catalog.pg_publication AS p ON p.oid = m.pnpubid -- from 15
    JOIN pg_catalog.pg_namespace AS n ON n.oid = m.pnnspid -- from 15
    UNION ALL
    SELECT 'pg_catalog.pg_authid'::regclass, r.oid, 'roles', quote_ident(r.rolname), 0
    FROM pg_catalog.pg_roles AS r
),
-- What an extension brought is the extension: by this number, too.
objects AS MATERIALIZED (
    SELECT
        ends.classid,
        ends.objid,
        coalesce(brought.refclassid, ends.classid) AS own_class,
        coalesce(brought.refobjid, ends.objid) AS own,
        CASE WHEN brought.name IS NULL THEN named.facet ELSE 'extensions' END AS facet,
        coalesce(brought.name, named.name) AS name,
        named.relation
    FROM ends
    LEFT JOIN named ON named.classid = ends.classid AND named.objid = ends.objid
    LEFT JOIN brought ON brought.classid = ends.classid AND brought.objid = ends.objid
    WHERE coalesce(brought.name, named.name) IS NOT NULL
),
columns AS MATERIALIZED (
    SELECT a.attrelid, a.attnum, format('columns %s.%I', r.name, a.attname) AS name
    FROM pg_catalog.pg_attribute AS a
    JOIN relations AS r ON r.oid = a.attrelid AND r.relkind <> 'S'
    WHERE a.attnum > 0
        AND (a.attrelid, a.attnum) IN (
            SELECT e.refobjid, e.refobjsubid FROM edges AS e WHERE e.refobjsubid > 0
            UNION ALL
            SELECT e.objid, e.objsubid FROM edges AS e WHERE e.objsubid > 0
        )
),
told AS (
    SELECT
        mine.own_class,
        mine.own,
        coalesce(a.attnum, 0) AS part,
        coalesce(a.name, mine.facet || ' ' || mine.name) AS identity,
        coalesce(b.name, needed.facet || ' ' || needed.name) COLLATE "C" AS needed,
        e.within
    FROM edges AS e
    JOIN objects AS mine ON mine.classid = e.classid AND mine.objid = e.objid
    JOIN objects AS needed ON needed.classid = e.refclassid AND needed.objid = e.refobjid
    -- A view is as a whole what its query needs; but a default is one column's.
    LEFT JOIN columns AS a ON (mine.facet = 'tables' OR e.as_default) AND a.attrelid = e.objid AND a.attnum = e.objsubid
    LEFT JOIN columns AS b ON needed.facet IN ('tables', 'views') AND b.attrelid = e.refobjid AND b.attnum = e.refobjsubid
    WHERE NOT (needed.facet IN ('tables', 'views') AND needed.relation = mine.relation AND (b.name IS NULL OR mine.facet = 'views'))
        AND (mine.own_class, mine.own, coalesce(a.attnum, 0)) <> (needed.own_class, needed.own, coalesce(b.attnum, 0))
)
SELECT
    told.identity,
    json_strip_nulls(
        json_build_object(
            'needs', array_agg(DISTINCT told.needed) FILTER (WHERE NOT told.within),
            'within', array_agg(DISTINCT told.needed) FILTER (WHERE told.within)
        )
    )::text AS description
FROM told
GROUP BY told.own_class, told.own, told.part, told.identity

"""Why a text must not be planned: what it names, and all that this is made of.

A view is made of what it reads, a domain of its checks, a table of its partitions. Only what is not PostgreSQL's own stands in
pg_depend, and only such things need a schema's name when the search_path is empty.
"""

from collections.abc import Collection

from rollproof.session import Connection

_NAMED = """
SELECT thing.classid, thing.objid
FROM unnest($1::text[], $2::text[]) AS u (schema, name)
JOIN pg_catalog.pg_namespace AS n ON n.nspname = u.schema
CROSS JOIN LATERAL (
    SELECT p.tableoid, p.oid FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = n.oid AND p.proname = u.name
    UNION ALL
    SELECT o.tableoid, o.oid FROM pg_catalog.pg_operator AS o WHERE o.oprnamespace = n.oid AND o.oprname = u.name
    UNION ALL
    SELECT t.tableoid, t.oid FROM pg_catalog.pg_type AS t WHERE t.typnamespace = n.oid AND t.typname = u.name
    UNION ALL
    SELECT c.tableoid, c.oid FROM pg_catalog.pg_class AS c WHERE c.relnamespace = n.oid AND c.relname = u.name
) AS thing (classid, objid)
"""

_PARTS = """
SELECT part.classid, part.objid
FROM unnest($1::oid[], $2::oid[]) AS whole (classid, objid)
CROSS JOIN LATERAL (
    SELECT d.refclassid, d.refobjid
    FROM pg_catalog.pg_depend AS d
    WHERE d.classid = whole.classid
        AND d.objid = whole.objid
        AND d.refclassid IN (
            'pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass,
            'pg_catalog.pg_type'::regclass, 'pg_catalog.pg_class'::regclass
        )
    UNION ALL
    SELECT r.tableoid, r.oid
    FROM pg_catalog.pg_rewrite AS r
    WHERE whole.classid = 'pg_catalog.pg_class'::regclass AND r.ev_class = whole.objid AND r.ev_type = '1'
    UNION ALL
    SELECT con.tableoid, con.oid
    FROM pg_catalog.pg_constraint AS con
    WHERE whole.classid = 'pg_catalog.pg_type'::regclass AND con.contypid = whole.objid
    UNION ALL
    SELECT whole.classid, i.inhrelid
    FROM pg_catalog.pg_inherits AS i
    WHERE whole.classid = 'pg_catalog.pg_class'::regclass AND i.inhparent = whole.objid
) AS part (classid, objid)
"""

_OBSTACLE = """
SELECT obstacle.text
FROM unnest($1::oid[], $2::oid[]) AS reached (classid, objid)
CROSS JOIN LATERAL (
    SELECT format('to plan it could run the function %s, which is not PostgreSQL''s own', p.oid::regprocedure)
    FROM pg_catalog.pg_proc AS p
    JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
    WHERE reached.classid = 'pg_catalog.pg_proc'::regclass
        AND p.oid = reached.objid
        AND l.lanname NOT IN ('internal', 'c')
        AND p.pronamespace <> 'pg_catalog'::regnamespace
    UNION ALL
    SELECT format('a plan does not show the collation that the domain %s brings along', format_type(t.oid, NULL))
    FROM pg_catalog.pg_type AS t
    JOIN pg_catalog.pg_type AS base ON base.oid = t.typbasetype
    WHERE reached.classid = 'pg_catalog.pg_type'::regclass
        AND t.oid = reached.objid
        AND t.typtype = 'd'
        AND base.typcollation <> t.typcollation
    UNION ALL
    SELECT 'to plan it the server might ask another one, for ' || c.oid::regclass
    FROM pg_catalog.pg_class AS c
    WHERE reached.classid = 'pg_catalog.pg_class'::regclass AND c.oid = reached.objid AND c.relkind = 'f'
    OFFSET 0 -- each is looked up by its key, whatever the planner believes of these tables
) AS obstacle (text)
UNION ALL
SELECT obstacle.text
FROM pg_catalog.pg_cast AS c
CROSS JOIN LATERAL (
    SELECT format('to plan it could run the function %s, by a cast from %s', p.oid::regprocedure, format_type(c.castsource, NULL))
    FROM pg_catalog.pg_proc AS p
    JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
    WHERE p.oid = c.castfunc AND l.lanname NOT IN ('internal', 'c') AND p.pronamespace <> 'pg_catalog'::regnamespace
    OFFSET 0
) AS obstacle (text)
WHERE c.castfunc >= 16384 -- the server's own are below
LIMIT 1
"""

_MANY = 100  # tables, views and indexes that a plan may lock


def obstacle(connection: Connection, named: Collection[tuple[str, str]]) -> str | None:
    """Return why a text with these names, raw schema and name, must not be planned; None if it may be."""
    reached: set[tuple[object, ...]] = set()
    new = _rows(connection, _NAMED, named) if named else reached
    while new:
        reached |= new
        new = _rows(connection, _PARTS, new) - reached
        if len(reached) > _MANY:
            return "it is made of more than a hundred tables, types and views: more locks than are ours to take"
    found = _rows(connection, _OBSTACLE, reached)
    return str(next(iter(found))[0]) if found else None


def _rows(connection: Connection, question: str, pairs: Collection[tuple[object, ...]]) -> set[tuple[object, ...]]:
    lists = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return set(connection.execute(question.encode(), lists).fetchall())

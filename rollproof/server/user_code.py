"""User-defined functions that planning an SQL text would call, by pg_depend from the objects that it names.

A view is made of what it reads, a domain of its checks, a table of its partitions. Only what is not PostgreSQL's own stands in
pg_depend, and only such things need a schema's name when the search_path is empty.
"""

from collections.abc import Collection, Iterable

from rollproof.server.connection import Connection

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
            'pg_catalog.pg_type'::regclass, 'pg_catalog.pg_class'::regclass, 'pg_catalog.pg_opclass'::regclass
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
    SELECT oc.tableoid, oc.oid
    FROM pg_catalog.pg_opclass AS oc
    WHERE whole.classid = 'pg_catalog.pg_type'::regclass AND oc.opcintype = whole.objid
    UNION ALL
    SELECT 'pg_catalog.pg_proc'::regclass, p.amproc
    FROM pg_catalog.pg_opclass AS oc
    JOIN pg_catalog.pg_amproc AS p ON p.amprocfamily = oc.opcfamily
    WHERE whole.classid = 'pg_catalog.pg_opclass'::regclass AND oc.oid = whole.objid AND p.amproc >= 16384
    UNION ALL
    SELECT 'pg_catalog.pg_operator'::regclass, o.amopopr
    FROM pg_catalog.pg_opclass AS oc
    JOIN pg_catalog.pg_amop AS o ON o.amopfamily = oc.opcfamily
    WHERE whole.classid = 'pg_catalog.pg_opclass'::regclass AND oc.oid = whole.objid AND o.amopopr >= 16384
    UNION ALL
    SELECT whole.classid, i.inhrelid
    FROM pg_catalog.pg_inherits AS i
    WHERE whole.classid = 'pg_catalog.pg_class'::regclass AND i.inhparent = whole.objid
) AS part (classid, objid)
"""

# What a superuser's extension brought along nobody else can change: it counts as what is written in C, which only they can write.
_FUNCTIONS = """
SELECT p.oid::int8, p.oid::regprocedure::text
FROM unnest($1::oid[], $2::oid[]) AS reached (classid, objid)
JOIN pg_catalog.pg_proc AS p ON reached.classid = 'pg_catalog.pg_proc'::regclass AND p.oid = reached.objid AND p.oid >= 16384
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang AND l.lanname NOT IN ('internal', 'c')
LEFT JOIN pg_catalog.pg_roles AS owner ON owner.oid = p.proowner
WHERE owner.rolsuper IS NOT TRUE
    OR NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    )
ORDER BY 2
"""

_OBSTACLE = """
SELECT obstacle.text
FROM unnest($1::oid[], $2::oid[]) AS reached (classid, objid)
CROSS JOIN LATERAL (
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
    WHERE p.oid = c.castfunc AND l.lanname NOT IN ('internal', 'c')
    OFFSET 0
) AS obstacle (text)
WHERE c.castfunc >= 16384 -- the server's own are below
LIMIT 1
"""

_TABLES = """
SELECT DISTINCT c.oid::regclass::text
FROM unnest($1::oid[], $2::oid[]) AS reached (classid, objid)
JOIN pg_catalog.pg_class AS c ON c.oid = reached.objid AND c.relkind IN ('r', 'p', 'm') AND c.oid >= 16384
WHERE reached.classid = 'pg_catalog.pg_class'::regclass
"""

# What stands between two types: their own casts, and those of what they are made of.
_CASTS = """
WITH RECURSIVE kin (place, side, oid) AS (
    SELECT u.place, named.side, to_regtype(named.name)::oid
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS u (source, target, place)
    CROSS JOIN LATERAL (VALUES ('from', u.source), ('to', u.target)) AS named (side, name)
    UNION
    SELECT kin.place, kin.side, part.oid
    FROM kin
    JOIN pg_catalog.pg_type AS t ON t.oid = kin.oid
    CROSS JOIN LATERAL (VALUES (t.typbasetype), (t.typelem)) AS part (oid)
    WHERE part.oid <> 0
)
SELECT DISTINCT format(
    'the cast from %s to %s runs %s, which is not PostgreSQL''s own',
    format_type(c.castsource, NULL), format_type(c.casttarget, NULL), p.oid::regprocedure
)
FROM pg_catalog.pg_cast AS c
JOIN pg_catalog.pg_proc AS p ON p.oid = c.castfunc AND p.oid >= 16384
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang AND l.lanname NOT IN ('internal', 'c')
JOIN kin AS source ON source.side = 'from' AND source.oid = c.castsource
JOIN kin AS target ON target.side = 'to' AND target.oid = c.casttarget AND target.place = source.place
ORDER BY 1
"""

_CHECKED = """
SELECT DISTINCT t.tableoid, t.oid
FROM unnest($1::text[]) AS u (name)
JOIN pg_catalog.pg_type AS t ON t.oid = to_regtype(u.name)::oid
WHERE t.oid >= 16384
"""

_MANY = 100  # tables, views and indexes that a plan may lock


Things = set[tuple[object, ...]]
"""Objects of the database: (the catalogue's oid, the object's)."""


def planning_obstacle(connection: Connection, named: Collection[tuple[str, str]]) -> tuple[str | None, tuple[str, ...]]:
    """Return why a text with these names, raw schema and name, must not be planned, or None; and the tables it is made of."""
    reached = parts(connection, _rows(connection, _NAMED, named) if named else set(), _MANY)
    if len(reached) > _MANY:
        return "it is made of more than a hundred tables, types and views: more locks than are ours to take", ()
    for function in users_functions(connection, reached).values():
        return f"to plan it could run the function {function}, which is not PostgreSQL's own", ()
    for found in _rows(connection, _OBSTACLE, reached):
        return str(found[0]), ()
    return None, tuple(sorted(str(table) for (table,) in _rows(connection, _TABLES, reached)))


def parts(connection: Connection, things: Things, most: int | None = None) -> Things:
    """Return these objects and all that they are made of; no more are looked for once there are more than `most`."""
    reached: Things = set()
    new = things
    while new and (most is None or len(reached) <= most):
        reached |= new
        new = _rows(connection, _PARTS, new) - reached
    return reached


def cast_obstacle(connection: Connection, pairs: Iterable[tuple[str, str]]) -> str | None:
    """Return which function of a user's a cast could run, from a type to another, both as SQL writes them; None if none.

    What is cast to a type of a user's is checked by its rules, which counts.
    """
    wanted = sorted(set(pairs))
    lists = [pair[0] for pair in wanted], [pair[1] for pair in wanted]
    for (found,) in connection.execute(_CASTS.encode(), lists).fetchall():
        return str(found)
    made: Things = set(connection.execute(_CHECKED.encode(), (lists[1],)).fetchall())
    for function in users_functions(connection, parts(connection, made)).values():
        return f"a cast could run the function {function}, which is not PostgreSQL's own"
    return None


def users_functions(connection: Connection, things: Things) -> dict[int, str]:
    """Return those of the objects that are functions in a language in which users write, oid → name and arguments."""
    return {int(str(oid)): str(name) for oid, name in sorted(_rows(connection, _FUNCTIONS, things), key=str)}


def _rows(connection: Connection, question: str, pairs: Collection[tuple[object, ...]]) -> Things:
    lists = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return set(connection.execute(question.encode(), lists).fetchall())

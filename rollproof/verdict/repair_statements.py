"""SQL statements that repair differences of definitions, and advice where there are none. Pure; nothing is executed.

Names in identities are quoted, and definitions are as PostgreSQL prints them, so both can be run as they are.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from rollproof.model.compare import Difference
from rollproof.model.descriptions import type_of
from rollproof.model.finding import Finding, Statement
from rollproof.model.names import NAME, PATH, WORD, mentions, schema_of, table_of, unquoted
from rollproof.model.printable_sql import pasteable
from rollproof.verdict.statement_check import sound

# A piece of SQL that no pattern may cut into: a string, a quoted name, or one letter of anything else.
_PIECE = r"""(?>'(?:[^']|'')*'|"(?:[^"]|"")*"|[^'"])"""
# What follows the type in a column's description (`sql/columns.sql`), in this order.
_COLUMN = re.compile(
    rf"(?: CONSTRAINT (?P<named>{NAME}))?(?P<not_null> NOT NULL)?(?P<unusual>(?: NOT VALID)?(?: NO INHERIT)?)"
    rf"(?: (?P<generated>GENERATED ALWAYS AS \({_PIECE}*\) (?:STORED|VIRTUAL)))?(?: DEFAULT (?P<default>{_PIECE}*?))?"
    r"(?: (?P<identity>GENERATED (?:ALWAYS|BY DEFAULT) AS IDENTITY))?"
    rf"(?P<more>(?: (?:STORAGE|COMPRESSION) \w+| STATISTICS \d+| (?:SET|OPTIONS) \({_PIECE}*?\)| \(inherited(?: and own)?\))*)",
    re.DOTALL,
)
_INDEX = re.compile(
    rf"(?P<sql>CREATE {_PIECE}*?)(?: TABLESPACE (?P<space>{NAME}))?(?P<targets>(?: STATISTICS \d+ ON COLUMN \d+)*)"
    rf"(?P<part> PARTITION OF {PATH})?(?P<broken>(?: INVALID)?(?: NOT READY)?(?: BEING DROPPED)?)"
    r"(?P<cluster> CLUSTER ON)?(?P<identity> REPLICA IDENTITY)?",
    re.DOTALL,
)
_VIEW = re.compile(
    rf"(?P<kind>materialized view|view)(?P<method> USING {NAME})?(?P<options> WITH \({_PIECE}*?\))?(?P<space> TABLESPACE {NAME})?"
    r"(?P<empty> NOT POPULATED)? AS (?P<query>.*?);?",
    re.DOTALL,
)
_CAST = " -- casts the values: what one of the types cannot hold (capitals, hyphens, further digits) only a backup can restore"
_OPTION = " WITH GRANT OPTION"
_FIRES = {"DISABLED": "DISABLE", "ENABLED ON REPLICA ONLY": "ENABLE REPLICA", "ENABLED ALWAYS": "ENABLE ALWAYS"}
_ALIKE = ("table", "view", "materialized view", "sequence", "schema", "type", "statistics")  # called so in SQL, too
_KINDS = {
    **{kind: kind.upper() for kind in (*_ALIKE, "foreign table")},
    "function": "ROUTINE",  # so owners and privileges tell procedures and aggregates, too
}
_ON_TABLES = ("table constraint", "trigger", "rule", "policy")
_COMMENTED = {
    **{kind: kind.upper() for kind in (*_ALIKE, "foreign table", "function", "procedure", "aggregate", "extension")},
    "table column": "COLUMN",
    "view column": "COLUMN",
    "statistics object": "STATISTICS",
}
_MADE_AGAIN = ("view", "materialized view", "function", "statistics")  # by another statement of ours, so we then own it


def statements(difference: Difference, tables: Collection[str] = ()) -> tuple[str, ...]:
    """Return the SQL that undoes one difference; () where none is certain to.

    Columns are altered only in `tables`: those of a view are part of the view.
    """
    facet, identity = difference.facet, difference.identity
    if facet == "nothing_lost":  # which tells the facet with the identity
        facet, _, identity = identity.partition(" ")
        difference = Difference(facet, identity, difference.before, difference.after)
    if facet == "columns" and table_of(identity) not in tables:
        return ()
    return sound(facet, identity, tuple(_ANSWERS[facet](difference))) if facet in _ANSWERS else ()


def repairs(
    findings: Iterable[Finding],
    tables: Collection[str] = (),
    gone: Collection[str] = (),
    constraints: Collection[str] = (),
) -> tuple[Statement, ...]:
    """Return the statements that repair these findings, without those that depend on tables that are `gone`.

    Nor is there one for an index of one of the `constraints`, with which it comes and goes.
    """
    certain = (each for each in findings if not any(mentions(text, table) for text in _texts(each) for table in gone))
    return tuple(
        Statement(pasteable(sql), each.subject)
        for each in certain
        if not is_of_constraint(each.difference, constraints)
        for sql in dict.fromkeys(statements(each.difference, tables))
    )


def is_of_constraint(difference: Difference, constraints: Collection[str]) -> bool:
    """Tell whether a difference is that of an index which one of these constraints brings."""
    return difference.facet == "indexes" and difference.identity in constraints


def _texts(finding: Finding) -> Iterator[str]:
    yield from filter(None, (finding.subject, finding.expected))


def _parts(identity: str) -> tuple[str, str]:
    """Return the table and the name in it."""
    table = table_of(identity) or ""
    return table, identity.removeprefix(f"{table}.")


def _constraint(difference: Difference) -> Iterator[str]:
    table, name = _parts(difference.identity)
    if difference.before and difference.before.endswith("(inherited)"):
        return
    if difference.after is not None:
        yield f"ALTER TABLE {table} DROP CONSTRAINT {name};"
    if difference.before is not None:
        yield f"ALTER TABLE {table} ADD CONSTRAINT {name} {difference.before.removesuffix(' (inherited and own)')};"


def _index(difference: Difference) -> Iterator[str]:
    table, name = _parts(difference.identity)
    index = f"{schema_of(table)}.{name}"
    known = _INDEX.fullmatch(difference.before or "")
    if difference.before is not None and (
        known is None or known["part"] or known["broken"] or " ON ONLY " in known["sql"]
    ):
        return
    if difference.after is not None:
        yield f"DROP INDEX {index};"
    if known:
        note = " -- unless a constraint of this name brings it" if " UNIQUE INDEX " in known["sql"] else ""
        yield f"{known['sql']};{note}"
        if known["space"]:
            yield f"ALTER INDEX {index} SET TABLESPACE {known['space']};"
        for target, column in re.findall(r"STATISTICS (\d+) ON COLUMN (\d+)", known["targets"]):
            yield f"ALTER INDEX {index} ALTER COLUMN {column} SET STATISTICS {target};"
        if known["cluster"]:
            yield f"ALTER TABLE {table} CLUSTER ON {name};"
        if known["identity"]:
            yield f"ALTER TABLE {table} REPLICA IDENTITY USING INDEX {name};"


def _trigger(difference: Difference) -> Iterator[str]:
    table, name = _parts(difference.identity)
    if difference.before and "(inherited)" in difference.before.partition("CREATE ")[0]:
        return
    if difference.after is not None:
        yield f"DROP TRIGGER {name} ON {table};"
    if difference.before is not None:
        fires, create, rest = difference.before.partition("CREATE ")
        yield f"{create}{rest};"
        if word := _FIRES.get(fires.strip()):
            yield f"ALTER TABLE {table} {word} TRIGGER {name};"


def _policy(difference: Difference) -> Iterator[str]:
    table, name = _parts(difference.identity)
    if difference.after is not None:
        yield f"DROP POLICY {name} ON {table};"
    if difference.before is not None:
        yield f"CREATE POLICY {name} ON {table} AS {difference.before};"


def _column(difference: Difference) -> Iterator[str]:
    table, name = _parts(difference.identity)
    before, after = difference.before, difference.after
    if before is None or after is None:
        return  # values went with it, or would go
    alter = f"ALTER TABLE {table} ALTER COLUMN {name}"
    was, now = type_of(before), type_of(after)
    then, here = _COLUMN.fullmatch(before, len(was)), _COLUMN.fullmatch(after, len(now))
    if then is None or here is None or any(each["generated"] or each["identity"] for each in (then, here)):
        return  # its values are made by the server: no ALTER COLUMN brings the right ones back
    if here["default"] and (was != now or not then["default"]):
        yield f"{alter} DROP DEFAULT;"
    if was != now:
        yield f"{alter} TYPE {was} USING {name}::{was.partition(' COLLATE ')[0]};{_CAST}"
    if then["default"] and (was != now or then["default"] != here["default"]):
        yield f"{alter} SET DEFAULT {then['default']};"
    if then["not_null"] != here["not_null"]:
        yield f"{alter} {'SET' if then['not_null'] else 'DROP'} NOT NULL;"
    if any(then[part] != here[part] for part in ("named", "unusual", "more")):
        yield f"-- columns {difference.identity}: more than type, default and NOT NULL differs, and that is left as it is"


def _view(difference: Difference) -> Iterator[str]:
    known = _VIEW.fullmatch(difference.before or "")
    if difference.after is not None or known is None:
        return  # what stands on it, its grants and its comments would go with it
    head = f"CREATE {known['kind'].upper()} {difference.identity}"
    how = "".join(known[part] or "" for part in ("method", "options", "space"))
    yield f"{head}{how} AS {known['query']}{' WITH NO DATA' if known['empty'] else ''};"


def _owner(difference: Difference) -> Iterator[str]:
    found = re.fullmatch(r"(.+) \(([a-z ]+)\)", difference.identity, re.DOTALL)
    if found and found[2] in _KINDS and difference.before and (difference.after or found[2] in _MADE_AGAIN):
        yield f"ALTER {_KINDS[found[2]]} {found[1]} OWNER TO {difference.before};"


def _grant(difference: Difference) -> Iterator[str]:
    found = re.fullmatch(
        rf"(.+) \((table|view|materialized view|sequence|schema|function)\) TO ({WORD})", difference.identity, re.DOTALL
    )
    if not found or found[3] == "OWNER" or " BY " in f"{difference.before}{difference.after}":
        return  # what the owner may do follows the owner; what others granted only they can grant
    kind = {"view": "TABLE", "materialized view": "TABLE", "function": "ROUTINE"}.get(found[2], found[2].upper())
    if difference.after is not None:
        yield f"REVOKE ALL ON {kind} {found[1]} FROM {found[3]};"
    if difference.before not in (None, "nothing"):
        for privilege in str(difference.before).split(", "):
            plain = privilege.removesuffix(_OPTION)
            yield f"GRANT {plain} ON {kind} {found[1]} TO {found[3]}{_OPTION if plain != privilege else ''};"


def _comment(difference: Difference) -> Iterator[str]:
    path, _, kind = difference.identity.removesuffix(")").rpartition(" (")
    table, name = _parts(path)
    if kind in _ON_TABLES:
        target = f"{kind.split()[-1].upper()} {name} ON {table}"
    elif kind == "index":
        target = f"INDEX {schema_of(table)}.{name}"
    elif kind in _COMMENTED:
        target = f"{_COMMENTED[kind]} {path}"
    else:
        return
    text = "NULL" if difference.before is None else "'" + difference.before.replace("'", "''") + "'"
    yield f"COMMENT ON {target} IS {text};"


def _row_security(difference: Difference) -> Iterator[str]:
    was, now = difference.before or "", difference.after or ""
    for said, yes, no in (("enabled(,|$)", "ENABLE", "DISABLE"), ("owner too|forced", "FORCE", "NO FORCE")):
        if bool(re.search(said, was)) != bool(re.search(said, now)):
            yield f"ALTER TABLE {difference.identity} {yes if re.search(said, was) else no} ROW LEVEL SECURITY;"


def _position(difference: Difference) -> Iterator[str]:
    was, now = (difference.before or "").split(), (difference.after or "").split()
    if was and now and was[1:] == now[1:]:  # else it does not go on as it did, which setval() cannot mend
        name = difference.identity.replace("'", "''")
        yield f"SELECT pg_catalog.setval('{name}', {was[0]}, false);"


def _analyse(difference: Difference) -> Iterator[str]:
    if difference.before and difference.after:
        yield f"ANALYZE {difference.identity};"


_SWITCHED = re.compile(r"disabled|on replicas only|always")
_UNMENDED = re.compile(r"\bmissing\b|\baltered\b")
_ENABLE = """DO $rollproof$
DECLARE kept record;
BEGIN
    FOR kept IN
        WITH RECURSIVE keys AS (
            SELECT oid FROM pg_catalog.pg_constraint WHERE conrelid = {table}::pg_catalog.regclass AND conname = {name}
            UNION ALL
            SELECT part.oid FROM pg_catalog.pg_constraint AS part JOIN keys ON part.conparentid = keys.oid
        )
        SELECT tgrelid::pg_catalog.regclass AS of, tgname FROM pg_catalog.pg_trigger WHERE tgconstraint IN (SELECT oid FROM keys)
    LOOP
        EXECUTE pg_catalog.format('ALTER TABLE ONLY %s ENABLE TRIGGER %I', kept.of, kept.tgname);
    END LOOP;
END $rollproof$;"""


def _enforce(difference: Difference) -> Iterator[str]:
    """Enable the triggers of this constraint only: others may be disabled on purpose."""
    after = difference.after or ""
    if difference.before == "enforced" and _SWITCHED.search(after) and not _UNMENDED.search(after):
        table, name = (text.replace("'", "''") for text in _parts(difference.identity))
        yield _ENABLE.format(table=f"'{table}'", name=f"'{unquoted(name)}'")


def _as_defined(difference: Difference) -> Iterator[str]:
    if difference.before is not None and difference.before.startswith("CREATE ") and difference.after is None:
        yield f"{difference.before};"


_ANSWERS: Mapping[str, Callable[[Difference], Iterator[str]]] = {
    "constraints": _constraint,
    "indexes": _index,
    "triggers": _trigger,
    "policies": _policy,
    "columns": _column,
    "views": _view,
    "owners": _owner,
    "privileges": _grant,
    "row_security": _row_security,
    "sequence_positions": _position,
    "planner_statistics": _analyse,
    "foreign_key_triggers": _enforce,
    "functions": _as_defined,
    "statistics": _as_defined,
    "comments": _comment,
}
REPAIRED = frozenset(_ANSWERS)
"""The facets whose differences statements repair."""

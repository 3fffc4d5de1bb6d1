"""The way out, as SQL for this database: from differences to the statements that would undo them. Pure; nothing is executed.

Names in identities are quoted already, and definitions are PostgreSQL's own, so both are ready to be run as they are.
What has no certain statement (rows, a table that is gone) gets advice in words, or nothing.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from rollproof.compare import Difference
from rollproof.custody import type_of
from rollproof.spelling import schema_of, table_of

SHOWN = 20  # statements under one failure; `rollproof repair` is for more
_END = r"(?= STORAGE | COMPRESSION | STATISTICS | SET \(| OPTIONS \(| \(inherited|$)"
_DEFAULT = re.compile(rf"\bDEFAULT (.*?){_END}", re.DOTALL)
_INDEX = re.compile(
    r"(?P<sql>CREATE .*?)(?: TABLESPACE (?P<space>\S+))?(?P<targets>(?: STATISTICS \d+ ON COLUMN \d+)*)(?P<part> PARTITION OF .*?)?"
    r"(?: INVALID)?(?: NOT READY)?(?: BEING DROPPED)?(?P<cluster> CLUSTER ON)?(?P<identity> REPLICA IDENTITY)?$",
    re.DOTALL,
)
_CAST = " -- casts the values: spellings that the other type lost (capitals, hyphens) only a backup brings back"
_OPTION = " WITH GRANT OPTION"
_FIRES = {"DISABLED": "DISABLE", "ENABLED ON REPLICA ONLY": "ENABLE REPLICA", "ENABLED ALWAYS": "ENABLE ALWAYS"}
_KINDS = {
    **{kind: kind.upper() for kind in ("table", "view", "sequence", "function", "procedure", "schema", "type")},
    "materialised view": "MATERIALIZED VIEW",
    "domain": "DOMAIN",
    "statistics": "STATISTICS",
    "foreign table": "FOREIGN TABLE",
}

_MADE_AGAIN = ("view", "function", "statistics")  # which another statement of ours creates, and we then own

BACKUP = (
    "the way out without a usable backup: restore the original elsewhere (pg_restore of a dump, or a base backup up to the moment "
    "before the migration) and copy the tables from there; or create the original schema again from the application's own "
    "definitions and load the rows from what is left; then verify with the baseline as the reference"
)
UNFINISHED = "the way out: run the rollback again; it must take these tables too, and none may be left as it is"


def statements(difference: Difference, tables: Collection[str] = ()) -> tuple[str, ...]:
    """Return the SQL that would undo one difference; () where none is certain.

    Columns are altered only in `tables`: those of a view are the view's business.
    """
    facet, identity = difference.facet, difference.identity
    if facet == "nothing_lost":  # which tells the facet with the identity
        facet, _, identity = identity.partition(" ")
        difference = Difference(facet, identity, difference.before, difference.after)
    if facet == "columns" and table_of(identity) not in tables:
        return ()
    answer = _ANSWERS.get(facet)
    return tuple(answer(difference)) if answer else ()


def way_out(differences: Iterable[Difference], tables: Collection[str] = ()) -> list[str]:
    """Return lines to print below a failure; [] where nothing certain can be said."""
    found = list(differences)
    lines = [f"  {line}" for each in found for line in dict.fromkeys(statements(each, tables))]
    if lines:
        more = [f"  -- and {len(lines) - SHOWN:,} more"] if len(lines) > SHOWN else []
        lines = ["the way out, to be read before it is run:", *lines[:SHOWN], *more]
    facets = {difference.facet for difference in found}
    if facets & {"backup", "backup_content", "backup_columns"}:
        lines.append(BACKUP)
    if "table_states" in facets:
        lines.append(f"{UNFINISHED}: {', '.join(difference.identity for difference in found[:SHOWN])}")
    return lines


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
    known = _INDEX.match(difference.before or "")
    if difference.before is not None and (known is None or known["part"]):
        return
    if difference.after is not None:
        yield f"DROP INDEX {index};"
    if known:
        note = " -- unless a constraint of this name brings it" if " UNIQUE INDEX " in known["sql"] else ""
        where = f" TABLESPACE {known['space']}" if known["space"] else ""
        sql, word, condition = known["sql"].partition(" WHERE ")
        yield f"{sql}{where}{word}{condition};{note}"
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
    default, is_now = (_DEFAULT.search(text) for text in (before, after))
    if is_now and (was != now or not default):
        yield f"{alter} DROP DEFAULT;"
    if was != now:
        yield f"{alter} TYPE {was} USING {name}::{was.partition(' COLLATE ')[0]};{_CAST}"
    if default and (was != now or not is_now or default[1] != is_now[1]):
        yield f"{alter} SET DEFAULT {default[1]};"
    if ("NOT NULL" in before) != ("NOT NULL" in after):
        yield f"{alter} {'SET' if 'NOT NULL' in before else 'DROP'} NOT NULL;"


def _view(difference: Difference) -> Iterator[str]:
    found = re.match(r"(materialised )?view(?: WITH \(.*?\))? AS ", difference.before or "", re.DOTALL)
    if difference.before is not None and not found:
        return
    if difference.after is not None:
        yield f"DROP {'MATERIALIZED ' if difference.after.startswith('materialised') else ''}VIEW {difference.identity};"
    if difference.before is not None and found:
        kind = "MATERIALIZED VIEW" if found[1] else "VIEW"
        rest = difference.before.removeprefix("materialised ").removeprefix("view ").rstrip(";")
        yield f"CREATE {kind} {difference.identity} {rest};"


def _owner(difference: Difference) -> Iterator[str]:
    found = re.fullmatch(r"(.+) \(([a-z ]+)\)", difference.identity, re.DOTALL)
    if found and found[2] in _KINDS and difference.before and (difference.after or found[2] in _MADE_AGAIN):
        yield f"ALTER {_KINDS[found[2]]} {found[1]} OWNER TO {difference.before};"


def _grant(difference: Difference) -> Iterator[str]:
    found = re.fullmatch(r"(.+) \((table|view|sequence|schema|function)\) TO (.+)", difference.identity, re.DOTALL)
    if not found or found[3] == "OWNER" or " BY " in f"{difference.before}{difference.after}":
        return  # what the owner may do follows the owner; what others granted only they can grant
    kind = "TABLE" if found[2] == "view" else found[2].upper()
    if difference.after is not None:
        yield f"REVOKE ALL ON {kind} {found[1]} FROM {found[3]};"
    if difference.before not in (None, "nothing"):
        for privilege in str(difference.before).split(", "):
            plain = privilege.removesuffix(_OPTION)
            yield f"GRANT {plain} ON {kind} {found[1]} TO {found[3]}{_OPTION if plain != privilege else ''};"


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


def _enforce(difference: Difference) -> Iterator[str]:
    # What is missing cannot be enabled.
    if difference.before == "enforced" and difference.after and " missing" not in difference.after:
        yield f"ALTER TABLE {_parts(difference.identity)[0]} ENABLE TRIGGER ALL; -- the table it leads to as well, if that is named"


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
    "enforcement": _enforce,
    "functions": _as_defined,
    "statistics": _as_defined,
}

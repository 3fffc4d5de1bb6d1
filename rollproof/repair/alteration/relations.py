"""Statements that change views, materialized views and sequences into what they were. Pure."""

from collections.abc import Iterator, Mapping

from rollproof.model.compare import Difference
from rollproof.model.descriptions import type_of
from rollproof.model.names import schema_of
from rollproof.repair.clauses.pieces import last_name
from rollproof.repair.clauses.relations import Counting, ViewClauses, counting, view_clauses
from rollproof.repair.clauses.tables import column_clauses, listed_options, options_of
from rollproof.repair.clauses.wording import literal
from rollproof.repair.creation.relations import view_column, view_statement
from rollproof.repair.makers import Alter
from rollproof.repair.objects import Object
from rollproof.repair.sides import Sides
from rollproof.repair.step import Altered, Refused

_METHOD_CAN_CHANGE = 15_00_00
_STORAGE_HAS_DEFAULT = 16_00_00


def _view(difference: Difference, sides: Sides) -> Altered | Refused | None:
    """Change a view where nothing that stands on it is lost, else let it be made again."""
    name = difference.identity
    was, now = view_clauses(difference.before or ""), view_clauses(difference.after or "")
    if not was or not now or was.kind != now.kind:
        return None
    before, after = (side.parts(name, "columns") for side in (sides.before, sides.after))
    same = was.query == now.query and _types(before) == _types(after)
    if was.is_materialized:
        same = same and (sides.after.version >= _STORAGE_HAS_DEFAULT or not _storage_goes(before, after))
        statements = _stored(name, was, now, sides) if same else None
    elif same:
        statements = [*_options(f"ALTER VIEW {name}", was.options, now.options)]
    else:
        statements = [_replacing(name, was)] if _is_replaceable(was, now, before, after) else None
    if statements is None:
        return None
    columns = (each for column in before for each in view_column(was, column, before[column], after.get(column, "")))
    return Altered((*statements, *columns))


def _storage_goes(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Tell whether a column is to be stored as is usual for its type again."""
    pairs = ((column_clauses(before[name]), column_clauses(after.get(name, ""))) for name in before)
    return any(was and now and now.storage and not was.storage for was, now in pairs)


def _types(columns: Mapping[str, str]) -> dict[str, str]:
    return {name: type_of(description) for name, description in columns.items()}


def _is_replaceable(was: ViewClauses, now: ViewClauses, before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Tell whether CREATE OR REPLACE VIEW takes it: the same columns in their order, and new ones at the end."""
    types, others = _types(before), _types(after)
    known = sorted(map(last_name, types)) == sorted(was.columns) and sorted(map(last_name, others)) == sorted(
        now.columns
    )
    return known and was.columns[: len(now.columns)] == now.columns and others.items() <= types.items()


def _replacing(name: str, was: ViewClauses) -> str:
    return view_statement(name, was).replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1)


def _options(alter: str, before: str, after: str, prefix: str = "") -> Iterator[str]:
    was, now = options_of(before), options_of(after)
    if changed := {key: value for key, value in was.items() if now.get(key) != value}:
        yield f"{alter} SET ({listed_options(changed, prefix=prefix)});"
    if more := [f"{prefix}{key}" for key in now if key not in was]:
        yield f"{alter} RESET ({', '.join(more)});"


def _stored(name: str, was: ViewClauses, now: ViewClauses, sides: Sides) -> list[str] | None:
    """Return the statements for how a materialized view is stored; None if it must be made again."""
    alter = f"ALTER MATERIALIZED VIEW {name}"
    statements = [*_options(alter, was.options, now.options), *_options(alter, was.toast, now.toast, "toast.")]
    if was.method != now.method:
        if sides.after.version < _METHOD_CAN_CHANGE:
            return None
        statements.append(f"{alter} SET ACCESS METHOD {was.method or 'heap'};")
    if was.space != now.space:
        statements.append(f"{alter} SET TABLESPACE {was.space or 'pg_default'};")
    if was.replica not in (now.replica, "USING INDEX"):
        statements.append(f"{alter} REPLICA IDENTITY {was.replica or 'DEFAULT'};")
    if was.replica != now.replica and was.replica == "USING INDEX":
        statements += _by_index(alter, name, sides)
    if was.empty != now.empty:
        statements.append(f"REFRESH MATERIALIZED VIEW {name}{' WITH NO DATA' if was.empty else ''};")
    return statements


def _by_index(alter: str, name: str, sides: Sides) -> Iterator[str]:
    for index, told in sides.before.parts(name, "indexes").items():
        if told.endswith(" REPLICA IDENTITY") and sides.after.has(Object("indexes", index)):
            yield f"{alter} REPLICA IDENTITY USING INDEX {last_name(index)};"


def _sequence(difference: Difference, sides: Sides) -> Altered | Refused | None:
    if difference.before is None:
        return _renamed(difference, sides)
    was, now = counting(difference.before), counting(difference.after or "")
    if was is None or now is None:
        return Refused("its description was not understood")
    if was.identity != now.identity:
        return Altered(())  # the news of the column
    counts = _counting(difference.identity, was, now, sides)
    if isinstance(counts, Refused):
        return counts
    alter = f"ALTER SEQUENCE {difference.identity}"
    if was.persistence != now.persistence:
        counts = (*counts, f"{alter} SET {'UNLOGGED' if was.persistence else 'LOGGED'};")
    last = (f"{alter} OWNED BY {was.owner or 'NONE'};",) if was.owner != now.owner else ()
    return Altered(counts, last=last)


def _counting(name: str, was: Counting, now: Counting, sides: Sides) -> tuple[str, ...] | Refused:
    """Return the statements for how it counts: it goes on from where it stands, which must be within its bounds."""
    if (was.type, was.options) == (now.type, now.options):
        return ()
    alter = f"ALTER SEQUENCE {name} AS {was.type} {was.options};"
    stands = sides.after.facts("sequence_positions").get(name, "").split(" ")[0]
    if not stands.lstrip("-").isdigit():
        return Refused("where it stands is not known, and that must be within its bounds")
    if (was.increment > 0) != (now.increment > 0):
        return (f"{alter.removesuffix(';')} RESTART WITH {_stood(name, was, sides)};",)
    given = int(stands) - now.increment  # the last number, unless none was given yet
    last = given if now.least <= given <= now.greatest else int(stands)
    ahead = was.increment > 0
    if last > was.greatest if ahead else last < was.least:
        end = was.greatest if ahead else was.least
        return Refused(f"it has gone on to {stands}, and had its end at {end}: set it by hand")
    if last < was.least if ahead else last > was.greatest:
        first, behind = (was.least, "<") if ahead else (was.greatest, ">")
        forward = (
            f"SELECT pg_catalog.setval({literal(name)}, {first}, false) FROM {name} WHERE last_value {behind} {first};"
        )
        return (
            (forward, alter) if now.least <= first <= now.greatest else Refused("it counts elsewhere: set it by hand")
        )
    return (alter,)


def _stood(name: str, was: Counting, sides: Sides) -> int:
    """Return where a sequence stood that counts the other way round now, and so has no further on."""
    stood = sides.before.facts("sequence_positions").get(name, "").split(" ")[0]
    return int(stood) if stood.lstrip("-").isdigit() and was.least <= int(stood) <= was.greatest else was.start


def _renamed(difference: Difference, sides: Sides) -> Altered | None:
    """Rename the sequence of an identity that has another name now: it cannot be dropped by itself."""
    now = counting(difference.after or "")
    if now is None or not now.identity:
        return None
    for name, told in sides.before.facts("sequences").items():
        was = counting(told)
        if was is None or was.identity != now.identity or sides.after.has(Object("sequences", name)):
            continue
        counts = _counting(difference.identity, was, now, sides)
        if schema_of(name) == schema_of(difference.identity) and not isinstance(counts, Refused):
            return Altered((*counts, f"ALTER SEQUENCE {difference.identity} RENAME TO {last_name(name)};"))
    return Altered(())  # it goes with the identity of its column


ALTERS: Mapping[str, Alter] = {"views": _view, "sequences": _sequence}
"""By facet."""

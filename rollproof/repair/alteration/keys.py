"""Statements that change constraints, indexes and statistics objects into what they were. Pure."""

import re
from collections.abc import Iterator, Mapping

from rollproof.model.compare import Difference
from rollproof.model.names import schema_of
from rollproof.repair.alteration.options import changed_options
from rollproof.repair.clauses.tables import IndexClauses, index_clauses, inherited_of, options_of, statistics_clauses
from rollproof.repair.creation.keys import is_of_parent, statistics_path
from rollproof.repair.makers import Alter
from rollproof.repair.objects import Object
from rollproof.repair.partitioning import index_name, whole_of_index
from rollproof.repair.sides import Side, Sides
from rollproof.repair.step import Altered, Refused

_NOT_UNDERSTOOD = Refused("its description was not understood")
_TIMES = re.compile(
    r"(?P<rest>.*?)(?P<deferrable> DEFERRABLE(?: INITIALLY DEFERRED)?)?(?P<valid> NOT VALID)?", re.DOTALL
)


def _constraint(difference: Difference, sides: Sides) -> Altered | Refused | None:
    if difference.before is None or difference.after is None:
        return None
    of = Object("constraints", difference.identity)
    (was, was_given), (now, now_given) = inherited_of(difference.before), inherited_of(difference.after)
    if was == now:
        if (was_given, now_given) == ("inherited and own", ""):
            return Altered(())  # its table's parents are put back
        return _own_or_not(of, was, was_given, now_given)
    if was_given == "inherited" or is_of_parent(of, sides.before):
        return Altered(())  # it comes back with its parent's
    return _deferred(of, was, now) or _validated(of, was, now)


def _deferred(of: Object, was: str, now: str) -> Altered | None:
    """Return what changes when a foreign key is checked, if nothing else differs."""
    before, after = _TIMES.fullmatch(was), _TIMES.fullmatch(now)
    if not before or not after or not was.startswith("FOREIGN KEY ") or before["rest"] != after["rest"]:
        return None
    if before["valid"] != after["valid"] or before["deferrable"] == after["deferrable"]:
        return None
    name = of.identity.removeprefix(f"{of.relation}.")
    return Altered((f"ALTER TABLE {of.relation} ALTER CONSTRAINT {name}{before['deferrable'] or ' NOT DEFERRABLE'};",))


def _validated(of: Object, was: str, now: str) -> Altered | None:
    if now != f"{was} NOT VALID":
        return None
    name = of.identity.removeprefix(f"{of.relation}.")
    return Altered((f"ALTER TABLE {of.relation} VALIDATE CONSTRAINT {name};",))


def _own_or_not(of: Object, text: str, was: str, now: str) -> Altered | Refused:
    """Return what makes a check the table's own as well; that it is its parents' alone, only a new table can have."""
    if (was, now) == ("inherited and own", "inherited"):
        name = of.identity.removeprefix(f"{of.relation}.")
        return Altered((f"ALTER TABLE {of.relation} ADD CONSTRAINT {name} {text};",))
    return Refused(
        "it was its parent's alone, and is the table's own as well, which no ALTER can change: it takes a new table"
    )


def _index(difference: Difference, sides: Sides) -> Altered | Refused | None:
    of = Object("indexes", difference.identity)
    is_key = any(side.has(Object("constraints", of.identity)) for side in (sides.before, sides.after))
    if difference.before is None:
        return Altered(()) if sides.after.has(Object("constraints", of.identity)) else None
    if difference.after is None:
        return None
    was, now = index_clauses(difference.before), index_clauses(difference.after)
    if was is None or now is None:
        return _NOT_UNDERSTOOD
    if is_key and _key_is_made_again(of, sides):
        return Altered(())  # it comes back with its constraint
    return _index_altered(of, was, now, sides)


def _key_is_made_again(of: Object, sides: Sides) -> bool:
    told = [side.facts("constraints").get(of.identity) for side in (sides.before, sides.after)]
    return told[0] != told[1]


def _index_altered(of: Object, was: IndexClauses, now: IndexClauses, sides: Sides) -> Altered | None:
    (head, options, where), (other, set_now, elsewhere) = was.parted, now.parted
    if (head, where) != (other, elsewhere) or (now.whole and now.whole != was.whole):
        return None
    if now.broken and not was.broken and not _is_partitioned(of, sides.after):
        return None
    settings = tuple(_settings(of, was, now, options, set_now))
    whole = whole_of_index(of, sides.before) if not now.whole else None
    if whole is None:
        return Altered(settings)
    joined = f"ALTER INDEX {index_name(whole)} ATTACH PARTITION {index_name(of)};"  # nothing, if it has joined with its table
    return Altered((*settings, joined), after=frozenset([whole, Object("tables", of.relation)]))


def _is_partitioned(of: Object, side: Side) -> bool:
    return side.facts("tables").get(of.relation, "").startswith(("partitioned", "unlogged partitioned"))


def _settings(of: Object, was: IndexClauses, now: IndexClauses, options: str, set_now: str) -> Iterator[str]:
    name, table = of.identity.removeprefix(f"{of.relation}."), of.relation
    path = f"{schema_of(table)}.{name}"
    yield from (f"ALTER INDEX {path} {each};" for each in changed_options(_bare(options), _bare(set_now)))
    if was.space != now.space:
        yield f"ALTER INDEX {path} SET TABLESPACE {was.space or 'pg_default'};"
    before, after = dict(was.statistics), dict(now.statistics)
    for column in sorted(before.keys() | after.keys(), key=int):
        if before.get(column) != after.get(column):
            yield f"ALTER INDEX {path} ALTER COLUMN {column} SET STATISTICS {before.get(column, -1)};"
    if was.cluster != now.cluster:
        yield f"ALTER TABLE {table} CLUSTER ON {name};" if was.cluster else f"ALTER TABLE {table} SET WITHOUT CLUSTER;"
    if was.identity and not now.identity:
        yield f"ALTER TABLE ONLY {table} REPLICA IDENTITY USING INDEX {name};"


def _bare(options: str) -> str:
    """Return options as descriptions list them; PostgreSQL quotes their values in an index's definition."""
    return ", ".join(
        f"{name}={value.removeprefix(chr(39)).removesuffix(chr(39))}" for name, value in options_of(options).items()
    )


def _statistics(difference: Difference, sides: Sides) -> Altered | Refused | None:  # noqa: ARG001 (as all makers)
    if difference.before is None or difference.after is None:
        return None
    was, now = statistics_clauses(difference.before), statistics_clauses(difference.after)
    if was is None or now is None:
        return _NOT_UNDERSTOOD
    if was.sql != now.sql:
        return None
    path = statistics_path(Object("statistics", difference.identity))
    return Altered((f"ALTER STATISTICS {path} SET STATISTICS {was.target or -1};",))


ALTERS: Mapping[str, Alter] = {"constraints": _constraint, "indexes": _index, "statistics": _statistics}
"""By facet."""

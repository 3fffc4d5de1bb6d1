"""Statements that create constraints, indexes and statistics objects, from facts. Pure."""

from collections.abc import Iterator, Mapping

from rollproof.model.names import names, schema_of
from rollproof.repair.clauses.tables import (
    IndexClauses,
    index_clauses,
    inherited_of,
    statistics_clauses,
)
from rollproof.repair.creation.tables import NOT_UNDERSTOOD
from rollproof.repair.makers import Create
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side
from rollproof.repair.step import Made, Refused


def _constraint(of: Object, side: Side) -> Made | Refused:
    text, inherited = inherited_of(side.description(of) or "")
    table, name = of.relation, of.identity.removeprefix(f"{of.relation}.")
    if inherited == "inherited" or is_of_parent(of, side):
        return Made(())  # its parent's brings it
    index = index_clauses(side.facts("indexes").get(of.identity, ""))
    only = "ONLY " if index else ""
    statement = f"ALTER TABLE {only}{table} ADD CONSTRAINT {name} {text};"
    return Made((statement, *_of_key(of, index)), frozenset(_brought(of, text, side)))


def _of_key(of: Object, index: IndexClauses | None) -> Iterator[str]:
    """Yield the statements for what the index of a key has, and the key's definition does not say."""
    if index is not None:
        if options := index.parted[1]:
            yield f"ALTER INDEX {_index_path(of)} SET ({options});"
        yield from further(of, index)


def _brought(of: Object, text: str, side: Side) -> Iterator[Object]:
    if side.has(index := Object("indexes", of.identity)):
        yield index
        return
    name = of.identity.removeprefix(f"{of.relation}.")
    for heir in side.descendants(of.relation):
        told, inherited = inherited_of(side.facts("constraints").get(f"{heir}.{name}", ""))
        if told and (inherited == "inherited" or (told == text and heir in side.facts("partitions"))):
            yield Object("constraints", f"{heir}.{name}")


def is_of_parent(of: Object, side: Side) -> bool:
    """Tell whether a partition's check or foreign key is that of the table of which it is a part."""
    name, text = of.identity.removeprefix(f"{of.relation}."), side.description(of) or ""
    if of.relation not in side.facts("partitions") or not text.startswith(("CHECK ", "FOREIGN KEY ")):
        return False
    return any(side.facts("constraints").get(f"{parent}.{name}") == text for parent in side.parents(of.relation))


def _index(of: Object, side: Side) -> Made | Refused:
    if side.has(Object("constraints", of.identity)):
        return Made(())  # its constraint brings it
    known = index_clauses(side.description(of) or "")
    return Made((f"{known.sql};", *further(of, known))) if known else NOT_UNDERSTOOD


def further(of: Object, index: IndexClauses) -> Iterator[str]:
    """Yield the statements for what CREATE INDEX does not say."""
    path, name = _index_path(of), of.identity.removeprefix(f"{of.relation}.")
    if index.space:
        yield f"ALTER INDEX {path} SET TABLESPACE {index.space};"
    yield from (
        f"ALTER INDEX {path} ALTER COLUMN {column} SET STATISTICS {target};" for column, target in index.statistics
    )
    if index.cluster:
        yield f"ALTER TABLE {of.relation} CLUSTER ON {name};"
    if index.identity:
        yield f"ALTER TABLE ONLY {of.relation} REPLICA IDENTITY USING INDEX {name};"


def _index_path(of: Object) -> str:
    return f"{schema_of(of.relation)}.{of.identity.removeprefix(f'{of.relation}.')}"


def statistics_path(of: Object) -> str:
    """Return the qualified name of a statistics object, which may lie in another schema than its table."""
    path = names(of.identity)
    return f"{(path[2:-1] or path[:1])[0]}.{path[-1]}"


def _statistics(of: Object, side: Side) -> Made | Refused:
    known = statistics_clauses(side.description(of) or "")
    if known is None:
        return NOT_UNDERSTOOD
    target = (f"ALTER STATISTICS {statistics_path(of)} SET STATISTICS {known.target};",) if known.target else ()
    return Made((f"{known.sql};", *target))


CREATES: Mapping[str, Create] = {"constraints": _constraint, "indexes": _index, "statistics": _statistics}
"""By facet."""

"""All that is told of an object, with its own name left out: two are alike if that is equal. Pure."""

from collections.abc import Hashable, Iterator

from rollproof.model.names import names
from rollproof.repair.clauses.tables import sequence_clauses
from rollproof.repair.objects import Object
from rollproof.repair.renaming.respelled import Renaming, renamed_facts
from rollproof.repair.sides import Side

_TOLD = (
    *("tables", "views", "sequences", "columns", "column_order", "constraints", "indexes", "inheritance", "partitions"),
    *("triggers", "policies", "rules", "statistics", "row_security", "foreign_tables"),
)


def shape_of(of: Object, side: Side) -> Hashable:
    """Return all that is told of an object and its parts, with its own name left out."""
    path = ".".join(names(of.identity)[:2])
    own = Renaming(Object(of.facet, path), Object(of.facet, "*.*"))
    facts: dict[str, dict[str, str]] = {of.facet: {of.identity: side.description(of) or ""}}
    if of.facet in {"tables", "views"}:
        facts |= {facet: dict(side.parts(of.identity, facet)) for facet in _TOLD if facet != of.facet}
    told = renamed_facts(facts, [own, *_sequences_of(of, side)])
    return frozenset((facet, name, text) for facet, known in told.items() for name, text in known.items())


def _sequences_of(of: Object, side: Side) -> Iterator[Renaming]:
    """Yield the sequences of a table's columns, called by their columns: they may have another name as well."""
    for name, text in side.facts("sequences").items() if of.facet == "tables" else ():
        known = sequence_clauses(text)
        if known and known.tie == "OWNED BY" and known.column.startswith(f"{of.identity}."):
            last = known.column.removeprefix(f"{of.identity}.")
            yield Renaming(Object("sequences", name), Object("sequences", f"*.{last}"))


def part_shape(of: Object, side: Side) -> Hashable:
    """Return what is told of a constraint or an index, with its own name left out."""
    last = names(of.identity)[-1]
    text = side.description(of) or ""
    if of.facet == "indexes":
        text = text.replace(f" INDEX {last} ON ", " INDEX * ON ", 1)
    return (of.relation, text)

"""Tables as groups: whose facts a check asks for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from rollproof.model.names import table_of

MANY = 100  # tables; above, they are checked in groups, because ten thousand pytest items cost more than the checks
GROUPS = 20


@dataclass(frozen=True)
class TableGroup:
    """Whose facts are meant: those of `names`, or, for the `ungrouped`, of everything else.

    Every fact belongs to exactly one owner of a family made by `table_groups`, so nothing is compared twice or never.
    """

    label: str
    names: frozenset[str] = field(repr=False)
    ungrouped: bool = False

    def of(self, names: Collection[str]) -> list[str]:
        """Return those of the names that are meant, sorted."""
        if self.ungrouped:
            return sorted(name for name in names if name not in self.names)
        return sorted(name for name in self.names if name in names)


EVERYTHING = TableGroup("everything", frozenset(), ungrouped=True)


def table_groups(tables: tuple[str, ...]) -> tuple[TableGroup, ...]:
    """Return one owner per table, or `GROUPS` groups of them in a large database; sorted as `tables` is."""
    if len(tables) <= MANY:
        return tuple(TableGroup(table, frozenset([table])) for table in tables)
    size = -(-len(tables) // GROUPS)
    return tuple(_group(tables, start, size) for start in range(0, len(tables), size))


def _group(tables: tuple[str, ...], start: int, size: int) -> TableGroup:
    part = tables[start : start + size]
    return TableGroup(f"tables {start + 1}-{start + len(part)} of {len(tables)}, from {part[0]}", frozenset(part))


def ungrouped(tables: tuple[str, ...]) -> TableGroup:
    """Return the owner of everything that belongs to none of these tables: left behind, or nobody's."""
    return TableGroup("the rest", frozenset(tables), ungrouped=True)


def by_table(facts: Mapping[str, str]) -> dict[str | None, dict[str, str]]:
    """Return the facts by the path their identities begin with; None for those that begin with none."""
    parts: dict[str | None, dict[str, str]] = {}
    for identity, description in facts.items():
        parts.setdefault(table_of(identity), {})[identity] = description
    return parts

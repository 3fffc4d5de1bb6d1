"""Tables in groups: a check compares the facts of one group at a time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from rollproof.model.names import EVERYTHING_ELSE, table_of

MANY = 100  # tables; above, they are checked in groups, because ten thousand pytest items cost more than the checks
GROUPS = 20


@dataclass(frozen=True)
class TableGroup:
    """The tables in `names`, or, if `ungrouped`, everything that belongs to none of them.

    Every fact belongs to exactly one of `table_groups(tables)` and `ungrouped(tables)`, so nothing is compared twice or never.
    """

    label: str
    names: frozenset[str] = field(repr=False)
    ungrouped: bool = False

    def of(self, names: Collection[str]) -> list[str]:
        """Return those of the names that are in the group, sorted."""
        if self.ungrouped:
            return sorted(name for name in names if name not in self.names)
        return sorted(name for name in self.names if name in names)


EVERYTHING = TableGroup("everything", frozenset(), ungrouped=True)


def table_groups(tables: tuple[str, ...], *, together: bool = False) -> tuple[TableGroup, ...]:
    """Return a group for each table, or `GROUPS` groups of several tables in a large database; in the order of `tables`.

    All `together` are one group.
    """
    if together and len(tables) > 1:
        return (TableGroup(f"all {len(tables):,} tables", frozenset(tables)),)
    if len(tables) <= MANY:
        return tuple(TableGroup(table, frozenset([table])) for table in tables)
    size = -(-len(tables) // GROUPS)
    return tuple(_group(tables, start, size) for start in range(0, len(tables), size))


def _group(tables: tuple[str, ...], start: int, size: int) -> TableGroup:
    part = tables[start : start + size]
    return TableGroup(f"tables {start + 1}-{start + len(part)} of {len(tables)}, from {part[0]}", frozenset(part))


def ungrouped(tables: tuple[str, ...]) -> TableGroup:
    """Return the group of everything that belongs to none of these tables, such as new tables and schemas."""
    return TableGroup(EVERYTHING_ELSE, frozenset(tables), ungrouped=True)


def by_table(facts: Mapping[str, str]) -> dict[str | None, dict[str, str]]:
    """Return the facts by the table that their identities begin with; None for those that begin with none."""
    parts: dict[str | None, dict[str, str]] = {}
    for identity, description in facts.items():
        parts.setdefault(table_of(identity), {})[identity] = description
    return parts

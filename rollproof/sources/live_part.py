"""Some schemas of a database as a source, where it was opened for many of them: one snapshot, one look at the catalogue."""

from collections.abc import Collection, Mapping
from functools import cached_property
from itertools import chain

from rollproof.catalog.capture import Scope
from rollproof.model.footprint import Footprint
from rollproof.model.schema_parts import REST, Group, divided, schema_in
from rollproof.model.snapshot import Facts, Snapshot
from rollproof.rows.scan import TableScan
from rollproof.sources.live import Live
from rollproof.sources.recorded import Recorded
from rollproof.sources.source import Known
from rollproof.sources.table_groups import TableGroup


class LivePart(Live):
    """The schemas of one group of a database that is open, or with `REST` what belongs to none of the groups.

    What is asked of it is its part of what the `whole` answers. Groups share the scans of the whole; the rest has its own, so that
    it reads no table of theirs.
    """

    def __init__(self, whole: Live, snapshot: Snapshot, part: Group, groups: Collection[Group]) -> None:
        kept = {name: value for name, value in vars(whole).items() if not _is_derived(name)}
        vars(self).update(kept)  # the same sessions and scans
        Recorded.__init__(self, snapshot, whole.name)
        self.notes = list(whole.notes)
        self._retold, self._asked = {}, {}
        self._whole, self._part, self._groups = whole, part, groups
        self._named = frozenset(part or chain.from_iterable(groups))
        if part == REST:
            self._scans = whole.scans_of(lambda table: self.holds("rows", table))
        else:
            self.scope = Scope(part, whole.scope.backup_schema, whole.scope.log_table)

    def holds(self, facet: str, identity: str) -> bool:
        """Tell whether a fact belongs to this part."""
        return (schema_in(facet, identity) in self._named) == bool(self._part)

    @cached_property
    def scanned(self) -> tuple[str, ...]:
        """Those with rows of their own."""
        return tuple(table for table in self._whole.scanned if self.holds("rows", table))

    @cached_property
    def footprints(self) -> Mapping[str, Footprint]:
        """What the server counts of each table that is scanned."""
        return {table: told for table, told in self._whole.footprints.items() if self.holds("rows", table)}

    def known(self, facet: str, group: TableGroup) -> Known:
        """Return the facts of these tables, as the whole has them."""
        mine = TableGroup(group.label, frozenset(group.of(self.scanned)))
        return super().known(facet, mine if facet in ("rows", "content") else group)

    def read_by_now(self) -> Mapping[str, TableScan]:
        """Return what is known of the rows of each table without waiting."""
        return {table: scan for table, scan in self._whole.read_by_now().items() if self.holds("rows", table)}

    def retold(self, facet: str, sql: str) -> Recorded | None:
        """Return one facet as another query returns it; None if the server rejects the query."""
        told = self._whole.retold(facet, sql)
        return told and Recorded(divided(told.snapshot, self._groups)[self._part], self.name)

    def begin_dump(self) -> None:
        """Start nothing: a dump would read the definitions of all schemas."""

    def unavailable(self, facet: str) -> str | None:
        """Why the facet is not here: it belongs to no schema, or it is asked of whole databases; else None."""
        return self.snapshot.absent.get(facet) or super().unavailable(facet)

    def late(self, facet: str) -> tuple[Facts, Facts]:
        """Return the facts of a late facet, and the unknown ones."""
        if facet not in self._asked:
            facts, unknown = (
                {identity: text for identity, text in told.items() if self.holds(facet, identity)}
                for told in self._whole.late(facet)
            )
            self._asked[facet] = facts, unknown
        return self._asked[facet]


def parts_of(live: Live, groups: Collection[Group]) -> dict[Group, LivePart]:
    """Return each group of schemas as a source, and the `REST`."""
    parts = divided(live.snapshot, groups)
    return {part: LivePart(live, snapshot, part, groups) for part, snapshot in parts.items()}


def _is_derived(name: str) -> bool:
    return isinstance(getattr(Live, name, None), cached_property)

"""The two sides of the comparison: what was (the reference) and what is (the subject)."""

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from rollproof.catalog.capture import Scope, capture, objects_of_the_log, retell
from rollproof.catalog.pg_dump import FACET as DUMP
from rollproof.catalog.pg_dump import Dump
from rollproof.model.errors import Inconclusive
from rollproof.model.facets import traits
from rollproof.model.names import table_of
from rollproof.model.snapshot import Facts, Snapshot
from rollproof.rows.scan import Content
from rollproof.rows.scan_cache import ScanCache
from rollproof.rows.scanner import Progress, Scanner, outdated
from rollproof.rows.tables import ScannableTable, relations
from rollproof.server.reader import SnapshotReader
from rollproof.sources.baseline import Seal

CONTENT = ("rows", "content")  # the facets that cost a scan


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


@dataclass(frozen=True)
class Known:
    """The facts of one facet and owner, and those that could not be had: identity → reason."""

    facts: Mapping[str, str]
    unknown: Mapping[str, str]


class Source(Protocol):
    """What was, or what is."""

    name: str

    @property
    def version(self) -> int:
        """The server's, as `server_version_num` has it: 150018."""

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables known, quoted and qualified, sorted."""

    @property
    def scanned(self) -> tuple[str, ...]:
        """Those whose own rows are counted and fingerprinted, materialised views among them."""

    def known(self, facet: str, owner: TableGroup) -> Known:
        """Return what is known of a facet, waiting for it if need be. Raises `Inconclusive` if nothing can be said."""

    def unavailable(self, facet: str) -> str | None:
        """Return why this side does not hold the facet, which is no fault of anybody's; None if it does."""

    def begin(self) -> None:
        """Begin to scan the contents, if that is how this side knows them; else they are scanned when first asked for."""


class Recorded:
    """What a snapshot says; `seal` vouches for it, if it came from a file."""

    def __init__(self, snapshot: Snapshot, name: str, seal: Seal | None = None) -> None:
        self.snapshot = snapshot
        self.name = name
        self.seal = seal
        self.notes: list[str] = []
        self._by_table: dict[str, dict[str | None, dict[str, str]]] = {}

    @property
    def sha256(self) -> str:
        """The SHA-256 of the snapshot as it stands in its file; "" if it came from none."""
        return self.seal.sha256 if self.seal else ""

    @property
    def signed(self) -> bool:
        """Whether its file was signed with the key that this run was given."""
        return self.seal is not None and self.seal.signed

    @property
    def version(self) -> int:
        """The server's, at that time."""
        return self.snapshot.origin.server_version

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """The tables, foreign and partitioned ones among them."""
        return self.snapshot.tables

    @cached_property
    def scanned(self) -> tuple[str, ...]:
        """Those with rows of their own; unreadable ones too, whose content is unknown."""
        return tuple(sorted({*self.snapshot.facts("rows"), *self.snapshot.unknown.get("rows", ())}))

    def unavailable(self, facet: str) -> str | None:
        """A snapshot holds every facet but those it was not promised: a baseline of an older rollproof, no pg_dump."""
        if facet in self.snapshot.facets:
            return None
        reason = self.snapshot.absent.get(facet)
        if facet == DUMP:
            reason = reason or f"rollproof {self.snapshot.origin.tool} did not run it"
            return f"pg_dump said nothing about {self.name}: {reason}"
        if traits(facet).since and not reason and facet not in self.snapshot.unknown:
            return f"{self.name} was written by rollproof {self.snapshot.origin.tool}, which did not ask for it"
        return reason and f"{facet} cannot be read in {self.name}: {reason}"

    def note(self, text: str) -> None:
        """Remember a sentence that belongs with the verdict; said twice it is told once."""
        if text not in self.notes:
            self.notes.append(text)

    def begin(self) -> None:
        """Everything is recorded already."""

    def known(self, facet: str, owner: TableGroup) -> Known:
        """Return the recorded facts. Raises `Inconclusive` if the facet was not recorded."""
        facts = self._facts(facet)
        unknown = self.snapshot.unknown.get(facet, {})
        if facet not in self._by_table:
            self._by_table[facet] = by_table({**facts, **unknown})
        mine = {identity for part in _parts(self._by_table[facet], owner) for identity in part}
        known = {identity: facts[identity] for identity in mine if identity in facts}
        old = {identity: why for identity in known if facet == "content" and (why := outdated(known[identity]))}
        return Known(
            {identity: fact for identity, fact in known.items() if identity not in old},
            {identity: unknown[identity] for identity in mine if identity in unknown} | old,
        )

    def hashes_of(self, table: str) -> bytes | None:
        """Return the hashes of a table's rows; None where they were not kept, or of another kind than ours."""
        if outdated(self.snapshot.facets.get("content", {}).get(table, "")):
            return None
        return self.snapshot.hashes.get(table)

    def _facts(self, facet: str) -> Facts:
        return self.snapshot.facts(facet)


class Live(Recorded):
    """What a database says now: the catalogue at once, the contents when their scans are done, and what pg_dump says.

    `missing` says of facets why this database cannot hold them; `wanted` is the major version of the pg_dump that the other
    side was dumped with, if that is known. `dumped` begins pg_dump at once: each may need a server's process for long.
    """

    def __init__(  # noqa: PLR0913 (what it is of, and what the other side has to do with it)
        self,
        view: SnapshotReader,
        scope: Scope,
        name: str,
        missing: Mapping[str, str] | None = None,
        wanted: int | None = None,
        *,
        dumped: bool = False,
    ) -> None:
        schemas = view.ask(scope.names)
        own = view.ask(lambda connection: objects_of_the_log(connection, scope.log_table))
        self._dump = Dump(view, schemas, own, wanted)
        if dumped:
            self.begin_dump()
        super().__init__(capture(view, scope), name)
        self._missing = missing or {}
        self.view = view
        self.scope = scope
        self._retold: dict[str, Recorded] = {}
        self._contents = Scanner(view, view.ask(lambda connection: relations(connection, schemas)))

    @cached_property
    def scanned(self) -> tuple[str, ...]:
        """Those with rows of their own."""
        return tuple(sorted(self._contents.tables))

    def begin(self) -> None:
        """Begin the scans."""
        self._contents.begin()

    def held(self, table: str) -> ScannableTable | None:
        """Return the table as something to read rows of; None if it has no rows of its own here."""
        return self._contents.held(table)

    def estimate(self, table: str) -> int | None:
        """Return what the planner takes for the number of its rows: -1 if it was never told, None if it does not go by that."""
        return self._contents.estimate(table)

    def progress(self) -> Progress:
        """Return how far the scans are."""
        return self._contents.progress()

    def keep_in(self, kept: ScanCache) -> None:
        """Keep the contents as they become known, and do not read again what was kept; to be called before `begin`."""
        self._contents.keep_in(kept)

    def begin_dump(self) -> None:
        """Begin to run pg_dump."""
        self._dump.begin()

    def known(self, facet: str, owner: TableGroup) -> Known:
        """Return the facts, waiting for the scans of just these tables, or for pg_dump, where the facet needs them."""
        if facet not in CONTENT:
            return super().known(facet, owner)
        facts, unknown = {}, {}
        for table in owner.of(self._contents.tables):
            try:
                content = self._contents.of(table)
            except Inconclusive as error:
                unknown[table] = str(error)
            else:
                facts[table] = str(content.rows) if facet == "rows" else content.fingerprint
        return Known(facts, unknown)

    def retold(self, facet: str, sql: str) -> Recorded:
        """Return one facet as another question tells it, of the same instant. Raises `Inconclusive` if it is not understood."""
        if sql not in self._retold:
            facts, unknown = retell(self.view, self.scope, facet, sql)
            self._retold[sql] = Recorded(Snapshot(self.snapshot.origin, {facet: facts}, {facet: unknown}), self.name)
        return self._retold[sql]

    def _facts(self, facet: str) -> Facts:
        return self._dump.facts if facet == DUMP else super()._facts(facet)

    def unavailable(self, facet: str) -> str | None:
        """A database holds every facet, a restored one those that its dump held; what pg_dump says only if it could be asked."""
        return self._missing.get(facet) or (self._dump.unavailable if facet == DUMP else super().unavailable(facet))

    def complete(self, growing: Container[str] = ()) -> Snapshot:
        """Wait for everything and return it as one snapshot, as a baseline wants it; `growing` are tables that may grow."""
        self.begin_dump()
        self.begin()
        facets, unknown = dict(self.snapshot.facets), dict(self.snapshot.unknown)
        absent = dict(self.snapshot.absent)
        if reason := self.unavailable(DUMP):
            absent[DUMP] = reason
        else:
            facets[DUMP] = dict(self._dump.facts)
        for facet in CONTENT:
            known = self.known(facet, EVERYTHING)
            facets[facet] = dict(known.facts)
            if known.unknown:
                unknown[facet] = dict(known.unknown)
        rows, prints = (facets[facet] for facet in CONTENT)
        read = {table: Content(int(rows[table]), prints[table]) for table in rows.keys() & prints.keys()}
        return Snapshot(self.snapshot.origin, facets, unknown, absent, self._contents.hashes(read, growing))


def by_table(facts: Mapping[str, str]) -> dict[str | None, dict[str, str]]:
    """Return the facts by the path their identities begin with; None for those that begin with none."""
    parts: dict[str | None, dict[str, str]] = {}
    for identity, description in facts.items():
        parts.setdefault(table_of(identity), {})[identity] = description
    return parts


def _parts(by_table: Mapping[str | None, dict[str, str]], owner: TableGroup) -> Iterable[dict[str, str]]:
    if owner.ungrouped:
        return [part for table, part in by_table.items() if table not in owner.names]
    return [by_table[table] for table in owner.names if table in by_table]


MANY = 500  # tables; above, they are checked in groups, because ten thousand pytest items cost more than the checks
GROUPS = 20


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

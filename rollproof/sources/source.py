"""What a check asks of what was (the reference) and of what is (the subject), whatever kind of source each of them is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from rollproof.model.snapshot import Facts, Origin
from rollproof.rows.scan_cache import ScanCache
from rollproof.rows.scanner import NO_PROGRESS, Progress
from rollproof.rows.tables import ScannableTable
from rollproof.server.reader import SnapshotReader
from rollproof.sources.baseline import Seal
from rollproof.sources.table_groups import TableGroup

CONTENT = ("rows", "content")  # the facets that cost a scan


@dataclass(frozen=True)
class Known:
    """The facts of one facet and owner, and those that could not be had: identity → reason."""

    facts: Mapping[str, str]
    unknown: Mapping[str, str]


class Source(Protocol):
    """A baseline file, a database, or the migration's copies: facts of one instant. What a kind cannot have has a default here.

    `view` reads its database (None: it is a file), `seal` vouches for its file, `notes` are sentences that belong with the verdict.
    """

    name: str
    notes: list[str]
    view: SnapshotReader | None = None
    seal: Seal | None = None

    @property
    def version(self) -> int:
        """The server's, as `server_version_num` has it: 150018."""

    @property
    def origin(self) -> Origin | None:
        """Where and when the facts were read; None for copies, which lie in the subject."""
        return None

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables known, quoted and qualified, sorted."""

    @property
    def scanned(self) -> tuple[str, ...]:
        """Those whose own rows are counted and fingerprinted, materialised views among them."""

    @property
    def recorded(self) -> Mapping[str, Facts]:
        """The facts that are there without waiting, by facet; plans and answers among them, where a baseline has them."""
        return {}

    def known(self, facet: str, group: TableGroup) -> Known:
        """Return what is known of a facet, waiting for it if need be. Raises `Inconclusive` if nothing can be said."""

    def unavailable(self, facet: str) -> str | None:
        """Return why this source cannot have the facet (not an error); None if it can."""

    def retold(self, facet: str, sql: str) -> "Source | None":  # noqa: ARG002 (of what is no database nothing else can be asked)
        """Return one facet as another query tells it, of the same instant; None where that query cannot be asked."""
        return None

    def scannable(self, table: str) -> ScannableTable | None:  # noqa: ARG002
        """Return the table as something to read rows of; None if this source keeps no rows of it."""
        return None

    def rows_of(self, table: str) -> tuple[ScannableTable, str] | None:  # noqa: ARG002
        """Return the rows as they were and what to call them; None if this kind of source keeps no rows of that table.

        Raises `Inconclusive` where it would keep them, and the table is not there.
        """
        return None

    def hashes_of(self, table: str) -> bytes | None:  # noqa: ARG002
        """Return the hashes of a table's rows; None where they were not kept, or of another kind than ours."""
        return None

    def begin(self) -> None:
        """Begin to scan the contents, if that is how this source knows them; else they are scanned when first asked for."""
        return

    def begin_dump(self) -> None:
        """Begin to run pg_dump, where it can be run."""
        return

    def keep_in(self, cache: ScanCache) -> None:  # noqa: ARG002
        """Keep the contents as they become known, and do not read again what was kept; to be called before `begin`."""
        return

    def progress(self) -> Progress:
        """Return how far the scans are."""
        return NO_PROGRESS

    def note(self, text: str) -> None:
        """Remember a sentence that belongs with the verdict; said twice it is told once."""
        if text not in self.notes:
            self.notes.append(text)

"""Scans: which tables are read in one statement and which in parts, and what is computed of each.

The fingerprint is the sum over all rows of a 64-bit hash of the row's stored image (`row_hash`), so neither the physical
order nor the order of scanning matters, the parts of a table can be added up, and every row that is lost, doubled or changed
counts. Two tables that differ have the same sum by chance once in 2^64 times; such a pair can be made on purpose. Columns are
taken in the order of their names: the order of columns is compared by the facet `column_order`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rollproof.model.detail import Sums
from rollproof.rows.detail import Divided, divided_rows, sums_of
from rollproof.rows.row_hash import ALGORITHM, Type, row_hash
from rollproof.rows.suspects import NOBODY, Suspect, order
from rollproof.rows.tables import Relation
from rollproof.server.reader import Connection
from rollproof.server.relation_identity import replaced

PAGE = 8192  # bytes; what a server was built with differs so rarely that estimates do not ask
SMALL = 128  # pages; smaller tables are asked about together
TOGETHER = 50  # tables; each keeps its lock until the transaction ends
PART = (2_048, 131_072)  # pages, 16 MiB to 1 GiB: larger tables are read in such parts
ROWS = 512  # more places than a page has rows

Place = tuple[int, int]  # a ctid: page and line pointer


@dataclass(frozen=True)
class Content:
    """The exact number of rows of a table, and their fingerprint: `ALGORITHM:` and a whole number."""

    rows: int
    fingerprint: str

    @property
    def total(self) -> int:
        """The sum of the hashes of all rows."""
        return int(self.fingerprint.rpartition(":")[2])


@dataclass(frozen=True)
class TableScan:
    """What is known by now of a scanned table: its `rows`, its `bytes` on disk without TOAST, the `seconds` that sessions read it.

    None: nobody knows (yet). `unread`: its rows are a baseline's, since nobody wrote to it.
    """

    rows: int | None = None
    bytes: int | None = None
    seconds: float | None = None
    unread: bool = False


@dataclass(frozen=True)
class Scan:
    """One statement's worth: several small tables, or the ctids of one from `first` up to `end` (None: to its end).

    A scan of several tables `together` that fails gives no reason: then each of them is scanned alone. One of a single table
    that is `divided` tells the sums of its parts, too.
    """

    relations: tuple[Relation, ...]
    pages: int
    first: Place = (0, 0)
    end: Place | None = None
    together: bool = False
    reads: tuple[str, ...] = ()
    divided: Divided | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The relations that are read, as in FROM: these tables, unless `reads` names others."""
        return self.reads or tuple(relation.source for relation in self.relations)

    @property
    def where(self) -> str:
        """These ctids as a WHERE clause for the table `x`; "" for all."""
        places = self.places("x")
        return f" WHERE {places}" if places else ""

    def places(self, alias: str) -> str:
        """These ctids as a condition on the table of this alias; "" for all."""
        places = [f"{alias}.ctid >= '({self.first[0]},{self.first[1]})'"] if self.first != (0, 0) else []
        places += [f"{alias}.ctid < '({self.end[0]},{self.end[1]})'"] if self.end is not None else []
        return " AND ".join(places)


def complete(scans: Iterable[Scan]) -> bool:
    """Whether these scans of one table, in any order, cover each ctid exactly once."""
    expected: Place | None = (0, 0)
    for scan in sorted(scans, key=lambda scan: scan.first):
        if scan.first != expected:
            return False
        expected = scan.end
    return expected is None


@dataclass(frozen=True)
class Part:
    """A part of a table: number of rows, sum of their hashes, its relfilenode, the snapshot, and the seconds it took.

    Tables that are read in one statement share its seconds by their sizes. `sums` are those of a divided scan.
    """

    rows: int
    total: int
    file: str
    instant: str
    seconds: float = 0.0
    sums: Sums = field(default_factory=dict)


def plan(found: Iterable[Relation], jobs: int, first: Mapping[str, Suspect] = NOBODY) -> list[Scan]:
    """Return the scans: suspects first, then the largest tables, in parts so small that `jobs` sessions end at about one time."""
    tables = {relation.name: relation for relation in found}
    suspects = [tables[name] for name in order({name: each.weight for name, each in tables.items()}, first)]
    others = sorted(
        (each for each in tables.values() if each.name not in first), key=lambda each: (-each.weight, each.name)
    )
    shares = jobs * (16 if suspects else 2)  # with suspects, no small tables may be left to the end
    left = sum(each.weight for each in others)
    urgent = _in_parts(suspects, left + sum(each.weight for each in suspects), shares)
    return [*_together(suspects), *urgent, *_in_parts(others, left, shares), *_together(others)]


def _in_parts(relations: Iterable[Relation], left: int, shares: int) -> Iterator[Scan]:
    """Yield parts of large tables, each a share of the pages that are `left`: the last are small, so nobody waits long for one."""
    for relation in relations:
        first = 0
        while relation.weight >= SMALL and first < max(relation.pages, 1):
            size = min(max(left // shares, PART[0]), PART[1])
            pages = max(size * relation.pages // relation.weight, 1)
            end = first + pages if relation.heap and first + pages * 5 // 4 < relation.pages else None
            taken = (end or relation.pages) - first
            yield Scan((relation,), taken, (first, 0), (end, 0) if end else None)  # the last one: it may have grown
            left -= taken * relation.weight // max(relation.pages, 1)
            first += taken if end else relation.pages + 1


def _together(relations: Iterable[Relation]) -> Iterator[Scan]:
    small = [relation for relation in relations if relation.weight < SMALL]
    for start in range(0, len(small), TOGETHER):
        group = tuple(small[start : start + TOGETHER])
        yield Scan(group, sum(each.pages for each in group), together=len(group) > 1)


def read(connection: Connection, scan: Scan) -> dict[str, Part]:
    """Return the part of each table of a scan, by name; the transaction must have read nothing else.

    Raises what the server raises, and `Inconclusive` if a table was rewritten or replaced meanwhile.
    """
    version = connection.info.server_version
    if scan.divided:
        return {scan.relations[0].name: _divided(connection, scan, scan.divided, version)}
    selects = [_select(number, relation, scan, version) for number, relation in enumerate(scan.relations)]
    parts = {}
    for number, rows, total, was, file, instant, others in execute(connection, " UNION ALL ".join(selects)):
        name = scan.relations[int(str(number))].name
        if others or was != file:
            raise replaced(name)
        parts[name] = Part(int(str(rows)), int(str(total)), str(file), str(instant))
    return parts


def _divided(connection: Connection, scan: Scan, divided: Divided, version: int) -> Part:
    (relation,) = scan.relations
    known, now = _files(relation)
    parts = divided_rows(relation, divided, version, scan.first, scan.end)
    query = (
        f"SELECT COALESCE(sum(n), 0)::int8, COALESCE(sum(t::numeric), 0)::text, {known}, {now}, pg_current_snapshot()::text,"
        f" {relation.renamed}, array_agg(p), array_agg(n), array_agg(t) FROM ({parts}) AS parts (p, n, t)"
    )
    found = connection.execute(query.encode(), divided.parameters).fetchall()
    rows, total, was, file, instant, others, *sums = found[0]
    if others or was != file:
        raise replaced(relation.name)
    told = list(zip(*(each or () for each in sums), strict=True))
    return Part(int(str(rows)), int(str(total)), str(file), str(instant), sums=sums_of(told))


def execute(connection: Connection, select: str) -> list[tuple[object, ...]]:
    """Return the rows of a query. Raises what the server raises."""
    return connection.execute(select.encode()).fetchall()


def _select(number: int, relation: Relation, scan: Scan, version: int) -> str:
    # The alias cannot be mistaken for a column: each column is named with it.
    known, now = _files(relation)
    others = relation.others if len(scan.relations) > 1 else relation.other
    return (
        f"SELECT {number}, count(*), COALESCE(sum({row_hash('x', relation.columns, version)}), 0)::text,"
        f" {known}, {now}, pg_current_snapshot()::text, {others} FROM {relation.source} AS x{scan.where}"
    )


def _files(relation: Relation) -> tuple[str, str]:
    """Return SQL for the file as the snapshot knows it, and as it is: a rewritten table's rows are not those of the snapshot."""
    known, now = _labels(relation)
    file = f"(SELECT c.relfilenode::text FROM pg_catalog.pg_class AS c WHERE c.oid = {relation.oid})"
    return f"{file}{known}", f"COALESCE(pg_relation_filenode({relation.oid}), 0)::text{now}"


def _labels(relation: Relation) -> tuple[str, str]:
    """Return SQL for enum labels in the snapshot and now: values are printed with the labels of now."""
    enums = sorted({type_.name for type_ in all_types(relation) if type_.kind == "enum"})
    quoted = [name.replace("'", "''") for name in enums]
    known = (
        f" || ARRAY(SELECT e.enumlabel FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = '{name}'::regtype"
        " ORDER BY e.enumsortorder)::text"
        for name in quoted
    )
    return "".join(known), "".join(f" || enum_range(NULL::{name})::text" for name in enums)


def all_types(relation: Relation) -> Iterator[Type]:
    """Yield the types of the columns, and all types that these contain."""
    found = [type_ for _, type_ in relation.columns]
    while found:
        yield (type_ := found.pop())
        found += [part for _, part in type_.parts]


def scan(connection: Connection, relation: Relation) -> Content:
    """Count and fingerprint one table's own rows in one go. Raises as `read` does."""
    return added_up(read(connection, Scan((relation,), relation.pages)).values())


def added_up(parts: Iterable[Part]) -> Content:
    """Add up all parts of a table, in any order."""
    known = list(parts)
    return Content(sum(part.rows for part in known), fingerprint(part.total for part in known))


def fingerprint(sums: Iterable[int]) -> str:
    """Return the fingerprint of rows from their hashes, or from sums of these, in any order."""
    return f"{ALGORITHM}:{sum(sums)}"


def together(fingerprints: Iterable[str]) -> str:
    """Return the fingerprint of the rows of several tables with the same columns."""
    return fingerprint(Content(0, each).total for each in fingerprints)


def timed(parts: Mapping[str, Part], scan: Scan, seconds: float) -> dict[str, Part]:
    """Return the parts of a scan with what each took of its seconds."""
    pages = {relation.name: max(relation.pages, 0) + 1 for relation in scan.relations}  # -1: not known
    share = seconds / sum(pages.values())
    return {name: replace(part, seconds=share * pages[name]) for name, part in parts.items()}


def belong_together(parts: Sequence[Part]) -> bool:
    """Whether the parts are of the same relfilenode and snapshot; only then they are one table."""
    return len({(part.file, part.instant) for part in parts}) == 1


def sized(connection: Connection, found: Mapping[str, Relation]) -> dict[int, int]:
    """Return the tables' true sizes in pages, by oid. Raises as `weighed` does."""
    rows = connection.execute(
        b"SELECT oid, pg_relation_size(oid) FROM unnest($1::int8[]) AS wanted (oid)",
        ([relation.oid for relation in found.values()],),
    ).fetchall()
    return {int(str(oid)): int(str(size or 0)) // PAGE for oid, size in rows}


# To ask for the size of a table that somebody else holds locked would keep all scans waiting.
_WEIGHTS = """
SELECT oid, pg_relation_size(oid), pg_table_size(oid) FROM unnest($1::int8[]) AS wanted (oid)
WHERE oid::oid NOT IN (
    SELECT l.relation FROM pg_catalog.pg_locks AS l WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
)
"""


def weighed(connection: Connection, found: Iterable[Relation]) -> dict[int, tuple[int, int]]:
    """Return the tables' sizes in pages, and in bytes with TOAST, by oid; without those that others hold locked.

    Raises what the server raises, as for a table that was locked just then.
    """
    rows = connection.execute(_WEIGHTS.encode(), ([relation.oid for relation in found],)).fetchall()
    return {int(str(oid)): (int(str(own or 0)) // PAGE, int(str(every or 0))) for oid, own, every in rows}

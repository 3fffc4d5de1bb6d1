"""Rows that differ between two tables: both are read once and grouped by the hash of their keys, inside PostgreSQL.

Tables of one database are grouped in one query. For tables of two servers each server first adds up its rows in buckets of
keys; then only the rows of buckets that differ are fetched, as hashes and ctids, a bounded number at a time.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from rollproof.model.errors import Inconclusive
from rollproof.rows.paced_scan import Ask, whole
from rollproof.rows.paired_columns import PairedColumns
from rollproof.rows.row_hash import combined, seed
from rollproof.rows.scan import Scan
from rollproof.rows.tables import ScannableTable
from rollproof.server.reader import Connection

AT_ONCE = 1000  # rows fetched from the server at a time
ON_OUR_SIDE = 25_000  # rows of each of two servers that we hold at once
BUCKETS = 16_384
COUNTED = 1_000_000  # rows that are counted beyond what is needed, where one query finds them all …
COUNTED_BETWEEN_TWO = 50_000  # … and where each further part costs a scan

_Sums = dict[int, tuple[int, int]]  # of a bucket of keys: how many rows, and the sum of their hashes

MISSING, EXTRA, CHANGED, RESPELLED, REPEATED = "missing", "extra", "changed", "key spelling", "repeated"


@dataclass(frozen=True)
class RowChange:
    """A row that differs: its ctid (or None) and its number of occurrences on each side.

    Occurrences have one key (in a table without a key: all columns are equal). `key spelling` are two keys that differ in
    case, hyphens, braces and outer blanks only.
    """

    kind: str
    was: str | None
    now: str | None
    rows: tuple[int, int] = (1, 1)


@dataclass(frozen=True)
class Pair:
    """Two tables that should hold the same rows; `key` are quoted columns, () if the table has no key."""

    was: ScannableTable
    now: ScannableTable
    key: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of both tables."""
        names = {name for name, _ in self.now.relation.columns}
        return tuple(name for name, _ in self.was.relation.columns if name in names)

    @property
    def on_one_side(self) -> tuple[str, ...]:
        """Columns of only one of them."""
        was, now = ({name for name, _ in held.relation.columns} for held in (self.was, self.now))
        return tuple(sorted(was ^ now))

    @cached_property
    def paired(self) -> PairedColumns:
        """The same columns, with their types."""
        was, now = (dict(held.relation.columns) for held in (self.was, self.now))
        return PairedColumns({column: (was[column], now[column]) for column in self.columns})

    def value(self, held: ScannableTable, column: str, number: int) -> str:
        """Return SQL for the hash of one column, NULL for NULL."""
        return self.paired.value_hash("x", column, seed(number), held.view.version, newer=held is self.now)

    def hashes(self, held: ScannableTable) -> tuple[str, str, str]:
        """Return SQL for the hashes of a row's key, of its key without regard to spelling, and of all columns."""
        row = self._hash(held, self.columns)
        if not self.key:
            return row, row, row
        plain = (f"""translate(lower(btrim(concat(x.{column})) COLLATE "C"), '-{{}}', '')""" for column in self.key)
        loose = combined([f'hashtextextended({text} COLLATE "C", {seed(number)})' for number, text in enumerate(plain)])
        return self._hash(held, self.key), loose, row

    def _hash(self, held: ScannableTable, columns: Sequence[str]) -> str:
        return self.paired.row_hash("x", columns, held.view.version, newer=held is self.now)


@dataclass(frozen=True)
class FetchedRow:
    """One row fetched by its ctid: its key as text, a hash of each column (None for NULL), and each column as text."""

    key: tuple[str | None, ...]
    hashes: tuple[int | None, ...]
    values: tuple[str | None, ...]


FetchRows = Callable[
    [ScannableTable, Sequence[str]], Mapping[str, FetchedRow]
]  # rows by their places, of those that are still there
Consumer = Callable[
    [Sequence[RowChange], FetchRows], bool
]  # what is found, a part at a time; it answers whether more is needed


def find_changes(pair: Pair, rows: int, take: Consumer) -> bool:
    """Pass the rows that differ to `take`, until it needs no more and many were counted; tell whether these were all.

    `rows` is the approximate number of rows of the larger table. Raises `Inconclusive` if a server refuses.
    """
    if not (pair.was.relation.heap and pair.now.relation.heap):
        raise Inconclusive("rows of a table whose access method is not heap have no places to name them by")
    if pair.was.view is pair.now.view and not pair.now.view.pace:  # gently nothing is asked that cannot be divided
        sources = [held.relation.source for held in (pair.was, pair.now)]
        return pair.now.view.ask(lambda connection: _in_one_database(connection, pair, take), reads=sources)
    return _between_two(pair, rows, take)


# A key that is on both sides stays for itself; those on one side only are paired by what does not depend on the spelling.
_UNLIKE = """
WITH each (k, c, r, t, was) AS (
    SELECT {was}, x.ctid, true FROM {was_rows}
    UNION ALL SELECT {now}, x.ctid, false FROM {now_rows}
), unlike AS (
    SELECT k, min(c) AS c, count(*) FILTER (WHERE was) AS a, count(*) FILTER (WHERE NOT was) AS b,
           min(t) FILTER (WHERE was) AS ta, min(t) FILTER (WHERE NOT was) AS tb
    FROM each GROUP BY k
    HAVING count(*) FILTER (WHERE was) <> count(*) FILTER (WHERE NOT was)
        OR sum(r) FILTER (WHERE was) IS DISTINCT FROM sum(r) FILTER (WHERE NOT was)
)
SELECT array_agg(a), array_agg(b), array_agg(ta::text), array_agg(tb::text)
FROM unlike GROUP BY c, a > 0 AND b > 0
ORDER BY min(tb), min(ta)
"""

Group = tuple[Sequence[int], Sequence[int], Sequence[str | None], Sequence[str | None]]


def _in_one_database(connection: Connection, pair: Pair, take: Consumer) -> bool:
    was, now = (", ".join(pair.hashes(held)) for held in (pair.was, pair.now))
    query = _UNLIKE.format(was=was, now=now, was_rows=pair.was.rows, now_rows=pair.now.rows)
    connection.execute(b"SELECT set_config('cursor_tuple_fraction', '1', true)")  # all of it will be fetched
    connection.execute(f"DECLARE unlike NO SCROLL CURSOR FOR {query}".encode())

    def look(held: ScannableTable, places: Sequence[str]) -> Mapping[str, FetchedRow]:
        return _looked_up(connection, pair, held, places)

    counted = 0
    while groups := connection.execute(f"FETCH {AT_ONCE} FROM unlike".encode()).fetchall():
        counted += len(groups)
        needed = take([found for group in groups for found in kinds(group)], look)  # type: ignore[arg-type] # four arrays
        if not needed and counted >= COUNTED:
            return False
    return True


def kinds(group: Group) -> Iterator[RowChange]:
    """Classify the rows of one key, or of keys that differ in spelling only."""
    before, after, was, now = group
    if len(before) == 2 and sorted(before) == sorted(after) == [0, 1]:  # noqa: PLR2004 (one row gone, one come)
        yield RowChange(RESPELLED, next(filter(None, was)), next(filter(None, now)))
        return
    for a, b, gone, come in zip(before, after, was, now, strict=True):
        kind = MISSING if not b else EXTRA if not a else CHANGED if a == b == 1 else REPEATED
        yield RowChange(kind, gone, come, (a, b))


def _looked_up(
    connection: Connection, pair: Pair, held: ScannableTable, places: Sequence[str]
) -> Mapping[str, FetchedRow]:
    def texts(columns: Iterable[str]) -> str:
        written = (f"CASE WHEN x.{column} IS DISTINCT FROM NULL THEN concat(x.{column}) END" for column in columns)
        return f"ARRAY[{', '.join(written)}]::text[]"

    hashes = ", ".join(pair.value(held, column, number) for number, column in enumerate(pair.columns))
    query = (
        f"SELECT x.ctid::text, {texts(pair.key)}, ARRAY[{hashes}]::int8[], {texts(pair.columns)}"
        f" FROM {held.rows} AND x.ctid = ANY ($1::text[]::tid[])"
    )
    found = connection.execute(query.encode(), (list(places),)).fetchall()
    return {str(place): FetchedRow(tuple(key), tuple(each), tuple(values)) for place, key, each, values in found}  # type: ignore[arg-type]


def _between_two(pair: Pair, rows: int, take: Consumer) -> bool:
    """Compare the rows of differing buckets in our memory, `ON_OUR_SIDE` at a time."""

    def look(held: ScannableTable, places: Sequence[str]) -> Mapping[str, FetchedRow]:
        return held.ask(lambda connection: _looked_up(connection, pair, held, places))

    counted, needed = 0, True
    for part in _parts(pair, rows):
        if not needed and counted >= COUNTED_BETWEEN_TWO:
            return False
        groups: dict[tuple[int, bool], list[_Tally]] = {}
        for tally in _tallied(pair, part):
            if len(set(tally.rows)) > 1 or len(set(tally.sums)) > 1:
                groups.setdefault((tally.loose, all(tally.rows)), []).append(tally)
        every = [found for group in groups.values() for found in kinds(_arrays(group))]
        counted += len(every)
        for start in range(0, len(every), AT_ONCE):
            needed = take(every[start : start + AT_ONCE], look)
    return True


@dataclass(slots=True)
class _Tally:
    """The rows of one key on two servers."""

    key: int
    loose: int
    rows: list[int]
    sums: list[int]
    places: list[str | None]


def _arrays(group: Sequence[_Tally]) -> Group:
    rows, places = (
        zip(*(tally.rows for tally in group), strict=True),
        zip(*(tally.places for tally in group), strict=True),
    )
    return (*rows, *places)  # type: ignore[return-value] # two and two


def _tallied(pair: Pair, buckets: Sequence[int] | None) -> Iterable[_Tally]:
    found: dict[int, _Tally] = {}
    for side, held in enumerate((pair.was, pair.now)):
        for key, loose, row, place in chain.from_iterable(
            whole(held.view, held.relation, _rows_of(pair, held, buckets))
        ):
            tally = found.setdefault(key, _Tally(key, loose, [0, 0], [0, 0], [None, None]))
            tally.rows[side] += 1
            tally.sums[side] += row
            tally.places[side] = tally.places[side] or place
    return found.values()


def _rows_of(pair: Pair, held: ScannableTable, buckets: Sequence[int] | None) -> Ask[list[tuple[int, int, int, str]]]:
    wanted, parameters = "", None
    if buckets is not None:
        wanted, parameters = f" WHERE c & {BUCKETS - 1} = ANY ($1)", (list(buckets),)

    def ask(scan: Scan) -> Callable[[Connection], list[tuple[int, int, int, str]]]:
        query = f"SELECT k, c, r, t::text FROM ({_each(pair, held, scan)}) AS each{wanted}"
        return lambda connection: connection.execute(query.encode(), parameters).fetchall()  # type: ignore[return-value]

    return ask


def _each(pair: Pair, held: ScannableTable, scan: Scan) -> str:
    key, loose, row = pair.hashes(held)
    own = f"{scan.where} AND {held.relation.own}" if scan.where else f" WHERE {held.relation.own}"
    return f"SELECT {key} AS k, {loose} AS c, {row} AS r, x.ctid AS t FROM {held.relation.source} AS x{own}"


def _parts(pair: Pair, rows: int) -> Iterator[Sequence[int] | None]:
    """Yield differing buckets, with at most about `ON_OUR_SIDE` rows at a time; None: the whole table."""
    if rows <= ON_OUR_SIDE:
        yield None
        return
    was, now = (_added(whole(held.view, held.relation, _sums_of(pair, held))) for held in (pair.was, pair.now))
    part: list[int] = []
    held_rows = 0
    for bucket in sorted(bucket for bucket in was.keys() | now.keys() if was.get(bucket) != now.get(bucket)):
        part.append(bucket)
        held_rows += max(side.get(bucket, (0, 0))[0] for side in (was, now))
        if held_rows > ON_OUR_SIDE:
            yield part
            part, held_rows = [], 0
    if part:
        yield part


def _sums_of(pair: Pair, held: ScannableTable) -> Ask[_Sums]:
    def asked(scan: Scan) -> Callable[[Connection], _Sums]:
        each = _each(pair, held, scan)
        query = f"SELECT c & {BUCKETS - 1}, count(*), sum(r)::text FROM ({each}) AS each GROUP BY 1"

        def ask(connection: Connection) -> _Sums:
            found = connection.execute(query.encode()).fetchall()
            return {int(str(bucket)): (int(str(rows)), int(str(hashes))) for bucket, rows, hashes in found}

        return ask

    return asked


def _added(parts: Iterable[_Sums]) -> _Sums:
    """Add up the buckets of all parts of a table."""
    found: _Sums = {}
    for part in parts:
        for bucket, (rows, hashes) in part.items():
            known = found.get(bucket, (0, 0))
            found[bucket] = (known[0] + rows, known[1] + hashes)
    return found

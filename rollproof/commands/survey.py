"""What a database tells of a migration to come or gone: its tables, and questions about a few of them. Read-only."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from rollproof.migration.log import flaws, read
from rollproof.migration.log_table import source
from rollproof.model.bookkeeping import BookkeepingTable, known
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.phase import DEFAULT_PHASE
from rollproof.probes.foreign_keys import Orphans, relationships
from rollproof.server.reader import Connection, SnapshotReader
from rollproof.settings.sections import ForeignKey, Log
from rollproof.sources.table_groups import EVERYTHING

SMALL = 16_384  # pages, 128 MB: a larger table is not read for a guess
_SAMPLE = 1000  # rows that are looked at to tell what a key holds
_UUID = "^[{]?[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}[}]?$"

_TABLES = """
SELECT n.nspname::text, c.relname::text,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), c.relkind::text, c.relispartition,
       ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
       ARRAY(SELECT pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_attribute AS a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
       ARRAY(SELECT a.attname::text FROM pg_catalog.pg_index AS i
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
             WHERE i.indrelid = c.oid AND i.indisprimary),
       ARRAY(SELECT a.attname::text FROM pg_catalog.pg_constraint AS k
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
             WHERE k.conrelid = c.oid AND k.contype = 'f'),
       c.relpages, pg_catalog.pg_stat_get_tuples_inserted(c.oid),
       pg_catalog.pg_stat_get_tuples_updated(c.oid) + pg_catalog.pg_stat_get_tuples_deleted(c.oid)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
ORDER BY n.nspname, c.relname
"""
_ABOUT = """
SELECT pg_catalog.current_database()::text, pg_catalog.current_setting('server_version'),
       ARRAY(SELECT e.extname || ' ' || e.extversion FROM pg_catalog.pg_extension AS e WHERE e.extname <> 'plpgsql' ORDER BY 1),
       ARRAY(SELECT DISTINCT pg_catalog.pg_get_userbyid(c.relowner)::text FROM pg_catalog.pg_class AS c
             JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1)
"""


@dataclass(frozen=True)
class Table:
    """A table: its name raw and `quoted` as SQL writes it, its columns with their types, and what was done to its rows.

    `key` are the columns of its primary key, `referring` those of its foreign keys. `changed` counts updates and deletes;
    both counters begin when the server's statistics do.
    """

    schema: str
    name: str
    quoted: str
    kind: str
    is_part: bool
    columns: Mapping[str, str]
    key: tuple[str, ...]
    referring: frozenset[str]
    pages: int
    inserted: int
    changed: int

    @property
    def books(self) -> BookkeepingTable | None:
        """The migration tool's table that this is; None if it is another one."""
        found = (each for each in known() if each.is_meant(self.schema, self.name, frozenset(self.columns)))
        return next(found, None)


@dataclass(frozen=True)
class Survey:
    """A database: its name, its server's version, extensions, owners of tables, and tables."""

    database: str
    version: str
    extensions: tuple[str, ...]
    owners: tuple[str, ...]
    tables: tuple[Table, ...]


def survey(view: SnapshotReader) -> Survey:
    """Return what the catalogue tells. Raises `Inconclusive` if it cannot be asked."""
    return view.ask(_survey)


def _survey(connection: Connection) -> Survey:
    rows: list[tuple[object, ...]] = connection.execute(_TABLES.encode()).fetchall()
    about: tuple[object, ...] = connection.execute(_ABOUT.encode()).fetchone() or ("", "", (), ())
    database, version, extensions, owners = about
    return Survey(str(database), str(version), _texts(extensions), _texts(owners), tuple(_table(*row) for row in rows))


def _table(*row: object) -> Table:
    schema, name, quoted, kind = map(str, row[:4])
    columns, types, key, referring = map(_texts, row[5:9])
    pages, inserted, changed = (int(str(number or 0)) for number in row[9:12])
    known_columns = dict(zip(columns, types, strict=True))
    return Table(
        schema, name, quoted, kind, bool(row[4]), known_columns, key, frozenset(referring), pages, inserted, changed
    )


def _texts(found: object) -> tuple[str, ...]:
    return tuple(map(str, found)) if isinstance(found, list | tuple) else ()


def holds_uuids(view: SnapshotReader, table: str, column: str) -> bool:
    """Tell whether the first rows hold nothing but UUIDs in a textual column; no if it may not be read. Names are quoted."""
    sql = f"""
    SELECT pg_catalog.count(*), pg_catalog.count(*) FILTER (WHERE x.k OPERATOR(pg_catalog.~) '{_UUID}')
    FROM (SELECT t.{column}::pg_catalog.text AS k FROM ONLY {table} AS t LIMIT {_SAMPLE}) AS x"""
    try:
        rows = view.ask(lambda connection: connection.execute(sql.encode()).fetchone(), reads=[f"ONLY {table}"])
    except Inconclusive:
        return False
    return bool(rows and rows[0] and rows[0] == rows[1])


def words_in(view: SnapshotReader, table: str, column: str, words: Iterable[str]) -> tuple[str, ...]:
    """Return which of these words stand in a textual column; () if it may not be read. Names are quoted."""
    sql = f"""
    SELECT w.word FROM pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY AS w (word, place)
    WHERE EXISTS (SELECT FROM {source(table)} AS t WHERE t.{column}::pg_catalog.text OPERATOR(pg_catalog.=) w.word)
    ORDER BY w.place"""
    try:
        rows = view.ask(
            lambda connection: connection.execute(sql.encode(), (list(words),)).fetchall(), reads=[source(table)]
        )
    except Inconclusive:
        return ()
    return tuple(str(row[0]) for row in rows)


def objection(view: SnapshotReader, log: Log) -> str:
    """Return why a verification after a rollback would object to this log now; "" if it would not."""
    try:
        found = view.ask(partial(read, words=log), reads=[source(log.table)])
    except (Inconclusive, Misuse) as error:
        return str(error).splitlines()[0]
    return next((flaw.sentence for flaw in flaws(found, DEFAULT_PHASE.log)), "")


def kept(view: SnapshotReader, keys: Collection[ForeignKey]) -> Mapping[ForeignKey, bool]:
    """Return of each key whether every row has its parent row now; without those that may not be asked about."""
    told = {}
    for key in keys:
        try:
            told[key] = not [*Orphans(view, relationships([], [key])).of(EVERYTHING)]
        except Inconclusive:
            continue
    return told

"""The copies of tables that the migration made: a source of rows, and checked themselves."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from rollproof.catalog.queries import queries
from rollproof.model.errors import Inconclusive
from rollproof.model.finding import Finding
from rollproof.model.names import PATH, respelled, schema_of, sql_name, unquoted
from rollproof.rows.progress import Progress
from rollproof.rows.scan import Content, TableScan, together
from rollproof.rows.scan_cache import ScanCache
from rollproof.rows.scanner import Scanner
from rollproof.rows.suspects import NOBODY, Suspect
from rollproof.rows.tables import Relation, ScannableTable, relations
from rollproof.server.reader import Connection, SnapshotReader
from rollproof.settings.sections import Backup
from rollproof.sources.source import CONTENT, Known, Source
from rollproof.sources.table_groups import EVERYTHING, TableGroup, by_table

TABLE = "table"  # the one kind that a copy may be
AGAINST_THE_REFERENCE = (
    "backup_content",
    "backup_columns",
    "backup_agreement",
)  # the checks that judge the copies by it

_PARENT = re.compile(f"PARTITION OF ({PATH})")

_COPIES = """
SELECT c.relname,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
       CASE c.relpersistence WHEN 'u' THEN 'unlogged ' WHEN 't' THEN 'temporary ' ELSE '' END
       || CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                         WHEN 'f' THEN 'foreign table' WHEN 'p' THEN 'partitioned table' END
       || (SELECT pg_catalog.concat(
               CASE WHEN pg_catalog.bool_or(i.inhrelid = c.oid) THEN ' that belongs to another one' END,
               CASE WHEN pg_catalog.bool_or(i.inhparent = c.oid) THEN ' that others belong to' END)
           FROM pg_catalog.pg_inherits AS i WHERE c.oid IN (i.inhrelid, i.inhparent))
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'v', 'm', 'f', 'p')
"""

_VIRTUAL = """
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
       pg_catalog.array_agg(pg_catalog.quote_ident(a.attname))
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE a.attgenerated = 'v' AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
GROUP BY 1
"""


class Copies(Source):
    """The backup schema as a source of rows: each copy stands for the table that it was made from."""

    view: SnapshotReader

    def __init__(self, view: SnapshotReader, backup: Backup) -> None:
        self.name = f"backup {backup.schema}"
        self.notes = []
        self.view = view
        self.schema = backup.schema
        self.role = backup.role
        self._pattern = backup.table
        self._copies = view.ask(self._ask_copies)
        self._kinds = dict(self._copies.values())
        self._scans = Scanner(view, view.ask(self._ask_relations))
        self._originals: dict[str, str] = {}

    def _ask_copies(self, connection: Connection) -> dict[str, tuple[str, str]]:
        rows = connection.execute(_COPIES.encode(), (self.schema,)).fetchall()
        return {str(raw): (respelled(str(name)), str(kind)) for raw, name, kind in rows}

    def _ask_relations(self, connection: Connection) -> dict[str, Relation]:
        """Return what can be scanned, without what the copies keep of virtual columns: no row of a table holds their values."""
        found = relations(connection, [self.schema])
        for table, columns in connection.execute(_VIRTUAL.encode()).fetchall():
            copy = self._copies.get(self._raw(respelled(str(table))))
            if copy and (relation := found.get(copy[0])):
                virtual = set(map(respelled, columns))  # type: ignore[call-overload] # an array of text
                held = tuple(column for column in relation.columns if column[0] not in virtual)
                found[relation.name] = replace(relation, columns=held)
        return found

    def adopt(self, tables: Iterable[str]) -> None:
        """Match the copies with these tables; a copy of none of them is taken for that of a table missing from `public`."""
        self._originals = {
            table: self._copies[self._raw(table)][0] for table in tables if self._raw(table) in self._copies
        }
        taken = set(self._originals.values())
        shape = re.compile(re.escape(self._pattern).replace(r"\{table\}", "(.+)").replace(r"\{schema\}", ".+"))
        for raw, (copy, _) in self._copies.items():
            if copy not in taken and (found := shape.fullmatch(raw)):
                self._originals[f"public.{sql_name(found[1])}"] = copy

    def _raw(self, table: str) -> str:
        schema = schema_of(table)
        known = {"{table}": unquoted(table.removeprefix(schema + ".")), "{schema}": unquoted(schema)}
        return re.sub(r"\{(?:table|schema)\}", lambda found: known[found.group()], self._pattern)

    @property
    def version(self) -> int:
        """The server's version number."""
        return self.view.version

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that have a copy."""
        return tuple(sorted(self._originals))

    @property
    def scanned(self) -> tuple[str, ...]:
        """The tables whose rows can be read: those that have a copy."""
        return self.tables

    def unavailable(self, facet: str) -> str | None:
        """Return why the copies cannot have a facet; None if they can. They hold rows, and are no reference for themselves."""
        if facet in AGAINST_THE_REFERENCE:
            return "the reference is the backup itself: whether both are wrong alike, only a baseline or another database can tell"
        if facet in (*CONTENT, "sequence_values", "leftovers", "backup_age"):
            return None  # which ask the subject alone where nothing else is known
        return "the backup keeps rows and nothing else: only a baseline can tell"

    @cached_property
    def columns(self) -> Mapping[str | None, Mapping[str, str]]:
        """The facts of the `columns` facet, by copy."""
        query = queries(self.view.version)["columns"]
        rows = self.view.ask(lambda connection: connection.execute(query.encode(), ([self.schema],)).fetchall())
        return by_table({str(identity): str(text) for identity, text in rows})

    def copy_of(self, table: str) -> "Copy | None":
        """Return the relation that is the table's copy, of any kind; None if there is none."""
        raw = self._raw(table)
        return Copy(table, *self._copies[raw], self) if raw in self._copies else None

    def known(self, facet: str, group: TableGroup) -> Known:
        """Return the numbers of rows, or the fingerprints, of the copies of these tables."""
        facts, unknown = {}, {}
        for table in group.of(self._originals):
            try:
                content = self._content(table, self._originals[table])
            except Inconclusive as error:
                unknown[table] = str(error)
            else:
                facts[table] = str(content.rows) if facet == "rows" else content.fingerprint
        return Known(facts, unknown)

    def _content(self, table: str, copy: str) -> Content:
        kind = self._kinds[copy]
        if kind != TABLE:
            raise Inconclusive(f"{copy} is a {kind}: what it shows of {table} is not what was copied")
        return self._scans.of(copy)

    def heard_by(self, hears: Callable[[str], object]) -> None:
        """Call this with each table whose copy is read."""
        tables = {copy: table for table, copy in self._originals.items()}
        self._scans.heard_by(lambda copy: hears(tables.get(copy, copy)))

    def begin(self, first: Mapping[str, Suspect] = NOBODY) -> None:
        """Begin the scans, those of the copies of suspects `first`."""
        self._scans.begin({self._originals[table]: why for table, why in first.items() if table in self._originals})

    def has_read(self, table: str) -> bool:
        """Whether the rows of a table's copy are known without waiting."""
        return self._scans.has_read(self._originals.get(table, ""))

    def progress(self) -> Progress:
        """Return how far the scans are."""
        return self._scans.progress()

    def read_by_now(self) -> Mapping[str, TableScan]:
        """Return what is known of the rows of each table's copy without waiting."""
        known = self._scans.read_by_now()
        return {table: known[copy] for table, copy in self._originals.items() if copy in known}

    def seconds(self) -> Mapping[str, float]:
        """Return how long the scans took."""
        return {"rows": self._scans.seconds} if self._scans.seconds else {}

    def keep_in(self, cache: ScanCache) -> None:
        """Use a cache of scan results; to be called before `begin`."""
        self._scans.keep_in(cache)

    def scannable(self, table: str) -> ScannableTable | None:
        """Return the table's copy for scanning; None if there is none."""
        copy = self.copy_of(table)
        return self._scans.scannable(copy.name) if copy and copy.kind == TABLE else None

    def rows_of(self, table: str) -> tuple[ScannableTable, str] | None:
        """Return the rows of the table's copy; None if there is none."""
        copy, held = self.copy_of(table), self.scannable(table)
        return (held, f"the copy {copy.name}") if copy and held else None

    def flaws(self, table: str) -> Iterator[Finding]:
        """Yield that a table has no copy, or that the copy is not a plain table."""
        raw = self._raw(table)
        wanted = f"{sql_name(self.schema)}.{sql_name(raw)}"
        if raw not in self._copies:
            empty = f"schema {sql_name(self.schema)} does not exist or is empty"
            why = f"{wanted} is not there" if self._copies else empty
            yield Finding("backup", table, wanted, "none", f"{table} has no copy: {why}")
        elif self._copies[raw][1] != TABLE:
            copy, kind = self._copies[raw]
            sentence = f"the copy of {table} is not a table of its own: {copy} is a {kind}"
            yield Finding("backup", table, TABLE, kind, sentence)


@dataclass(frozen=True)
class Copy:
    """One table's copy; both names are quoted and qualified, `kind` is `TABLE` if it is what it should be."""

    table: str
    name: str
    kind: str
    copies: Copies

    def other_rows(self, before: Source) -> Iterator[Finding]:
        """Yield that the copy does not hold the rows of the reference. Raises `Inconclusive` if either cannot be read."""
        for facet in CONTENT:
            was, has = (fact_with_partitions(side, facet, self.table) for side in (before, self.copies))
            if was != has:
                holds = f"{has} rows, not {was}" if facet == "rows" else "as many, but other ones"
                sentence = f"{self.name} does not hold the rows that {self.table} has in the reference: {holds}"
                yield Finding("backup_content", self.table, was, has, sentence)
                return


def fact_about(side: Source, facet: str, table: str) -> str:
    """Return one table's fact of a facet. Raises `Inconclusive` if the source has none."""
    known = side.known(facet, TableGroup(table, frozenset([table])))
    if table in known.facts:
        return known.facts[table]
    raise Inconclusive(f"{table} in {side.name}: {known.unknown.get(table, 'it is not there')}")


def fact_with_partitions(side: Source, facet: str, table: str) -> str:
    """Return the same for a table and all its partitions together."""
    one = TableGroup(table, frozenset([table]))
    if side.unavailable("tables") or "partitioned table" not in side.known("tables", one).facts.get(table, ""):
        return fact_about(side, facet, table)
    above = partition_parents(side)
    parts = [fact_about(side, facet, each) for each in (table, *above) if table in with_ancestors(each, above)]
    return str(sum(map(int, parts))) if facet == "rows" else together(parts)


def partition_parents(side: Source) -> dict[str, str]:
    """Return the parent of each partition."""
    if side.unavailable("partitions"):
        return {}
    facts = side.known("partitions", EVERYTHING).facts
    return {table: respelled(found[1]) for table, text in facts.items() if (found := _PARENT.match(text))}


def with_ancestors(table: str, parents: Mapping[str, str]) -> list[str]:
    """Return the table, the partitioned table that it belongs to, that one's, and so on."""
    found = [table]
    while (parent := parents.get(found[-1])) and parent not in found:
        found.append(parent)
    return found

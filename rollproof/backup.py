"""The copies that the migration made: a side of the comparison, and a thing to be judged itself."""

import re
from collections.abc import Iterable, Iterator

from rollproof.compare import Difference
from rollproof.content import Contents, relations
from rollproof.errors import CannotTell
from rollproof.session import Connection, View
from rollproof.settings import Backup
from rollproof.sides import CONTENT, Known, Owner, Side
from rollproof.snapshot import schema_of, sql_name, unquoted

_COPIES = """
SELECT c.relname,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
       CASE c.relpersistence WHEN 'u' THEN 'unlogged ' WHEN 't' THEN 'temporary ' ELSE '' END
       || CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialised view'
                         WHEN 'f' THEN 'foreign table' WHEN 'p' THEN 'partitioned table' END
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'v', 'm', 'f', 'p')
"""


class Copies:
    """The backup schema of the subject, as a side: each copy speaks for the table it was made of."""

    def __init__(self, view: View, backup: Backup) -> None:
        self.name = f"backup {backup.schema}"
        self.schema = backup.schema
        self._pattern = backup.table
        self._copies = view.ask(self._ask_copies)
        self._contents = Contents(view, view.ask(lambda connection: relations(connection, [backup.schema])))
        self._originals: dict[str, str] = {}

    def _ask_copies(self, connection: Connection) -> dict[str, tuple[str, str]]:
        rows = connection.execute(_COPIES.encode(), (self.schema,)).fetchall()
        return {str(raw): (str(name), str(kind)) for raw, name, kind in rows}

    def adopt(self, tables: Iterable[str]) -> None:
        """Learn which tables the copies may be of; a copy of no known table stands for one that is gone from `public`."""
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
        return self._pattern.format(table=unquoted(table.removeprefix(schema + ".")), schema=unquoted(schema))

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that have a copy."""
        return tuple(sorted(self._originals))

    @property
    def scanned(self) -> tuple[str, ...]:
        """The same: a copy is all rows."""
        return self.tables

    def lacks(self, facet: str) -> str | None:
        """A copy holds rows and nothing else."""
        return None if facet in CONTENT else f"the backup keeps rows, not {facet}: only a baseline can tell"

    def known(self, facet: str, owner: Owner) -> Known:
        """Return what the copies say of the tables they were made of."""
        facts, unknown = {}, {}
        for table, copy in self._originals.items():
            if (table in owner.names) != owner.rest:
                try:
                    content = self._contents.of(copy)
                except CannotTell as error:
                    unknown[table] = str(error)
                else:
                    facts[table] = str(content.rows) if facet == "rows" else content.fingerprint
        return Known(facts, unknown)

    def flaws(self, table: str, before: Side) -> Iterator[Difference]:
        """Yield what is wrong with one table's copy, judged by a reference that is not the backup itself.

        Raises `CannotTell` if either cannot be read.
        """
        if self._raw(table) not in self._copies:
            wanted = f"{sql_name(self.schema)}.{sql_name(self._raw(table))}"
            found = "there is no copy" if self._copies else f"schema {sql_name(self.schema)} does not exist or is empty"
            yield Difference("backup", table, f"a copy, {wanted}", found)
            return
        copy, kind = self._copies[self._raw(table)]
        if kind != "table":
            yield Difference("backup", table, f"{copy}, a table of its own", f"{copy} is a {kind}")
        else:
            yield from self._wrong_rows(table, copy, before)

    def _wrong_rows(self, table: str, copy: str, before: Side) -> Iterator[Difference]:
        owner = Owner(table, frozenset([table]))
        content = self._contents.of(copy)
        for facet, has in (("rows", str(content.rows)), ("content", content.fingerprint)):
            known = before.known(facet, owner)
            if table in known.unknown:
                raise CannotTell(f"{table} in {before.name}: {known.unknown[table]}")
            if known.facts[table] != has:
                what = "rows" if facet == "rows" else "as the fingerprint of its rows"
                yield Difference("backup", table, f"{known.facts[table]} {what}", f"{has} {what} in {copy}")
                return

"""What a prepared statement needs and writes: relations, functions, columns and values, read from the server's own analysis."""

from dataclasses import dataclass, field, replace

import msgspec
import psycopg
from psycopg import sql

from rollproof.rehearsal.doors import catalogue
from rollproof.rehearsal.doors.facts import Function, Relation
from rollproof.rehearsal.doors.form import Form
from rollproof.rehearsal.doors.holding import Values, as_called, held, unfit
from rollproof.rehearsal.doors.look import Check, Look
from rollproof.rehearsal.doors.preparing import Prepared
from rollproof.rehearsal.doors.sequences import asked_of_sequences
from rollproof.rehearsal.doors.written import Value, Write, writes

Connection = psycopg.Connection[tuple[object, ...]]
_PROBE = "rollproof_probe"
_UNREAD = "what it writes and calls could not be read"


@dataclass
class Surroundings:
    """Asks in a session that is in a transaction as `role`; its superuser reads the catalogue."""

    connection: Connection
    role: str
    values: Values = ()
    path: str = ""  # the schemas that the role finds names in
    known: dict[tuple[str, object], Relation] = field(default_factory=dict)

    def of_query(self, ready: Prepared, text: str, columns: tuple[str, ...]) -> Look:
        """Return the look of a statement that was planned; the server analyses it as the body of a function."""
        look = Look(parameters=ready.parameters, results=ready.results, columns=columns)
        self._note_path()
        self.connection.execute("SAVEPOINT probing")
        try:
            probe = self._probe(ready, text)
        except psycopg.Error as error:
            if self.connection.closed:
                raise
            self.connection.execute("ROLLBACK TO SAVEPOINT probing")
            return replace(look, unread=f"{_UNREAD} ({error.diag.message_primary})")
        self.connection.execute("SELECT set_config('search_path', 'pg_catalog', true)")
        body = self.connection.execute("SELECT pg_get_function_sqlbody(%s::oid)", [probe]).fetchone()
        written, below = self._through_views(writes(str(body[0])) if body else ())
        oids = [oid for (oid,) in self.connection.execute(catalogue.RELATIONS, [probe])]
        relations = self._relations([*dict.fromkeys((*oids, *below))])
        functions = self._functions(probe, self._tables(written), [])
        for name, rights in asked_of_sequences(str(body[0]) if body else "", written, relations):
            self._may_use(name, rights)
        checks = self._checks(written, relations)
        bad = unfit(self.connection, tuple(each.name for each in ready.parameters), self.values)
        return replace(look, writes=written, relations=relations, functions=functions, checks=checks, unfit=bad)

    def of_call(self, ready: Prepared, asked: Form) -> Look:
        """Return the look of a CALL: whether the role may execute the procedure, and what that is."""
        look = Look(parameters=ready.parameters, results=ready.results)
        self._note_path()
        named = "SELECT p.oid FROM pg_proc AS p WHERE p.oid = to_regproc(%s) AND p.prokind = 'p'"
        found = self.connection.execute(named, [asked.name]).fetchone()
        if found is None:
            return replace(look, unread="which of several procedures it calls is not known")
        may = self.connection.execute("SELECT has_function_privilege(%s::oid, 'EXECUTE')", [found[0]]).fetchone()
        if not (may and may[0]):
            raise psycopg.errors.InsufficientPrivilege(f"permission denied for procedure {asked.name}")
        self._as_superuser()
        self.connection.execute("SELECT set_config('search_path', 'pg_catalog', true)")
        return replace(look, functions=self._functions(0, [], [found[0]]))

    def _may_use(self, sequence: str, rights: str) -> None:
        """Raise what the server raises only when it runs a statement that draws from a sequence, where planning looks at none."""
        asked = "SELECT has_sequence_privilege(%s, to_regclass(%s)::oid, %s)"
        found = self.connection.execute(asked, [self.role, sequence, rights]).fetchone() if self.role else None
        if found and found[0] is False:
            raise psycopg.errors.InsufficientPrivilege(f"permission denied for sequence {sequence}")

    def _probe(self, ready: Prepared, text: str) -> object:
        """Make a function of the statement, which nobody calls and the end of the transaction takes away; return its oid."""
        rows = self.connection.execute(
            "SELECT format_type(t, NULL) FROM unnest(%s::oid[]) AS t", [[*ready.oids]]
        ).fetchall()
        self._as_superuser()
        self.connection.execute("SELECT set_config('search_path', %s, true)", [self.path])
        arguments = ", ".join(str(name) for (name,) in rows)
        body = f"CREATE FUNCTION pg_temp.{_PROBE}({arguments}) RETURNS void LANGUAGE sql BEGIN ATOMIC {text}\n; END"
        self.connection.execute(body.encode(self.connection.info.encoding))
        found = self.connection.execute(
            "SELECT oid FROM pg_catalog.pg_proc WHERE proname = %s AND pronamespace = pg_catalog.pg_my_temp_schema()",
            [_PROBE],
        ).fetchone()
        return found[0] if found else None

    def _note_path(self) -> None:
        found = self.connection.execute(catalogue.PATH).fetchone()
        self.path = str((found and found[0]) or "pg_catalog")

    def _as_superuser(self) -> None:
        self.connection.execute("RESET SESSION AUTHORIZATION")

    def _relations(self, oids: list[object]) -> tuple[Relation, ...]:
        """Read relations, with the row security that holds for the role."""
        if self.role:
            self.connection.execute(sql.SQL("SET LOCAL SESSION AUTHORIZATION {}").format(sql.Identifier(self.role)))
        for oid in oids:
            if (self.role, oid) not in self.known:
                row = self.connection.execute(catalogue.RELATION, [oid]).fetchone()
                self.known[self.role, oid] = msgspec.json.decode(str(row[0]) if row else "", type=Relation)
        self.connection.execute("RESET SESSION AUTHORIZATION")
        return tuple(self.known[self.role, oid] for oid in oids)

    def _through_views(self, written: tuple[Write, ...]) -> tuple[tuple[Write, ...], list[object]]:
        """Return what is written, also into the tables below views that pass it on; and these tables."""
        below: list[object] = []
        todo, done = [*written], []
        while todo:
            done.append(write := todo.pop(0))
            found = self.connection.execute(catalogue.BASES, {"view": write.table}).fetchall()
            if len(found) == 1:  # a view of more than one takes no rows
                below.append(found[0][0])
                todo.append(self._below(write, str(found[0][1])))
        return tuple(done), below

    def _below(self, write: Write, table: str) -> Write:
        """Return what a write to a view writes to the table below; a column that the view renames may be any."""
        asked = "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped"
        columns = {str(name) for (name,) in self.connection.execute(asked, [table])}
        unknown = {name: Value("other") for name in columns} if {*write.columns} - columns else {}
        rows = [{name: each for name, each in row.items() if name in columns} for row in write.rows]
        return Write(write.kind, table, tuple(unknown | row for row in rows))

    def _checks(self, written: tuple[Write, ...], relations: tuple[Relation, ...]) -> tuple[Check, ...]:
        """Hold the constants that are written against the tables' checks."""
        by_name = {each.name: each for each in relations}
        return tuple(
            Check(write.table, rule.text, held(self.connection, table, rule, write))
            for write in (*written, *(as_called(each, self.values) for each in written if self.values))
            if (table := by_name.get(write.table))
            for rule in table.rules
            if rule.kind == "check"
        )

    def _tables(self, written: tuple[Write, ...]) -> list[object]:
        asked = "SELECT to_regclass(%s)::oid"
        return [oid for write in written for (oid,) in self.connection.execute(asked, [write.table]) if oid]

    def _functions(self, probe: object, tables: list[object], called: list[object]) -> tuple[Function, ...]:
        wanted = {"probe": probe, "tables": tables, "called": called}
        rows = self.connection.execute(catalogue.FUNCTIONS, wanted).fetchall()
        return tuple(
            self._function(str(told), oid, tuple(map(str, own if isinstance(own, list) else ())))
            for told, oid, own in rows
        )

    def _function(self, told: str, oid: object, own: tuple[str, ...]) -> Function:
        """Return a function, with what its language's validator says of the body, under the settings that are its own."""
        known = msgspec.json.decode(told, type=Function)
        if known.language != "sql":
            return known
        self.connection.execute("SAVEPOINT validating")
        try:
            for name, value in (("search_path", self.path), *(each.split("=", 1) for each in own)):
                self.connection.execute("SELECT pg_catalog.set_config(%s, %s, true)", [name, value])
            self.connection.execute("SELECT pg_catalog.fmgr_sql_validator(%s::oid)", [oid])
        except psycopg.Error as error:
            if self.connection.closed:
                raise
            self.connection.execute("ROLLBACK TO SAVEPOINT validating")
            return msgspec.structs.replace(known, complaint=error.diag.message_primary or str(error))
        self.connection.execute("ROLLBACK TO SAVEPOINT validating")
        return known

"""All facets of the catalogue, read in one snapshot."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from rollproof import __version__
from rollproof.catalog.concurrent_ddl import require_steady
from rollproof.catalog.queries import COLUMNS, new_columns, not_compared, queries
from rollproof.model.errors import Inconclusive
from rollproof.model.facets import traits
from rollproof.model.names import respelled, respelled_facts, schema_of, table_of, unquoted
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.server.reader import Connection, SnapshotReader, one
from rollproof.server.sqlstates import not_open_to_role
from rollproof.server.transactions import A_FEW_BY_KEY, ALL_AT_ONCE, cluster
from rollproof.system.user import user_at_machine

BATCH = 100  # objects that one transaction may lock
UNKNOWN = "unknown: "  # begins the description of a fact that the role may not see


@dataclass(frozen=True)
class Scope:
    """Which schemas are compared: those named, or (None) all but the system's and the backup's. The migration's log never is."""

    schemas: tuple[str, ...] | None
    backup_schema: str
    log_table: str

    def names(self, connection: Connection) -> list[str]:
        """Return the raw names of the schemas to look at."""
        if self.schemas is not None:
            return list(self.schemas)
        rows = connection.execute(
            b"SELECT nspname FROM pg_catalog.pg_namespace"
            b" WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> $1 ORDER BY nspname",
            (self.backup_schema,),
        )
        return [str(name) for (name,) in rows.fetchall()]


def origin(connection: Connection, scope: Scope) -> Origin:
    """Return the database, the server, the time and the role that facts are read with."""
    row = connection.execute(b"SELECT pg_catalog.current_database(), pg_catalog.now()::text, current_user").fetchone()
    database, taken, role = row or ("", "", "")
    return Origin(
        database=str(database),
        system=cluster(connection),
        server_version=connection.info.server_version,
        taken=str(taken),
        schemas=scope.schemas,
        tool=__version__,
        host=connection.info.host,
        port=str(connection.info.port),
        role=str(role),
        by=user_at_machine(),
    )


def capture(view: SnapshotReader, scope: Scope, without: Container[str] = ()) -> Snapshot:
    """Return a snapshot of the catalogue but for late facets, and those that somebody does `without`.

    What the role may not see is in `unknown`, with the reason.

    Raises `Inconclusive` if the database cannot be read at all, `Unsteady` if another session ran DDL meanwhile.
    """
    schemas = view.ask(scope.names)
    own = view.ask(lambda connection: objects_of_the_log(connection, scope.log_table))
    facets, unknown, absent = _facts(view, schemas, own, without)
    require_steady(view, [*schemas, scope.backup_schema])
    return Snapshot(
        view.ask(lambda connection: origin(connection, scope)), dict(sorted(facets.items())), unknown, absent
    )


def _facts(
    view: SnapshotReader, schemas: list[str], own: frozenset[str], without: Container[str]
) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]], dict[str, str]]:
    """Return the facts of each facet, the unknown ones, and the facets that this role may not read; these with reasons."""
    asked = _asked(view, schemas, without)
    facets: dict[str, dict[str, str]] = {}
    unknown: dict[str, dict[str, str]] = {}
    absent: dict[str, str] = {}
    for number, (facet, answer) in enumerate(asked.items()):
        view.definitions = number, len(asked)
        try:
            facts = answer()
        except Inconclusive as error:
            if traits(facet).may_be_closed and (reason := not_open_to_role(error, view.role)):
                absent[facet] = reason
            else:
                unknown[facet] = {"*": str(error)}
            continue
        facets[facet], hidden = _sorted_out(facts, own)
        if hidden:
            unknown[facet] = hidden
    view.definitions = len(asked), len(asked)
    return facets, unknown, absent


def _asked(
    view: SnapshotReader, schemas: list[str], without: Container[str]
) -> dict[str, Callable[[], dict[str, str]]]:
    """Ask for all facets; return functions that wait for their facts."""
    every = queries(view.version)
    now = {facet: sql for facet, sql in every.items() if not traits(facet).late and facet not in without}
    asked = _in_one_go(view, now, schemas) if view.is_alone else {}
    # What comes in batches waits for one after the other; the rest is answered meanwhile.
    left = sorted(now.keys() - asked.keys(), key=lambda facet: (not _in_batches(now[facet]), facet))
    return asked | {facet: _ask(view, facet, now[facet], schemas) for facet in left}


def retell(view: SnapshotReader, scope: Scope, facet: str, sql: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the facts of one facet, and the unknown ones, as another query than its file's returns them.

    Raises `Inconclusive` if the server rejects the query.
    """
    own = view.ask(lambda connection: objects_of_the_log(connection, scope.log_table))
    schemas = view.ask(scope.names)
    told = _sorted_out(_ask(view, facet, sql, schemas)(), own)
    require_steady(view, schemas)
    return told


def _ask(view: SnapshotReader, facet: str, sql: str, schemas: list[str]) -> Callable[[], dict[str, str]]:
    """Send a query and return a function that waits for its facts.

    Locks are held until the transaction ends, so queries that lock relations are sent in batches ($2, $3).
    """
    parameters: tuple[object, ...] = (schemas,) if _takes(sql, "$1") else ()
    batches = _in_batches(sql)

    def part(after: int) -> Callable[[Connection], list[tuple[object, ...]]]:
        return partial(rows_of, sql=sql, parameters=(*parameters, *((after, BATCH) if batches else ())))

    first = view.submit(part(0), settled=True)

    def answer() -> dict[str, str]:
        rows = first.result()
        told = list(rows)
        while batches and rows:
            rows = view.ask(part(max(int(str(row[2])) for row in rows)))
            told += rows
        return _learnt(facet, told)

    return answer


def _in_one_go(
    view: SnapshotReader, now: Mapping[str, str], schemas: list[str]
) -> dict[str, Callable[[], dict[str, str]]]:
    """Send all queries that need no batches without waiting for an answer, and return the functions that return their facts."""
    whole = {facet: sql for facet, sql in now.items() if not _in_batches(sql)}

    def ask(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
        connection.execute(ALL_AT_ONCE)
        with connection.pipeline():
            sent = {
                facet: connection.execute(sql.encode(), (schemas,) if _takes(sql, "$1") else None)
                for facet, sql in whole.items()
            }
        return {facet: cursor.fetchall() for facet, cursor in sent.items()}

    return {facet: partial(_learnt, facet, rows) for facet, rows in view.ask(ask).items()}


def facts_seen(connection: Connection, scope: Scope, facets: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the known facts of these facets as this session sees them, within its own transaction: what it wrote, too.

    Raises what the server raises, and `Inconclusive` as `capture` does.
    """
    schemas, own = scope.names(connection), objects_of_the_log(connection, scope.log_table)
    found = {}
    for facet, sql in queries(connection.info.server_version).items():
        if facet in facets:
            told = list(_in_full(connection, sql, (schemas,) if _takes(sql, "$1") else ()))
            found[facet] = _sorted_out(_learnt(facet, told), own)[0]
    return found


def _in_full(connection: Connection, sql: str, parameters: tuple[object, ...]) -> Iterator[tuple[object, ...]]:
    if not _in_batches(sql):
        yield from rows_of(connection, sql, parameters)
        return
    after, rows = 0, rows_of(connection, sql, (*parameters, 0, BATCH))
    while rows:
        yield from rows
        after = max(int(str(row[2])) for row in rows)
        rows = rows_of(connection, sql, (*parameters, after, BATCH))


def rows_of(connection: Connection, sql: str, parameters: tuple[object, ...]) -> list[tuple[object, ...]]:
    """Return a query's rows, with planner settings that keep it linear in the catalogue's size, analysed or not."""
    connection.execute(A_FEW_BY_KEY if _in_batches(sql) else ALL_AT_ONCE)
    return connection.execute(sql.encode(), parameters or None).fetchall()


def _learnt(facet: str, rows: list[tuple[object, ...]]) -> dict[str, str]:
    """Return a query's rows as facts. Raises `Inconclusive` unless there is exactly one description for each identity."""
    columns = list(zip(*rows, strict=True)) or [(), ()]
    told = respelled_facts(facet, dict(zip(map(str, columns[0]), map(str, columns[1]), strict=True)))
    if len(told) < len(rows) or any(None in column for column in columns):
        raise Inconclusive(_no_facts(facet, rows))
    return told


def _no_facts(facet: str, rows: list[tuple[object, ...]]) -> str:
    seen: set[str] = set()
    for identity, description, *_ in rows:
        if identity is None or description is None:
            what = f"does not say what it found (identity {identity}, description {description})"
            break
        what = f"tells two things of {respelled(str(identity))}, and one would hide the other"
        if respelled(str(identity)) in seen:
            break
        seen.add(respelled(str(identity)))
    return f"the query for {facet} {what}: an error of rollproof's, please report it"


def _in_batches(sql: str) -> bool:
    return _takes(sql, "$3")


def _takes(sql: str, parameter: str) -> bool:
    """Tell whether a query uses a parameter outside comments: the server rejects one that is not used."""
    return parameter in re.sub("--.*", "", sql)


def not_checked(view: SnapshotReader) -> tuple[str, ...]:
    """Return what is not compared, with the reason: by choice, or because the server is newer than this rollproof."""
    columns = view.ask(lambda connection: [str(name) for (name,) in connection.execute(COLUMNS.encode()).fetchall()])
    chosen = [f"{entry.what} ({entry.reason})" for entry in not_compared().not_checked]
    return (
        *chosen,
        *(
            f"{column} (this server has it, this version of rollproof does not know it)"
            for column in new_columns(columns)
        ),
    )


def _sorted_out(facts: Mapping[str, str], own: frozenset[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return known and unknown facts, sorted, without those of the migration's log."""
    order = sorted(facts)
    for name in own:
        first = bisect_left(order, name)
        last = bisect_right(order, name, first, key=lambda identity: identity[: len(name)])  # all that begin with it
        order[first:last] = [identity for identity in order[first:last] if table_of(identity) not in own]
    seen = {identity: facts[identity] for identity in order}
    if UNKNOWN not in "\n".join(seen.values()):  # as most often: one look at all of them
        return seen, {}
    unknown = {identity: text.removeprefix(UNKNOWN) for identity, text in seen.items() if text.startswith(UNKNOWN)}
    return {identity: text for identity, text in seen.items() if identity not in unknown}, unknown


def objects_of_the_log(connection: Connection, table: str) -> frozenset[str]:
    """Return the log table and the sequences it owns, which are not compared; the table is named even if it does not exist."""
    schema = unquoted(schema_of(table))
    name = unquoted(table.removeprefix(schema_of(table) + "."))
    sequences = one(
        connection,
        "SELECT COALESCE(pg_catalog.array_agg(pg_catalog.format('%I.%I', sn.nspname, s.relname)), '{}')"
        " FROM pg_catalog.pg_class AS t"
        " JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace"
        " JOIN pg_catalog.pg_depend AS d ON d.refobjid = t.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass"
        " JOIN pg_catalog.pg_class AS s ON s.oid = d.objid AND s.relkind = 'S' AND d.deptype IN ('a', 'i')"
        " JOIN pg_catalog.pg_namespace AS sn ON sn.oid = s.relnamespace"
        " WHERE n.nspname = $1 AND t.relname = $2",
        (schema, name),
    )
    return frozenset(respelled(name) for name in [table, *sequences])  # type: ignore[misc] # an array of text

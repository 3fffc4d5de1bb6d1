"""Targets of a Citus cluster: citus:URL, the coordinator and each worker that it knows."""

from collections.abc import Iterator

import psycopg
from psycopg.conninfo import make_conninfo

from rollproof.commands.verification import limits
from rollproof.fleet.target import HERE
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.server.connection import Connection, Target, connect
from rollproof.server.reader import pinned
from rollproof.server.sqlstates import server_message
from rollproof.settings.options import Settings

_FORM = "write --targets citus:postgresql://user@coordinator/database"
_DATABASE = rb"SELECT current_database()::text FROM pg_catalog.pg_extension AS e WHERE e.extname = 'citus'"
_GROUP = rb"SELECT g.groupid FROM pg_catalog.pg_dist_local_group AS g"
_WORKERS = rb"""
SELECT n.nodename::text, n.nodeport::text FROM pg_catalog.pg_dist_node AS n
WHERE n.groupid <> 0 AND n.noderole::text = 'primary' ORDER BY n.nodename, n.nodeport
"""
"""One that is disabled (`isactive`) has its shards all the same, and would be missed by nobody else."""

_SHOWN = "-c citus.override_table_visibility=off"
"""Citus hides the tables of shards from whoever asks pg_class: unseen, they would not be compared."""


def nodes(url: str, settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the conninfo and the name of each node, the coordinator first.

    Raises `Misuse` if that is no coordinator, or tells of workers by a name that means another machine here, and `Inconclusive`
    if it cannot be asked. Neither shows a secret.
    """
    if not url.strip():
        raise Misuse(f"--targets citus: names no database; {_FORM}")
    target = Target.parse(url)
    with connect(target) as connection:
        try:
            with pinned(connection, limits(settings)):
                database, workers = _cluster(connection, target)
        except psycopg.OperationalError as error:
            raise Inconclusive(f"--targets citus: {target} did not answer: {server_message(error)}") from error
        except psycopg.Error as error:
            raise Misuse(
                f"--targets citus: {target} does not tell its nodes: {server_message(error)}; the role needs to read "
                "pg_dist_node and pg_dist_local_group"
            ) from error
        _require_reachable(connection.info.host, workers, target)
    yield _conninfo(target, {}), f"{database}@coordinator"
    for host, port in workers:
        yield _conninfo(target, {"host": host, "port": port}), f"{database}@{host}_{port}"


def _cluster(connection: Connection, target: Target) -> tuple[str, list[tuple[str, str]]]:
    """Return the name of the database, which is the same on all nodes, and host and port of each worker."""
    found = connection.execute(_DATABASE).fetchall()
    if not found:
        raise Misuse(f"--targets citus: {target} has no extension citus: name the coordinator's database; {_FORM}")
    if connection.execute(_GROUP).fetchall() != [(0,)]:
        raise Misuse(f"--targets citus: {target} is a worker of the cluster: name its coordinator; {_FORM}")
    workers = [(str(host), str(port)) for host, port in connection.execute(_WORKERS).fetchall()]
    return str(found[0][0]), workers


def _require_reachable(host: str, workers: list[tuple[str, str]], target: Target) -> None:
    """Raise `Misuse` if workers are called localhost by a coordinator elsewhere: here that is another server."""
    bad = [f"{name}:{port}" for name, port in workers if name in HERE]
    if bad and host not in HERE and not host.startswith("/"):
        raise Misuse(
            f"--targets citus: {target} calls a worker {bad[0]}, which from this machine is another server: write the nodes "
            "into a file with one URL a line"
        )


def _conninfo(target: Target, own: dict[str, str]) -> str:
    """Return how a node is reached: as the coordinator is, but for what is its own."""
    elsewhere = {"hostaddr": ""} if "host" in own else {}  # also that of a service, or of the environment
    options = f"{target.parameters.get('options', '')} {_SHOWN}".strip()
    return make_conninfo("", **target.parameters | elsewhere | own | {"options": options})

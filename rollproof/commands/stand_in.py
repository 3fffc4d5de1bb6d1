"""What stands in for a database of one's own: a dump restored, or the bundled migration rehearsed, on a throw-away server."""

import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import msgspec
import psycopg
from psycopg import sql

from rollproof.commands.bundled_story import Service, Story, free_port, run
from rollproof.commands.request import Effective, Request
from rollproof.commands.verification import key_of, limits, scope_of
from rollproof.model.errors import Inconclusive
from rollproof.probes.recorded import require_whole, take_baseline
from rollproof.server.connection import Target, connect
from rollproof.server.reader import SnapshotReader
from rollproof.settings.dump_format import dump_at
from rollproof.settings.options import Settings
from rollproof.settings.reference import BASELINE, Reference
from rollproof.sources.baseline import save
from rollproof.sources.live import Live
from rollproof.system.background import Patience
from rollproof.system.bundle import suite_root
from rollproof.system.extras import require
from rollproof.throwaway.dumps import NOT_HELD, restore
from rollproof.throwaway.servers.provide import provide
from rollproof.throwaway.servers.server import Server, fresh_name

VIBES = suite_root() / "scenarios" / "vibes"
_TOKEN = "vibes-demo-token"  # noqa: S105 (of the demonstration user, known to everybody)


def stand_in(request: Request, keep: ExitStack) -> Effective:
    """Return what holds for a request of a rehearsal or of a dump; what had to be started for it ends with `keep`.

    Raises `Misuse` if a dump is no good, `Inconclusive` if there is no server, or if the rehearsal or the restore failed.
    """
    if request.rehearse:
        return _rehearsed(request, keep)
    return _restored(request, request.configured.reference.path, keep)


def _restored(request: Request, path: Path, keep: ExitStack) -> Effective:
    settings = request.configured.settings
    began = time.monotonic()
    dump = dump_at(path)
    server, database = _throw_away(settings, keep)
    _encode(server, database, _encoding(settings, request))
    restore(dump, server, database, request.deadline, trusted=settings.trust_functions)
    took = time.monotonic() - began
    return Effective(
        settings,
        Reference("database", server.dsn(database)),
        request.environment,
        f"{path}, a dump in {dump.form} format",
        NOT_HELD,
        (f"{path} was restored on {server.name} in {took:.1f} s; what it does not hold is not checked",),
    )


def _throw_away(settings: Settings, keep: ExitStack) -> tuple[Server, str]:
    """Return a server that ends with `keep`, and the name of an empty database on it."""
    server = provide(settings.server)
    keep.callback(server.stop)
    database = fresh_name()
    server.create(database)
    return server, database


def _encoding(settings: Settings, request: Request) -> str:
    """Return the subject's encoding; UTF8 where no database is named, since none is compared."""
    if not settings.database_url:
        return "UTF8"
    subject = connect(Target.parse(settings.database_url or ""), waiting=Patience(deadline=request.deadline))
    encoding = subject.info.parameter_status("server_encoding")
    subject.close()
    return encoding or "UTF8"


def _encode(server: Server, database: str, encoding: str) -> None:
    """Make the empty database again in the subject's encoding: the same text has other bytes in another one."""
    name = sql.Identifier(database)
    how = sql.SQL("CREATE DATABASE {} ENCODING {} LOCALE 'C' TEMPLATE template0").format(name, sql.Literal(encoding))
    try:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {}").format(name))
            admin.execute(how)
    except psycopg.Error as error:
        raise Inconclusive(
            f"{server.name} cannot make a database in {encoding}, the encoding of the database: {error}"
        ) from error


def _rehearsed(request: Request, keep: ExitStack) -> Effective:
    """Tell the bundled migration's story up to the phase that was asked for."""
    require("demo", "--rehearse")
    began = time.monotonic()
    server, database = _throw_away(request.configured.settings, keep)
    port = str(free_port())
    named = {"VIBES_URL": f"http://127.0.0.1:{port}", "VIBES_TOKEN": _TOKEN}  # by the endpoints of its configuration
    own = {**named, "DATABASE_URL": server.dsn(database), "PORT": port, "PYTHON": sys.executable}
    baseline = request.place(BASELINE)
    # A story may begin before the first migration.
    apart = request.configured.settings.without_services
    settings = msgspec.structs.replace(apart, database_url=server.dsn(database), allow_empty=True)
    effective = Effective(settings, Reference("baseline", str(baseline)), {**request.environment, **named})
    _take_steps(request, effective, own, keep)
    note = f"rehearsed vibes up to {request.phase} on {server.name} in {time.monotonic() - began:.1f} s"
    request.tell(note)
    return replace(effective, notes=(note,))


def _take_steps(request: Request, effective: Effective, own: Mapping[str, str], keep: ExitStack) -> None:
    """Set up, then take the steps to the phase; before the first of them the baseline is taken."""
    story = Story.read(VIBES / "rehearsal.toml")
    run(story.setup, VIBES, own)
    service = Service(story.serve, story.ready, VIBES, own) if story.serve else None
    if service:
        keep.callback(service.stop)
    if request.phase.steps:
        _capture(effective, request)
    commands = {"migrate": story.migrate, "rollback": story.rollback}
    for step in request.phase.steps:
        run(commands.get(step, ()), VIBES, own)
        if step == "stop" and service:
            service.stop()


def _capture(effective: Effective, request: Request) -> None:
    settings, path = effective.settings, effective.reference.path
    path.parent.mkdir(parents=True, exist_ok=True)
    with SnapshotReader(Target.parse(settings.database_url or ""), limits(settings, request.deadline)) as view:
        taken = take_baseline(Live(view, scope_of(settings), "the rehearsal"), settings, effective.environment)
        require_whole(taken)
        save(taken, path, key_of(settings))

"""What the reports say of the two sides: a database as it describes itself, a baseline as its file does, and who runs this."""

import platform
import shlex
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from rollproof import __version__
from rollproof.model.errors import Inconclusive
from rollproof.model.provenance import Age, Client, DatabaseFacts, ReferenceFacts, in_digits
from rollproof.model.snapshot import Origin
from rollproof.model.timestamps import shown
from rollproof.server.reader import Connection, SnapshotReader, Target
from rollproof.settings.option_table import OPTIONS
from rollproof.settings.options import Settings
from rollproof.settings.reference import is_database
from rollproof.sources.baseline import Seal
from rollproof.system.user import machine, user

_SEEN = b"""
SELECT pg_catalog.host(pg_catalog.inet_server_addr()), pg_catalog.inet_server_port(),
       pg_catalog.pg_is_in_recovery(), session_user, current_user
"""


def seen(view: SnapshotReader, note: str = "") -> DatabaseFacts:
    """Return what a database says of itself; `note` is a word about it. Raises `Inconclusive` if it cannot be asked."""
    return view.ask(lambda connection: _seen(connection, of_view(view, note)))


def of_database(view: SnapshotReader, note: str = "") -> DatabaseFacts:
    """Return what a database says of itself; if it cannot be asked any more, what is known of it."""
    with suppress(Inconclusive):
        return seen(view, note)
    return of_view(view, note)


def of_view(view: SnapshotReader, note: str = "") -> DatabaseFacts:
    """Return what is known of a database without asking it once more."""
    place = view.place
    version = in_digits(view.version)
    return DatabaseFacts(
        database=place.database, version=version, system=place.system, instants=instants(view), note=note
    )


def instants(view: SnapshotReader) -> tuple[str, ...]:
    """Return when the database was read until now, by its own clock."""
    return tuple(map(shown, view.taken))


def _seen(connection: Connection, known: DatabaseFacts) -> DatabaseFacts:
    address, port, standby, session, role = connection.execute(_SEEN).fetchone() or (None, "", None, "", "")
    return replace(
        known,
        host=connection.info.host,
        port=str(connection.info.port),
        server="" if address is None else f"{address} port {port}",
        standby=bool(standby),
        session_role=str(session),
        role=str(role),
    )


def of_baseline(
    where: str, origin: Origin, seal: Seal | None, now: DatabaseFacts, file: Path | None = None
) -> ReferenceFacts:
    """Return a baseline as the reference, named `where` and kept in the `file` (by default of that name).

    Its age is at the first instant of what is `now`, by the servers' clocks alone.
    """
    one_clock = bool(now.system) and now.system == origin.system
    return ReferenceFacts(
        kind="baseline",
        where=where,
        path=str((file or Path(where)).absolute()),
        source=_recorded(origin),
        age=Age.between(shown(origin.taken), now.instants[0], one_clock=one_clock) if now.instants else None,
        sha256=seal.sha256 if seal else "",
        signed=_signed(seal) if seal else "",
        by=origin.by,
        tool=origin.tool,
    )


def _recorded(origin: Origin) -> DatabaseFacts:
    return DatabaseFacts(
        database=origin.database,
        host=origin.host,
        port=origin.port,
        version=in_digits(origin.server_version),
        system=origin.system,
        role=origin.role,
        instants=(shown(origin.taken),),
    )


def _signed(seal: Seal) -> str:
    if seal.signed:
        return "yes"
    return "not checked" if seal.carries_signature else "no"


def client(started: datetime, ended: datetime, pytest: str, configuration: str, typed: tuple[str, ...]) -> Client:
    """Return who runs this, with what, and from when to when; `typed` are the options in force, without secrets."""
    return Client(
        user=user(),
        host=machine(),
        rollproof=__version__,
        python=platform.python_version(),
        pytest=pytest,
        configuration=configuration,
        options=typed,
        started=shown(started),
        ended=shown(ended),
    )


def in_force(settings: Settings, hide: Callable[[str], str]) -> Iterator[str]:
    """Yield the settings that are not the defaults, as they would be typed; a URL without its password."""
    defaults = Settings()
    for known in OPTIONS:
        value = getattr(settings, known.field)
        if value == getattr(defaults, known.field):
            continue
        if isinstance(value, str) and (known.field == "database_url" or is_database(value)):
            value = f"{(target := Target.parse(value))}{target.demands}"
        yield hide(known.flag if value is True else f"{known.flag} {shlex.quote(str(value))}")

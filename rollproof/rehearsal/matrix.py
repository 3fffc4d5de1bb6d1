"""One rehearsal on each of several servers: one that cannot be had leaves the others to be rehearsed on."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.redaction import without_credentials
from rollproof.rehearsal.applications import Applications
from rollproof.rehearsal.one_server import OneServer
from rollproof.rehearsal.record import Rehearsed, Stage
from rollproof.settings.configuration import Configured
from rollproof.settings.rehearsal import Rehearsal
from rollproof.throwaway.servers.provide import require_form
from rollproof.throwaway.servers.server import NO_KEEPING
from rollproof.throwaway.source.where import Source

MISSING = "the server"
"""The stage of a server that could not be had."""


def rehearsals(wanted: Rehearsal, known: Configured, folder: Path, tell: Callable[[str], None]) -> Iterator[Rehearsed]:
    """Yield what came of the rehearsal on each server of `--matrix`, one after the other, or on that of `--server`.

    Raises `Misuse` before the first one begins if a server is none of the forms it can have; and `Inconclusive` if the only one
    cannot be had.
    """
    if wanted.keep and any(where.startswith("exec:") for where in wanted.matrix or (known.settings.server,)):
        raise Misuse(NO_KEEPING)
    applications = Applications.of(wanted, folder)
    if not wanted.matrix:
        yield OneServer(wanted, known, folder, tell, applications=applications).rehearsed(known.settings.server)
        return
    for where in wanted.matrix:
        require_form(where, "--matrix")
    for where in wanted.matrix:
        yield _on_one(where, OneServer(wanted, known, folder, _named(where, tell), applications=applications))


def _named(where: str, tell: Callable[[str], None]) -> Callable[[str], None]:
    name = without_credentials(where)
    return lambda text: tell(f"{name}: {text}")


def _on_one(where: str, one: OneServer) -> Rehearsed:
    began = time.monotonic()
    try:
        return one.rehearsed(where)
    except Inconclusive as error:
        stages = (Stage(MISSING, "undecided", str(error)),)
        started, source = datetime.now(tz=UTC).isoformat(timespec="seconds"), str(Source.parse(one.asked.source))
        return Rehearsed(source, "", without_credentials(where), 0, started, time.monotonic() - began, stages)

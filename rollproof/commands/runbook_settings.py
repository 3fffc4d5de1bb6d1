"""What a runbook tells of the configuration and of the last drill; nothing is asked of a database."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import msgspec

from rollproof.commands.drill_records import Drill, key, project, records
from rollproof.model.errors import Misuse
from rollproof.model.redaction import Secrets, secrets_typed
from rollproof.report.runbook.document import word
from rollproof.report.runbook.known import Application, Commands, People, Rehearsed
from rollproof.server.connection import Target
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.system.files import contents

_MOST = 2**26  # bytes of rehearsal.json
_PASSED = ("sslmode", "sslrootcert", "channel_binding", "target_session_attrs")
"""What a URL demands of the connection, and is no secret."""


class _Stage(msgspec.Struct):
    name: str
    seconds: float
    revision: str = ""


class _Rehearsal(msgspec.Struct):
    stages: tuple[_Stage, ...] = ()


class _Rehearsals(msgspec.Struct):
    rehearsals: tuple[_Rehearsal, ...] = ()


def url_of(target: Target) -> str:
    """Return a URL that leads to the same database, without a password."""
    has = target.parameters
    if "service" in has:
        return f"service={has['service']}"
    hosts, ports = has.get("host", "").split(","), has.get("port", "").split(",")
    is_socket = hosts[0].startswith("/")
    places = [] if is_socket else [f"{_host(host)}{_port(ports, place)}" for place, host in enumerate(hosts)]
    more = {"host": has["host"], **({"port": has["port"]} if "port" in has else {})} if is_socket else {}
    more |= {name: has[name] for name in _PASSED if name in has}
    user = f"{quote(has['user'], safe='')}@" if "user" in has else ""
    return f"postgresql://{user}{','.join(places)}/{quote(has.get('dbname', ''), safe='')}{_query(more)}"


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _port(ports: list[str], place: int) -> str:
    port = ports[place] if place < len(ports) else ports[0]
    return f":{port}" if port else ""


def _query(more: dict[str, str]) -> str:
    return f"?{urlencode(more)}" if more else ""


def commands(settings: Settings) -> Commands:
    """Return the migration tool's commands, as configured, without a password that was typed into one."""
    own = settings.runbook
    typed = (settings.migration.rollback_command, own.status, own.partial, own.emergency, own.restore)
    return Commands(*(each and _without_secrets(each) for each in typed))


def _without_secrets(command: str) -> str:
    """Return a command without its secrets; a variable of the shell is none."""
    found = secrets_typed(command.split(), {}).words
    return Secrets(frozenset(word for word in found if not word.strip("'\"").startswith("$"))).hide(command)


def application(settings: Settings) -> Application:
    """Return what is configured of the application, by names."""
    parts = (settings.services, settings.endpoints, settings.commands, settings.plans, settings.queries)
    return Application(*(tuple(each.name for each in part) for part in parts))


def people(settings: Settings) -> People:
    """Return who is told and called, and the user's own items of the checklist."""
    items: dict[str, tuple[str, ...]] = {}
    for each in settings.checklist:
        items[each.phase] = (*items.get(each.phase, ()), each.item)
    levels = tuple((each.level, each.contact, each.after_minutes) for each in settings.escalation)
    return People(dict(settings.contacts), levels, bool(settings.notify.urls), items)


def last_drill(asked: Configured) -> tuple[Rehearsed | None, tuple[str, ...]]:
    """Return the last good drill of this project, else its last one; and what is to be said of records that are not believed."""
    folder = Path(asked.settings.report_dir)
    try:
        kept, refused = records(folder, key(asked))
    except Misuse as error:
        return None, (word(f"The records of drills: {error}."),)
    ours = [each.drill for each in kept if each.drill.project == project(asked)]
    told = tuple(word(f"A record of a drill: {each}.") for each in refused)
    if not ours:
        return None, told
    return _rehearsed(next((each for each in reversed(ours) if each.is_good), ours[-1]), folder), told


def _rehearsed(drill: Drill, folder: Path) -> Rehearsed:
    return Rehearsed(
        kind=drill.kind,
        when=drill.when,
        verdict=drill.verdict,
        source=drill.source,
        servers=drill.servers,
        is_good=drill.is_good,
        seconds=drill.seconds,
        rollback_seconds=drill.rollback_seconds,
        longest_wait_seconds=drill.longest_wait_seconds,
        wal_bytes=drill.wal_bytes,
        stages=tuple(_stages(drill, folder)),
    )


def _stages(drill: Drill, folder: Path) -> Iterator[tuple[str, float]]:
    """Yield the stages of this very drill, with their seconds; nothing if its report is not at hand any more."""
    try:
        report = contents(folder / "rehearsal.json", _MOST)
        told = msgspec.json.decode(report, type=_Rehearsals)
    except (OSError, ValueError, RecursionError):
        return
    if hashlib.sha256(report).hexdigest() == drill.report_sha256:
        yield from (
            (" ".join(filter(None, [each.name, each.revision])), each.seconds)
            for one in told.rehearsals
            for each in one.stages
        )

"""`provide(where)` returns a `Server`, as `--server` names it."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.system.extras import require
from rollproof.throwaway.servers.server import Server

if TYPE_CHECKING:
    from rollproof.throwaway.servers.binaries import Programs

NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
Attempts = Iterator[tuple[str, Callable[[], Server]]]  # what is tried, in order: for people, and how it is started


class Provider(NamedTuple):
    """A way to come by a server: a form of `--server`, the pattern of what is typed, its help, and what to try."""

    form: str
    pattern: str
    help: str
    attempts: Callable[[str, Mapping[str, str]], Attempts]


class NoServer(Inconclusive):
    """No provider could start PostgreSQL; `tried` is provider → reason."""

    def __init__(self, tried: Mapping[str, str]) -> None:
        attempts = "\n".join(f"  - {provider}: {_indented(reason)}" for provider, reason in tried.items())
        super().__init__(
            f"no PostgreSQL to rehearse on\ntried:\n{attempts}\n"
            "either install PostgreSQL 14 or newer (apt install postgresql, dnf install postgresql-server, "
            "brew install postgresql),\nor name its folder with --server local:BINDIR,\n"
            "or give a running server with --server postgresql://user@host/postgres; the role needs CREATEDB"
        )


def provide(where: str, options: Mapping[str, str] = NO_SETTINGS) -> Server:
    """Start or find a server as `--server` says, with `options` as additional server settings.

    The caller stops it. Raises `Misuse` if `where` has none of the known forms or a library is missing, `NoServer` if nothing
    answered.
    """
    provider = _provider(where, "--server")
    require("rehearse", "a throw-away PostgreSQL (for --rehearse, or a dump as the reference)")
    tried: dict[str, str] = {}
    for name, start in provider.attempts(where, options):
        try:
            return start()
        except Inconclusive as reason:
            tried[name] = str(reason)
    raise NoServer(tried)


def require_form(where: str, option: str) -> None:
    """Return if this is a form that `provide` knows, and a folder that it names is there. Raises `Misuse` with the `option`."""
    _provider(where, option)
    if where.startswith("local:"):
        from rollproof.throwaway.servers import binaries  # noqa: PLC0415

        binaries.given(where.partition(":")[2])


def _provider(where: str, option: str) -> Provider:
    found = next((provider for provider in PROVIDERS if re.fullmatch(provider.pattern, where)), None)
    if found is None:
        shown = f"{where.partition('://')[0]}://…" if "://" in where else where  # a URL may hold a password
        forms = "\n".join(f"  {provider.form:<16} {provider.help}" for provider in PROVIDERS)
        raise Misuse(f"{option} {shown!r} is none of the forms it can have:\n{forms}")
    return found


def of_major(where: str, major: int) -> str:
    """Return what to call for a server of this major version: `auto` becomes one that is installed here, if there is one.

    0 is any version.
    """
    if where == "container" and major:
        return f"container:postgres:{major}"
    if where != "auto":
        return where
    from rollproof.throwaway.servers import binaries  # noqa: PLC0415

    for found in binaries.local():
        if not found.missing and binaries.major_of(found) == major:
            return f"local:{found.bindir}"
    return where


# Imported where they are used: the providers need pytest-postgresql, psutil and SQL, a check against production none of them.


def _auto(_: str, options: Mapping[str, str]) -> Attempts:
    from rollproof.throwaway.servers import binaries  # noqa: PLC0415

    return _started(binaries.everywhere(), options)


def _embedded(_: str, options: Mapping[str, str]) -> Attempts:
    from rollproof.throwaway.servers import binaries  # noqa: PLC0415

    return _started(binaries.embedded(), options)


def _local(where: str, options: Mapping[str, str]) -> Attempts:
    from rollproof.throwaway.servers import binaries  # noqa: PLC0415

    _, named, folder = where.partition(":")
    return _started(iter([binaries.given(folder)]) if named else binaries.local(), options)


def _running(where: str, options: Mapping[str, str]) -> Attempts:
    from rollproof.throwaway.servers import admin  # noqa: PLC0415

    yield "the URL given", partial(admin.reach, where, options)


def _commanded(where: str, options: Mapping[str, str]) -> Attempts:
    from rollproof.throwaway.servers import commanded  # noqa: PLC0415

    yield "the command given", partial(commanded.start, where.partition(":")[2], options)


def _container(where: str, options: Mapping[str, str]) -> Attempts:
    from rollproof.throwaway.servers import container  # noqa: PLC0415

    image = where.partition(":")[2] or container.IMAGE
    yield f"container {image}", partial(container.start, image, options)


def _started(programs: "Iterator[Programs]", options: Mapping[str, str]) -> Attempts:
    from rollproof.throwaway.servers import processes  # noqa: PLC0415

    for found in programs:
        yield found.label, partial(processes.start, found, options)


# To add a way to come by a server, add a line, and a module beside this one if it is a server of a new kind.
PROVIDERS = (
    Provider("auto", "auto", "the PostgreSQL that comes with rollproof, then one installed here", _auto),
    Provider("embedded", "embedded", "the PostgreSQL that comes with rollproof", _embedded),
    Provider("local", "local", "a PostgreSQL installed here, 14 or newer", _local),
    Provider("local:BINDIR", "local:.*", "the one whose initdb, pg_ctl and postgres lie in BINDIR", _local),
    Provider("container", "container", "a container of the newest PostgreSQL, by Docker or Podman", _container),
    Provider("container:IMAGE", "container:.+", "a container of this image, such as postgres:16", _container),
    Provider(
        "exec:COMMAND",
        "(?s)exec:.+",
        "a clone: the command prints its URL, and destroys it when it is ended",
        _commanded,
    ),
    Provider(
        "postgresql://…",
        r"(?s)postgres(ql)?(\+[^:]*)?://.*",
        "a running server, by a role that may create databases",
        _running,
    ),
)


def _indented(reason: str) -> str:
    return reason.replace("\n", "\n    ")

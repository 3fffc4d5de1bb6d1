"""`provide(where)` returns a `Server`, as `--server` names it."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.rehearsal.servers.server import Server

FORMS = (
    "  auto              the PostgreSQL that comes with rollproof, then one installed here\n"
    "  embedded          the PostgreSQL that comes with rollproof\n"
    "  local             a PostgreSQL installed here, 14 or newer\n"
    "  local:BINDIR      the one whose initdb, pg_ctl and postgres lie in BINDIR\n"
    "  postgresql://…    a running server, by a role that may create databases"
)

NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


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

    The caller stops it. Raises `Misuse` if `where` has none of the known forms, `NoServer` if nothing answered.
    """
    tried: dict[str, str] = {}
    for provider, start in _attempts(where, options):
        try:
            return start()
        except Inconclusive as reason:
            tried[provider] = str(reason)
    raise NoServer(tried)


def _attempts(where: str, options: Mapping[str, str]) -> Iterator[tuple[str, Callable[[], Server]]]:
    # Imported here: the providers need pytest-postgresql, psutil and SQL, a check against production none of them.
    from rollproof.rehearsal.servers import admin, binaries, processes  # noqa: PLC0415

    kind, colon, rest = where.partition(":")
    if "://" in where and kind.partition("+")[0] in {"postgresql", "postgres"}:
        yield "the URL given", partial(admin.reach, where, options)
        return
    sources = {"auto": binaries.everywhere, "embedded": binaries.embedded, "local": binaries.local}
    if kind == "local" and colon:
        programs = iter([binaries.given(rest)])
    elif where in sources:
        programs = sources[where]()
    else:
        raise _misuse(where)
    for found in programs:
        yield found.label, partial(processes.start, found, options)


def _misuse(where: str) -> Misuse:
    if where.partition(":")[0] == "container":
        return Misuse(
            "--server container: this version starts no containers itself\n"
            "either start one yourself and pass its URL with --server postgresql://postgres:…@127.0.0.1:PORT/postgres,"
            " or use --server embedded or --server local"
        )
    shown = f"{where.partition('://')[0]}://…" if "://" in where else where  # a URL may hold a password
    return Misuse(f"--server {shown!r} is none of the forms it can have:\n{FORMS}")


def _indented(reason: str) -> str:
    return reason.replace("\n", "\n    ")

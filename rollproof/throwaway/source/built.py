"""How a rehearsal's database is made of its source, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from rollproof.server.transactions import Limits
from rollproof.throwaway.servers.server import Server, shown


def _no_command(command: str, database: str) -> str:
    return f"{command} cannot be run on {database}"


@dataclass(frozen=True)
class How:
    """With or without rows (`schema_only`), or with a `sample` of so many rows of each table, and what these refer to.

    The source is read within `limits`, by so many sessions as their `jobs`. `run` runs a shell command that fills a database of
    this name on the server, and returns what went wrong, or "". `tell` hears how far it is.
    """

    schema_only: bool = False
    sample: int | None = None
    limits: Limits = field(default_factory=Limits)
    run: Callable[[str, str], str] = _no_command
    tell: Callable[[str], None] = lambda _: None

    @property
    def whole(self) -> bool:
        """Whether all rows are wanted."""
        return not self.schema_only and self.sample is None


@dataclass(frozen=True)
class Built:
    """The `source` for people, without its password; what was `left_out`, one sentence each; `notes`; and how long it took."""

    source: str
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0


def of_another_major(major: int | None, server: Server) -> tuple[str, ...]:
    """Return what to say of a source that is of another major version than the server."""
    if major in (None, server.version // 10_000):
        return ()
    return (f"the source is PostgreSQL {major}, and it is rehearsed on {shown(server.version)}",)

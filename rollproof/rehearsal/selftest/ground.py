"""The throw-away database of a self-test: made like the user's, with a sample of its rows, and the role that verifies."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rollproof.commands.verification import limits
from rollproof.rehearsal.world import World
from rollproof.server.connection import Target
from rollproof.settings.configuration import Configured
from rollproof.system.deadline import Deadline
from rollproof.throwaway.servers.provide import of_major, provide
from rollproof.throwaway.source.build import built
from rollproof.throwaway.source.built import How
from rollproof.throwaway.source.where import Source


@dataclass
class Ground:
    """A world that was kept as it is before every fault, and the address of its database for the `role` that verifies."""

    world: World
    kept: str
    role: str
    role_url: str
    left_out: tuple[str, ...]

    def renew(self) -> None:
        """Put the database back as it was before the fault."""
        self.world.bring_back(self.kept)


@contextmanager
def ground(known: Configured, source: str, sample: int, tell: Callable[[str], None]) -> Iterator[Ground]:
    """Make the throw-away database of a source; nothing is left of it."""
    settings = known.settings
    found = Source.parse(source)
    with ExitStack() as keep:
        server = provide(of_major(settings.server, found.size().major or 0))
        keep.callback(server.stop)
        world = World(server)
        how = How(sample=sample, limits=limits(settings, Deadline(settings.max_duration)), tell=tell)
        made = built(found, server, world.database, how)
        role = Target.parse(settings.database_url or "").parameters.get("user") or ""
        url = _as(world, role)
        yield Ground(world, world.keep(), role, url, made.left_out)


def _as(world: World, role: str) -> str:
    """Return the database's address for a role, which gets a password of ours; the server's own one is as it is."""
    known = conninfo_to_dict(world.url)
    if role in ("", known["user"]):
        return world.url
    password = secrets.token_hex(16)
    with psycopg.connect(world.url, autocommit=True) as admin:
        login = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}")
        admin.execute(login.format(sql.Identifier(role), sql.Literal(password)))
    return make_conninfo(world.url, user=role, password=password)

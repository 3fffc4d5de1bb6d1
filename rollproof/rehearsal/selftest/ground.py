"""The throw-away database of a self-test: made like the user's, with a sample of its rows, and the role that verifies."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from rollproof.commands.verification import limits
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.names import sql_name
from rollproof.rehearsal.selftest.verifier import Verifier
from rollproof.rehearsal.world import World
from rollproof.server.connection import Target
from rollproof.settings.configuration import Configured
from rollproof.system.deadline import Deadline
from rollproof.throwaway.servers.provide import of_major, provide
from rollproof.throwaway.servers.server import Server
from rollproof.throwaway.source.build import built
from rollproof.throwaway.source.built import Built, How
from rollproof.throwaway.source.where import Source


@dataclass
class Ground:
    """A world that was kept as it is before every fault, and the address of its database for the `role` that verifies."""

    world: World
    kept: str
    role: str
    role_url: str
    left_out: tuple[str, ...]
    is_superuser: bool = True
    notes: tuple[str, ...] = ()

    def renew(self) -> None:
        """Put the database back as it was before the fault."""
        self.world.bring_back(self.kept)


@contextmanager
def ground(known: Configured, source: str, sample: int, tell: Callable[[str], None]) -> Iterator[Ground]:
    """Make the throw-away database of a source; nothing is left of it.

    Raises `Misuse` if the source or the server is none for this, `Inconclusive` if the source cannot be copied.
    """
    settings = known.settings
    found = Source.parse(source)
    if found.kind == "nothing":
        raise Misuse(
            "--database-url names the database whose configuration is tested; --source names another one to copy"
        )
    verifier = Verifier.of(settings.database_url)
    with ExitStack() as keep:
        server = provide(of_major(settings.server, found.size().major or 0))
        keep.callback(server.stop)
        _require_own(server)
        verifier.furnish(server, made_by_source=found.kind == "database")
        world = World(server)
        how = How(sample=sample, limits=limits(settings, Deadline(settings.max_duration)), tell=tell)
        made = _copied(found, world, how, verifier)
        url, is_superuser = verifier.url(world), verifier.is_superuser(world)
        notes = (*verifier.notes, *made.notes)
        yield Ground(world, world.keep(), verifier.as_role, url, made.left_out, is_superuser, notes)


def _require_own(server: Server) -> None:
    if server.shared:
        raise Misuse(
            "--server: a self-test plants faults in roles, too, so it works on no server that others use\n"
            "leave it out, or name one that is rollproof's own: auto, local:BINDIR, container"
        )


def _copied(source: Source, world: World, how: How, verifier: Verifier) -> Built:
    try:
        return built(source, world.server, world.database, how)
    except Inconclusive as error:
        if (
            source.kind != "database"
            or Target.parse(source.where).parameters.get("user", verifier.in_as) != verifier.in_as
        ):
            raise
        raise Inconclusive(
            f"{source} cannot be copied by {sql_name(verifier.in_as)}: {error}\n"
            "or --source names another way to copy it, the URL of its owner or of a superuser, or a dump: "
            f"what verifies is still the role {sql_name(verifier.in_as)}"
        ) from error

"""The database of a rehearsal, built of what `--source` names."""

import time
from dataclasses import replace

from rollproof.server.connection import Target
from rollproof.throwaway.servers.server import Server
from rollproof.throwaway.source.built import Built, How
from rollproof.throwaway.source.copied import copied
from rollproof.throwaway.source.furniture import Place
from rollproof.throwaway.source.where import Source


def built(source: Source, server: Server, database: str, how: How) -> Built:
    """Build a source into a database of the server, which is made for it.

    Raises `Misuse` if the source cannot be what was typed, `Inconclusive` if it cannot be built there.
    """
    began = time.monotonic()
    server.create(database)
    made = _made(source, Place(server, database), how)
    return replace(made, seconds=time.monotonic() - began)


def _made(source: Source, place: Place, how: How) -> Built:
    if source.kind == "database":
        return copied(Target.parse(source.where), place, how)
    return Built(str(source))

"""The database of a rehearsal, built of what `--source` names."""

import time
from dataclasses import replace

import psycopg

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.server.connection import Target
from rollproof.throwaway.clone import without_mappings
from rollproof.throwaway.servers.server import Server, fresh_name
from rollproof.throwaway.source.built import Built, How
from rollproof.throwaway.source.copied import copied
from rollproof.throwaway.source.furniture import Place
from rollproof.throwaway.source.played import commanded, played
from rollproof.throwaway.source.restored import restored
from rollproof.throwaway.source.where import Source


def built(source: Source, server: Server, database: str, how: How) -> Built:
    """Build a source into a database of the server, which is made for it.

    Raises `Misuse` if the source cannot be what was typed, `Inconclusive` if it cannot be built there.
    """
    if how.schema_only and how.sample is not None:
        raise Misuse("--schema-only copies no rows, and --sample some of them: pass one of both")
    if source.kind == "nothing" and not how.whole:
        raise Misuse("--schema-only and --sample say how much of the source is copied: --source names one")
    began = time.monotonic()
    place = Place(server, database)
    if source.kind == "clone":
        _cut_off(place)
        return Built(str(source))
    server.create(database)
    if source.kind == "database":
        made = copied(Target.parse(source.where), place, how)
    elif how.whole:
        made = _whole(source, place, how)
    else:
        made = _in_part(source, place, how)
    return replace(made, source=str(source), seconds=time.monotonic() - began)


def _cut_off(clone: Place) -> None:
    """See that nothing on a clone reaches another server."""
    try:
        with clone.connect() as admin:
            without_mappings(admin)
    except psycopg.Error as error:
        raise Inconclusive(
            f"the clone has user mappings, by which a migration may reach another server, and they cannot be dropped: {error}"
        ) from error


def _whole(source: Source, place: Place, how: How) -> Built:
    if source.kind == "dump":
        return restored(source.path, place, how)
    if source.kind == "script":
        return played(source.path, place, how)
    if source.kind == "command":
        how.tell(f"running {source}")
        return commanded(source.where, place, how)
    return Built("")


def _in_part(source: Source, place: Place, how: How) -> Built:
    """Build it whole beside the place, and copy a part of that."""
    beside = Place(place.server, fresh_name())
    place.server.create(beside.database)
    try:
        whole = _whole(source, beside, how)
        part = copied(Target.parse(beside.url), place, how)
    finally:
        place.server.drop(beside.database)
    return replace(part, left_out=whole.left_out + part.left_out, notes=whole.notes + part.notes)

r"""An SQL file played by psql, or a shell command run, that makes the database.

Both are the user's own, as the migration is: psql's commands in the file (`\i`, `\copy`, `\!`) are obeyed.
"""

import re
from collections.abc import Callable
from pathlib import Path

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.server.connection import Target
from rollproof.throwaway.dumps import found_program
from rollproof.throwaway.source.built import Built, How
from rollproof.throwaway.source.complaints import told
from rollproof.throwaway.source.furniture import Place
from rollproof.throwaway.source.named import Named
from rollproof.throwaway.source.programs import FASTER, Ended, Programs
from rollproof.throwaway.source.restored import make_named

_DATABASES = "SELECT d.datname::text FROM pg_catalog.pg_database AS d"
_WHERE = re.compile(r"^psql:(.*):(\d+): (?:ERROR|FATAL|error):\s+(.*)$", re.MULTILINE)


def played(path: Path, place: Place, how: How) -> Built:
    """Play an SQL file on an empty database. Raises `Inconclusive` with the first line that was refused."""
    named = Named.of(path.read_text("utf-8", "replace").splitlines())
    lacks = make_named(named, place)
    program = Path(found_program("psql", place.server))
    command = [program.name, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(path)]
    programs = Programs(program.parent, how.limits.deadline, how.tell)
    _only_here(place, lambda: _refused(programs.run(command, Target.parse(place.url), FASTER, alone=True)))
    return Built(str(path), told(lacks), _made(named))


def commanded(command: str, place: Place, how: How) -> Built:
    """Run a command that fills an empty database. Raises `Inconclusive` if it fails."""
    _only_here(place, lambda: how.run(command, place.database))
    return Built("")


def _made(named: Named) -> tuple[str, ...]:
    return (f"the roles that the file takes for granted were made: {', '.join(named.roles)}",) if named.roles else ()


def _refused(ended: Ended) -> str:
    if found := _WHERE.search(ended.said):
        return f"line {found[2]} of {found[1]} was refused: {found[3]}"
    return (ended.said.strip() or "psql ended early, and did not say why") if ended.code else ""


def _only_here(place: Place, run: Callable[[], str]) -> None:
    """Run what fills the database, and see that it made no other one; then the planner is told of the rows."""
    with place.connect() as admin:
        before = {str(name) for (name,) in admin.execute(_DATABASES)}
        if trouble := run():
            raise Inconclusive(f"the source could not be made: {trouble}")
        more = {str(name) for (name,) in admin.execute(_DATABASES)} - before if place.is_ours else set()
        if more:
            raise Misuse(
                f"the source made a database of its own ({', '.join(sorted(more))}), which is not the one that is rehearsed on\n"
                "leave CREATE DATABASE and \\connect out of it: a database is there, and it is connected to"
            )
        admin.execute("ANALYZE")

"""What a baseline keeps beside facts and rows: plans and results of queries, and answers of endpoints, all without any value.

A plan is told by its nodes, tables and indexes, a result by counts and digests, an answer by its status, its kind and its keys.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import copy2

from msgspec.structs import replace

from rollproof.model.amounts import counted
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.failure import NotRestored
from rollproof.model.snapshot import Snapshot
from rollproof.model.timestamps import shown
from rollproof.probes.endpoints.recording import ANSWERS, recorded_answers
from rollproof.probes.queries.recordings import recordings
from rollproof.settings.options import Settings
from rollproof.sources.baseline import Seal, load, save
from rollproof.sources.live import Live
from rollproof.sources.signature import Key
from rollproof.system.files import is_there


def take_baseline(source: Live, settings: Settings, environment: Mapping[str, str]) -> Snapshot:
    """Return all that a baseline holds: facts, rows, plans, and the answers that the configuration names.

    What could not be read is `unknown` in it, with the reason. Raises `Misuse` if an endpoint cannot be asked as it is written,
    `Inconclusive` if the connection was lost: what is compared with a baseline must know which moment it tells.
    """
    snapshot, view = source.complete(settings.growing, detail=settings.detail), source.view
    deadline = view.limits.deadline
    extra, unknown = recordings(source, snapshot.facets["rows"], settings)
    with _into(unknown, ANSWERS):
        extra |= recorded_answers(settings.endpoints, environment, deadline) if settings.endpoints else {}
    deadline.require()
    if view.instants > 1:
        raise Inconclusive(
            "no baseline was written: the connection was lost, and it would be of several instants; run again"
        )
    return replace(snapshot, facets={**snapshot.facets, **extra}, unknown={**snapshot.unknown, **unknown})


@contextmanager
def _into(unknown: dict[str, dict[str, str]], facet: str) -> Iterator[None]:
    try:
        yield
    except Inconclusive as error:
        unknown[facet] = {"*": str(error)}
    except NotRestored as error:  # an application that does not answer as it should: then there is nothing to record
        unknown[facet] = {"*": "; ".join(finding.sentence for finding in error.findings)}


def require_whole(snapshot: Snapshot) -> None:
    """Raise `Inconclusive` with everything that could not be read: after the rollback nobody could compare it."""
    holes = [
        f"- {facet}{'' if key == '*' else f' {key}'}: {text}"
        for facet, facts in snapshot.unknown.items()
        for key, text in facts.items()
    ]
    if holes:
        raise Inconclusive("\n".join(["no baseline was written, because this could not be read:", *holes]))


def aside(path: Path) -> Path | None:
    """Return where the baseline at this path is kept when another takes its place, by when it was taken; None if there is none.

    Raises `Misuse` if what is there is no baseline: then nobody can say what would be lost.
    """
    if not is_there(path):
        return None
    try:
        taken = load(path, allow_empty=True).origin.taken
    except Misuse as error:
        raise Misuse(
            f"a baseline is to be written to {path}, where something else is: move it away\n{error}"
        ) from error
    return path.with_name(f"{path.stem}-{''.join(each if each.isdigit() else '-' for each in taken[:19])}{path.suffix}")


def keep(path: Path, kept: Path, say: Callable[[str], object]) -> None:
    """Copy the baseline that is there to where it is kept. Raises `Misuse` if it cannot be."""
    try:
        copy2(path, kept)
    except OSError as error:
        raise Misuse(f"the baseline that is there cannot be kept as {kept}: {error.strerror}") from error
    say(f"the baseline that was there is kept: {kept}")


def put(snapshot: Snapshot, path: Path, say: Callable[[str], object], key: Key | None = None) -> Seal:
    """Write the baseline, whole or not at all, signed if there is a key; one that is there is kept under the time it was taken.

    Returns what vouches for it.
    Raises `Misuse` if the file cannot be written, or if what is there is no baseline.
    """
    if kept := aside(path):
        keep(path, kept, say)
    seal = save(snapshot, path, key)
    facts, tables = sum(map(len, snapshot.facets.values())), counted(len(snapshot.tables), "table")
    say(
        f"baseline written: {path}, {tables}, {counted(facts, 'fact')}, as of {shown(snapshot.origin.taken)}, "
        f"{'signed' if seal.signed else 'not signed'}, SHA-256 {seal.sha256}"
    )
    return seal

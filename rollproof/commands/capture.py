"""`rollproof capture`: the baseline, taken before the migration."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from rollproof.commands.command_options import (
    Command,
    also_of_many,
    at_home,
    configured,
    files,
    interruptible,
    settings_options,
    tell,
)
from rollproof.commands.incidents import entered
from rollproof.commands.scan_progress import ScanProgress
from rollproof.commands.taken import Taken, take
from rollproof.commands.verification import key_of
from rollproof.model.amounts import counted
from rollproof.model.errors import Inconclusive
from rollproof.model.snapshot import Snapshot
from rollproof.model.timestamps import shown
from rollproof.probes.endpoints.application import require_askable
from rollproof.probes.endpoints.recording import ANSWERS
from rollproof.probes.queries.lookups import LOOKUPS
from rollproof.probes.queries.plans import PLANS
from rollproof.probes.queries.results import RESULTS, kept
from rollproof.probes.recorded import aside
from rollproof.probes.recorded import keep as keep_aside
from rollproof.server.sqlstates import unknown_cluster
from rollproof.settings.options import Settings
from rollproof.settings.reference import BASELINE
from rollproof.sources.baseline import save
from rollproof.sources.signature import Key, read_key
from rollproof.system.deadline import Deadline
from rollproof.system.signals import SIGNALS


@also_of_many
@settings_options("capture")
@click.command(
    cls=Command,
    example="rollproof capture --database-url postgresql://verifier@db.example/shop --output baseline.json",
)
@click.option(
    "--output",
    metavar="FILE",
    shell_complete=files,
    callback=at_home,
    help=f"the sealed file [default: what --reference would be, so {BASELINE} beside the configuration]",
)
@click.option(
    "--sign",
    metavar="KEYFILE",
    shell_complete=files,
    callback=at_home,
    help="sign it with this key, so that verify --require-signature KEYFILE accepts it",
)
@click.option("--partial", is_flag=True, help="write it even if some facts could not be read; they stay unknown")
@interruptible
def capture(output: str | None, rollproof_config: str | None, *, sign: str | None, partial: bool, **typed: Any) -> None:
    """Take the baseline: before the migration, read-only."""
    asked = configured(rollproof_config, typed, output)
    settings = asked.settings
    require_askable(settings.endpoints, os.environ)  # what cannot be asked is refused before anybody waits
    key = read_key(sign, "--sign") if sign else key_of(settings)
    path = Path(output) if output else asked.baseline
    with entered("capture", settings, tell) as course:
        taken = _taken(settings, path, key, partial=partial)
        course.facts |= {"database": taken.of, "baseline": str(path)}
    for line in _remarks(taken):
        click.echo(line)


def _taken(settings: Settings, path: Path, key: Key | None, *, partial: bool) -> Taken:
    """Take the baseline, and write it. Raises `Inconclusive` if it has holes, and they are not allowed."""
    kept = aside(path)
    taken = take(settings, os.environ, Deadline(settings.max_duration), tell, ScanProgress)
    if taken.pace:
        click.echo(taken.pace, err=True)
    if taken.holes and not partial:
        raise Inconclusive(
            "\n".join(["nothing was written, because this could not be read:", *taken.holes, "or pass --partial"])
        )
    if kept:
        keep_aside(path, kept, click.echo)
    _save(taken.snapshot, path, key, taken.of)
    return taken


def _remarks(taken: Taken) -> Iterator[str]:
    """Yield what is missing in the baseline, and what is to be known of the role that read it."""
    facets = taken.snapshot.facets
    recorded = {
        "the plans of": facets.get(PLANS),
        "the results of": facets.get(RESULTS),
        "the answers of": facets.get(ANSWERS),
    }
    yield from (f"with {what} {', '.join(facts)}" for what, facts in recorded.items() if facts)
    if found := facets.get(LOOKUPS):
        yield f"with the plans of look-ups by {counted(len(found), 'key')}"
    varying = (name for name, each in kept(facets.get(RESULTS, {})).items() if each.varies)
    yield from (f"query {name} answers differently each time, so it cannot be compared" for name in varying)
    yield from (f"not known {hole}" for hole in taken.holes)
    if not taken.snapshot.origin.system:
        yield unknown_cluster(taken.role)
    yield from (f"without {facet}, which will not be checked: {why}" for facet, why in taken.snapshot.absent.items())
    yield from taken.notes


def _save(snapshot: Snapshot, path: Path, key: Key | None, of: str) -> None:
    """Write the baseline and say so, both or neither, whatever signal comes."""
    facts, tables = sum(map(len, snapshot.facets.values())), counted(len(snapshot.tables), "table")
    with SIGNALS.waiting():
        seal = save(snapshot, path, key)
        click.echo(f"{path}: {tables}, {counted(facts, 'fact')} of {of}, as of {shown(snapshot.origin.taken)}")
        click.echo(f"SHA-256 {seal.sha256}, {'signed' if seal.signed else 'not signed'}")

"""The lines on the terminal."""

from collections.abc import Iterator

from rollproof.rehearsal.record import Rehearsed


def lines(rehearsed: Rehearsed) -> Iterator[str]:
    """Yield the lines about a rehearsal."""
    for stage in rehearsed.stages:
        name = f"{stage.revision} {stage.name}".strip()
        yield f"{name:<32} {stage.seconds:7.1f} s  {stage.word:<12} {stage.sentence}"
        yield from (f"    - {finding.check}: {finding.sentence}" for finding in stage.findings)
    yield f"{rehearsed.verdict}"

"""Targets by a file: one URL a line, a name beside it if there is one."""

from collections.abc import Iterator
from pathlib import Path

from rollproof.fleet.target import FleetTarget
from rollproof.model.errors import Misuse


def targets(named: str) -> tuple[FleetTarget, ...]:
    """Return the targets that `--targets` names. Raises `Misuse` in one sentence, without a secret."""
    try:
        found = tuple(_in_lines(Path(named).read_text("utf-8")))
    except OSError as error:
        raise Misuse(f"--targets {named}: {error.strerror}") from error
    if not found:
        raise Misuse(f"--targets {named}: the list is empty; write one database URL a line")
    return found


def _in_lines(text: str) -> Iterator[FleetTarget]:
    for line in text.splitlines():
        url, _, name = line.partition("#")[0].strip().partition(" ")
        if url:
            target = FleetTarget(name.strip(), url)
            yield target if target.name else FleetTarget(target.address.parameters.get("dbname", url), url)

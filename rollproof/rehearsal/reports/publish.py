"""All reports of a rehearsal: files written, lines printed, GitHub told."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from rollproof.commands.drill_records import leave
from rollproof.model.redaction import Secrets, hidden
from rollproof.rehearsal.drills import of_rehearsal
from rollproof.rehearsal.record import Rehearsed
from rollproof.rehearsal.reports.files import rendered, written
from rollproof.rehearsal.reports.github import commands, summarise
from rollproof.rehearsal.reports.telling import told
from rollproof.rehearsal.reports.terminal import lines
from rollproof.rehearsal.reports.told import Told
from rollproof.report.folder import Runs
from rollproof.sources.signature import Key
from rollproof.system.output import painted


@dataclass(frozen=True)
class Publisher:
    """Where reports go: the folder, in which `keep` runs are kept (0: all), and the record of the drill, signed by the `key`.

    `measured` hears what came of it, and says what it could not write.
    """

    folder: Path
    keep: int
    secrets: Secrets
    project: str
    source_kind: str
    key: Key | None
    measured: Callable[[Told, Callable[[str], object]], object] = lambda *_: None

    def published(self, rehearsals: Sequence[Rehearsed]) -> tuple[str, int]:
        """Write the reports and print what came of it; returns the verdict and the exit code. No writer changes either."""
        hide = self.secrets.hide_credentials
        said = told(rehearsals, Path.cwd(), hide)
        files = rendered(said, rehearsals, hide)
        runs = Runs(self.folder, self.keep)
        try:
            paths = [*written(runs, said, files)]
        finally:
            runs.leave()
        paths += self._record(rehearsals, said.verdict, files["rehearsal.json"])
        self.measured(said, paths.append)
        if problem := summarise(said, os.environ):
            paths.append(f"NOT written: the step's summary: {problem}")
        click.echo("\n".join(lines(said, paths)))
        with painted(sys.stdout):  # they are commands, and harmless
            click.echo("".join(f"{each}\n" for each in commands(said)), nl=False)
        return said.verdict, said.exit_code

    def _record(self, rehearsals: Sequence[Rehearsed], verdict: str, report: bytes) -> Iterator[str]:
        """Leave the sealed record of the drill; yields the line that says where it is."""
        drill = of_rehearsal(rehearsals, verdict, self.project, self.source_kind, report)
        try:
            yield f"record of this drill: {leave(self.folder, hidden(drill, self.secrets.hide_credentials), self.key)}"
        except OSError as error:
            yield f"NOT written: the record of this drill: {error.strerror or error}"

"""All reports of a rehearsal: files written, lines printed, GitHub told."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from rollproof.model.redaction import Secrets
from rollproof.rehearsal.record import Rehearsed
from rollproof.rehearsal.reports.files import rendered, written
from rollproof.rehearsal.reports.github import commands, summarise
from rollproof.rehearsal.reports.telling import told
from rollproof.rehearsal.reports.terminal import lines
from rollproof.report.folder import Runs
from rollproof.settings.options import Settings
from rollproof.system.output import painted


def published(rehearsals: Sequence[Rehearsed], settings: Settings, secrets: Secrets) -> int:
    """Write the reports into --report-dir and print what came of it; returns the exit code. No writer changes the verdict."""
    hide = secrets.hide_credentials
    said = told(rehearsals, Path.cwd(), hide)
    runs = Runs(Path(settings.report_dir), settings.keep_runs)
    try:
        paths = [*written(runs, said, rendered(said, rehearsals, hide))]
    finally:
        runs.leave()
    problem = summarise(said, os.environ)
    click.echo("\n".join(lines(said, [*paths, *([f"NOT written: the step's summary: {problem}"] if problem else [])])))
    with painted(sys.stdout):  # they are commands, and harmless
        click.echo("".join(f"{each}\n" for each in commands(said)), nl=False)
    return said.exit_code

"""All reports of a self-test: files written, lines printed, GitHub told."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from rollproof.rehearsal.selftest.outcome import SelfTested
from rollproof.rehearsal.selftest.reports.files import written
from rollproof.rehearsal.selftest.reports.github import annotations
from rollproof.rehearsal.selftest.reports.markdown import summary
from rollproof.rehearsal.selftest.reports.telling import told
from rollproof.rehearsal.selftest.reports.terminal import lines
from rollproof.rehearsal.selftest.reports.told import ToldSelfTest
from rollproof.report.github import add_to_summary, is_there
from rollproof.system.output import painted

Measured = Callable[[ToldSelfTest, Callable[[str], object]], object]
"""Hears what came of it, and says what it could not write."""


def published(done: SelfTested, folder: Path, hide: Callable[[str], str], measured: Measured) -> int:
    """Write the reports into the folder and print what came of it; returns the exit code, which no writer changes."""
    said = told(done, hide)
    files = [*written(said, folder)]
    measured(said, files.append)
    if problem := add_to_summary(summary(said), os.environ):
        files.append(f"NOT written: the step's summary: {problem}")
    _print([*lines(said, files)])
    if is_there(os.environ):
        with painted(sys.stdout):  # they are commands, and harmless
            _print([each.command() for each in annotations(said)])
    return said.exit_code


def _print(texts: Sequence[str]) -> None:
    click.echo("".join(f"{each}\n" for each in texts), nl=False)

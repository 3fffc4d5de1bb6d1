"""What is told of a fleet when all is written: to the terminal, to who asks for metrics, and to GitHub Actions."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from rollproof.commands.metrics_file import last_good_run, put_metrics
from rollproof.model.phase import PHASES
from rollproof.report.blocks import Line
from rollproof.report.fleet.terminal import lines
from rollproof.settings.options import Settings
from rollproof.system.output import painted
from rollproof.verdict.fleet.fleet_report import FleetReport

PAGE = "fleet.html"
_COLOURS = {"good": "green", "part": "yellow", "bad": "red", "open": "yellow"}


def tell(report: FleetReport, settings: Settings, missing: Sequence[str], hide: Callable[[str], str]) -> None:
    """Print the verdict and the groups, and write metrics; in GitHub Actions annotate them too, without secrets.

    `missing` says what could not be written.
    """
    folder = Path(settings.report_dir)
    page = folder / PAGE
    problems = [*missing]
    if settings.metrics_file:
        _measure(report, settings.metrics_file, folder, problems.append)
    on_github = os.environ.get("GITHUB_ACTIONS") == "true"
    if on_github:
        _summarise(report, os.environ.get("GITHUB_STEP_SUMMARY", ""), hide, problems.append)
    with painted(sys.stdout):  # lines are made harmless before they are coloured, and annotations are commands
        for line in lines(report, str(page if page.is_file() else folder / "fleet.json"), problems):
            click.echo(_painted(line))
        if on_github:
            from rollproof.report.fleet.github import annotations  # noqa: PLC0415 (it brings jinja2, for which nobody else waits)

            for each in annotations(report):
                click.echo(each.command())


def _measure(report: FleetReport, file: str, folder: Path, say: Callable[[str], object]) -> None:
    from rollproof.report.fleet.metrics import samples  # noqa: PLC0415 (most runs have no use for it)
    from rollproof.report.metrics import Beside  # noqa: PLC0415 (the same)

    good = PHASES[report.phase].good if report.phase in PHASES else ""
    beside = Beside(time.time(), last_good_run(folder, report.phase, report.targets, good))
    common = {"command": "verify", "phase": report.phase, "database": report.targets}
    put_metrics(file, samples(report, beside), common, say)


def _summarise(report: FleetReport, file: str, hide: Callable[[str], str], say: Callable[[str], object]) -> None:
    from rollproof.report.fleet.github import step_summary  # noqa: PLC0415 (the same)

    if not file:
        return
    try:
        path = Path(file)
        text = step_summary(report, path.stat().st_size if path.exists() else 0)
        with path.open("a", encoding="utf-8", errors="replace") as summary:
            summary.write(hide(text))
    except OSError as error:
        say(f"NOT written: the step's summary: {error.strerror or error}")


def _painted(line: Line) -> str:
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return line.text
    return click.style(line.text, bold=line.bold or None, fg=_COLOURS.get(line.tone))

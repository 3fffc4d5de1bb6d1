"""`rollproof capture --targets`: a baseline of each of many databases."""

from pathlib import Path
from typing import Any

import click

from rollproof.commands.command_options import Command, configured, interruptible, settings_options
from rollproof.fleet.command_line import fleet_options, settings_of
from rollproof.fleet.executors import workers
from rollproof.fleet.job import Answer, Job, encoded
from rollproof.fleet.schedule import run
from rollproof.fleet.target import FleetTarget
from rollproof.fleet.target_list import targets as listed
from rollproof.system.files import replace_file


@settings_options("capture")
@fleet_options
@click.command(cls=Command, example="rollproof capture --targets tenants.txt --output baselines/")
@click.option("--output", metavar="DIR", required=True, help="the folder of the baselines")
@interruptible
def capture(
    rollproof_config: str | None, *, targets: str, output: str, executor: str, per_server: int, **typed: Any
) -> None:
    """Take a baseline of each of many databases, read-only."""
    settings = configured(rollproof_config, typed, asks_subject=False).settings
    Path(output).mkdir(parents=True, exist_ok=True)

    def ended(target: FleetTarget, answer: Answer) -> None:
        if content := answer.files.get("baseline.json"):
            replace_file(Path(output) / f"{target.name}.json", content)
        click.echo(f"{target.name}: {answer.outcome.verdict}: {answer.outcome.sentence}")

    def content(target: FleetTarget) -> bytes:
        return encoded(Job(target.name, target.server, "capture", settings_of(target, settings), target.schema))

    run(listed(targets), content, workers(executor), per_server, ended)

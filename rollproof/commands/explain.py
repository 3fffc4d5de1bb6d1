"""`rollproof explain`: what a check promises, as its file says."""

import click
from click.shell_completion import CompletionItem

from rollproof.commands.command_options import Command
from rollproof.system.bundle import check_files, explanation


def _checks(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(check) for check in check_files() if check.startswith(incomplete)]


@click.command(cls=Command, example="rollproof explain sequences")
@click.argument("check", required=False, shell_complete=_checks)
def explain(check: str | None) -> None:
    """Say what a CHECK promises, when it fails, what it cannot see; without a name, list the checks."""
    if check:
        click.echo(explanation(check))
        return
    width = max(map(len, check_files()))
    for slug in check_files():
        click.echo(f"{slug:{width}} {' '.join(explanation(slug).partition(chr(10) * 2)[0].split())}")

"""`rollproof explain`: what a check promises, as its file says."""

import click

from rollproof.system.bundle import check_files, explanation


@click.command()
@click.argument("check", required=False)
def explain(check: str | None) -> None:
    """Say what a CHECK promises, when it fails, what it cannot see; without a name, list the checks."""
    if check:
        click.echo(explanation(check))
        return
    width = max(map(len, check_files()))
    for slug in check_files():
        click.echo(f"{slug:{width}} {' '.join(explanation(slug).partition(chr(10) * 2)[0].split())}")

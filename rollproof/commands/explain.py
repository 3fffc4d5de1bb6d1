"""`rollproof explain`: what a check promises, as its file says."""

import click
from click.shell_completion import CompletionItem

from rollproof.commands.command_options import Command
from rollproof.settings.waiver import OF_OWN
from rollproof.system.bundle import check_files, explanation, own_explanation

_OWN = """Your own: a pytest test with the mark of a phase, in your testpaths or in a folder that `checks` in rollproof.toml names:

    @pytest.mark.post_rollback
    def test_totals(before, after, subject):
        \"\"\"Every invoice costs what its lines cost.\"\"\"
        assert not subject.execute("SELECT …").fetchall()

`rollproof explain tests/test_invoices.py::test_totals` says what its docstring says; docs/your-own-check.md has the rest."""


def _checks(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(check) for check in check_files() if check.startswith(incomplete)]


@click.command(cls=Command, example="rollproof explain sequences")
@click.argument("check", required=False, shell_complete=_checks)
def explain(check: str | None) -> None:
    """Say what a CHECK promises, when it fails, what it cannot see; without a name, list the checks."""
    if check:
        click.echo(own_explanation(check) if OF_OWN in check else explanation(check))
        return
    width = max(map(len, check_files()))
    for slug in check_files():
        click.echo(f"{slug:{width}} {' '.join(explanation(slug).partition(chr(10) * 2)[0].split())}")
    click.echo(f"\n{_OWN}")

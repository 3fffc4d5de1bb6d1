"""`rollproof explain`: what a check promises and how to mend what it finds; what a verdict or an exit code means."""

import click
from click.shell_completion import CompletionItem

from rollproof.commands import explained
from rollproof.commands.command_options import Command
from rollproof.model.errors import Misuse
from rollproof.model.markers import FAMILIES
from rollproof.model.phase import PHASES
from rollproof.settings.waiver import OF_OWN
from rollproof.system.bundle import own_explanation

_OWN = """
Your own: a pytest test with the mark of a phase, in your testpaths or in a
folder that `checks` in rollproof.toml names:

    @pytest.mark.post_rollback
    def test_totals(before, after, subject):
        \"\"\"Every invoice costs what its lines cost.\"\"\"
        assert not subject.execute("SELECT …").fetchall()

`rollproof explain tests/test_invoices.py::test_totals` says what its docstring
says; docs/your-own-check.md has the rest."""


def _words(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(word) for word in explained.words() if word.startswith(incomplete)]


def _phases(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name, help=phase.when) for name, phase in PHASES.items() if name.startswith(incomplete)]


def _families(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in FAMILIES if name.startswith(incomplete)]


@click.command(cls=Command, example="rollproof explain sequences\nrollproof explain NOT RESTORED")
@click.option("--phase", metavar="PHASE", shell_complete=_phases, help="list the checks of this phase alone")
@click.option("--family", metavar="FAMILY", shell_complete=_families, help="list the checks of this family alone")
@click.option("--not-compared", is_flag=True, help="list what no check looks at, and why")
@click.argument("word", nargs=-1, shell_complete=_words)
def explain(word: tuple[str, ...], phase: str | None, family: str | None, *, not_compared: bool) -> None:
    """Say what a check promises, when it fails, how to mend it, what it cannot see; without a WORD, list the checks.

    A WORD may also be a verdict (NOT RESTORED), an exit code (7), a phase, a family, or a check of your own.
    """
    asked = " ".join(word)
    if sum(map(bool, (asked, phase or family, not_compared))) > 1:
        raise Misuse("a word, --phase and --family, or --not-compared: one of them at a time")
    if OF_OWN in asked:
        click.echo(own_explanation(asked))
        return
    if not_compared:
        lines = explained.not_compared_lines()
    else:
        lines = explained.of_word(asked) if asked else explained.table(phase, family)
    click.echo("\n".join(lines))
    if not (asked or phase or family or not_compared):
        click.echo(_OWN)

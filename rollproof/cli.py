"""The command line: thin over the engine, and over pytest for what checks."""

import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.system.bundle import NOBODY_READS
from rollproof.system.output import at_hand, guarded
from rollproof.system.signals import SIGNALS, Terminated

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "init": "look at a database, and write a rollproof.toml for it",
        "doctor": "say what a verification would meet: role, privileges, reference, time",
        "capture": "take the baseline, before the migration",
        "verify": "run the checks of a phase, by default post_rollback",
        "rehearse": "try a migration and its rollback on a throw-away database",
        "selftest": "plant faults in a copy of the database: which would this configuration miss?",
        "repair": "print the SQL that would put the definitions right",
        "watch": "ask again and again, after a rollback, and end at the first red",
        "incident": "keep the timeline of an incident: what happened, who decided what",
        "services": "stop and start the application's services, and say whether they run",
        "runbook": "write the procedure of a rollback for this database",
        "report": "list the runs of the past, show one again, compare two",
        "explain": "say what a check promises, how to mend what it found, what a verdict means",
        "completion": "print what lets your shell complete all of this",
    }
)
"""Name → what help says of it. Each is a file of `rollproof.commands`; of those that run pytest another package has the file."""


_PACKAGES = {
    "verify": "plugin",
    "watch": "plugin",
    "rehearse": "rehearsal",
    "selftest": "rehearsal.selftest",
}
_OF_MANY = ("--targets", "--each-schema")
"""Options by which a command is about many databases."""

COMPLETE = "_ROLLPROOF_COMPLETE"
"""The variable by which a shell asks for the words that may follow, as `rollproof completion` sets it up."""


class _Mistyped(click.UsageError):
    exit_code = 4


class _Group(click.Group):
    """Turns our bad news into its text and its exit code; nothing it prints shows a secret or moves a cursor.

    A command is imported when it is asked for: what the others need would double the time until a first answer.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Return the names of the commands, in the order of a night."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (the same)
        """Return the command that its file of the same name defines; None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        package = _PACKAGES.get(cmd_name, "commands")
        command: click.Command = getattr(importlib.import_module(f"rollproof.{package}.{cmd_name}"), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that was typed; of many databases it is another one, under the same name."""
        name, command, rest = super().resolve_command(ctx, args)
        if name in ("capture", "verify") and any(word.startswith(_OF_MANY) for word in rest):
            command = getattr(importlib.import_module(f"rollproof.fleet.{name}"), name)
        return name, command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 (the same)
        """Write the commands, none of which is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Return the commands and options that a word may become; none is imported for it."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 (for a shell that completes alone)

        named = [CompletionItem(name, help=told) for name, told in COMMANDS.items() if name.startswith(incomplete)]
        return [*named, *click.Command.shell_complete(self, ctx, incomplete)]

    def main(self, args: Sequence[str] | None = None, *more: Any, **options: Any) -> Any:
        """Run the command behind a door that hides what was typed as a password."""
        self.secrets = at_hand(sys.argv[1:] if args is None else args, os.environ)
        # A shell that completes words takes bytes, and gets back nothing but our words and its own.
        with nullcontext() if COMPLETE in os.environ else guarded(self.secrets):
            return super().main(args, *more, **options)

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Refuse what is no command or option of ours, by the exit code for that and without repeating a secret."""
        try:
            return super().make_context(*args, **options)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            raise click.exceptions.Exit(_Mistyped.exit_code) from None
        except click.UsageError as error:
            raise self._misuse(error) from None

    def _misuse(self, error: click.UsageError) -> click.UsageError:
        return _Mistyped(self.secrets.hide(error.format_message()), error.ctx)

    def invoke(self, ctx: click.Context) -> Any:

        try:
            return super().invoke(ctx)
        except (Misuse, Inconclusive) as error:
            hide = self.secrets.hide if isinstance(error, Misuse) else self.secrets.hide_credentials
            click.echo(f"rollproof: {hide(str(error))}", err=True)
            ctx.exit(4 if isinstance(error, Misuse) else 7)
        except BrokenPipeError:
            raise SystemExit(NOBODY_READS) from None  # before click makes 1 of it
        except click.UsageError as error:
            self._misuse(error).show()
            ctx.exit(4)
        except Terminated as error:
            click.echo(f"rollproof: {error}; no file is half written", err=True)
            ctx.exit(SIGNALS.code)


# Of "color": click would take out of a name what looks like a colour, before anybody sees that it was there.
@click.group(
    cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "color": True, "max_content_width": 110}
)
@click.version_option(package_name="rollproof")
def main() -> None:
    """Did the rollback of this migration really put the PostgreSQL database back?"""

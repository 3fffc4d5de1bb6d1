"""What the commands share: options from the settings, a database that must be named, signals, progress on stderr."""

import functools
import os
from collections.abc import Callable, Iterable
from string import ascii_uppercase
from textwrap import indent
from typing import Any

import click
from click.shell_completion import CompletionItem

from rollproof.commands.option_groups import (
    CONFIGURATION,
    THIS_COMMAND,
    TITLES,
    group_of,
    offered,
    place_of,
    told,
    told_of_many,
)
from rollproof.model.errors import Misuse
from rollproof.settings.configuration import Configured, configuration_file, require_path, resolve
from rollproof.settings.option_table import OF_MANY, Option
from rollproof.settings.options import Settings
from rollproof.system.files import from_home
from rollproof.system.signals import SIGNALS

_FILES = ("reference", "backup_file", "require_signature", "evidence_file", "envelope")
_Completion = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


class Command(click.Command):
    """A command whose help shows its options in groups, and then an `example`."""

    def __init__(self, *args: Any, example: str = "", **named: Any) -> None:
        super().__init__(*args, **named)
        self.example = example

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each group of options, and the example."""
        _write_groups(ctx, formatter, self.shown(ctx))
        if self.example:
            with formatter.section("Example"):
                formatter.write(indent(f"{self.example}\n", " " * formatter.current_indent))

    def shown(self, ctx: click.Context) -> Iterable[click.Parameter]:
        """Return the parameters that help is about."""
        return self.get_params(ctx)


def _write_groups(ctx: click.Context, formatter: click.HelpFormatter, shown: Iterable[click.Parameter]) -> None:
    of_groups: dict[str, list[tuple[str, str]]] = {}
    for parameter in sorted(shown, key=lambda each: place_of(each.name or "")):
        record = parameter.get_help_record(ctx)
        if record and "".join(record).strip():
            of_groups.setdefault(_title(parameter), []).append(record)
    for title in filter(of_groups.__contains__, TITLES):
        with formatter.section(title):
            formatter.write_dl(of_groups[title])


def _title(parameter: click.Parameter) -> str:
    unplaced = TITLES[-1] if isinstance(parameter, SettingOption) else THIS_COMMAND
    return group_of(parameter.name or "") or unplaced


class SettingOption(click.Option):
    """An option that is declared among the settings."""


def of_setting(known: Option) -> SettingOption:
    """Return a setting as an option of a command."""
    kind: dict[str, Any] = {"metavar": known.metavar} if known.metavar else {"is_flag": True, "default": None}
    return SettingOption([known.flag], help=told(known), shell_complete=_completion(known.field), **kind)


def of_many(*, at_work: bool = False) -> list[click.Parameter]:
    """Return the options that are about many databases; another command of the same name is `at_work` where one is typed."""
    kinds = {"per_server": click.IntRange(1), "retries": click.IntRange(0, 20)}
    more: dict[str, Any] = {} if at_work else {"expose_value": False, "callback": _without_targets}
    return [
        SettingOption(
            [known.flag],
            metavar=known.metavar,
            help=told_of_many(known),
            type=kinds.get(known.field),
            **more,
        )
        for known in OF_MANY
    ]


def _without_targets(_: click.Context, param: click.Parameter, value: object) -> None:
    if value is not None:
        raise Misuse(f"{param.opts[0]} is about many databases: name them by --targets LIST or --each-schema PATTERN")


def of_configuration() -> click.Option:
    """Return the option that names the configuration."""
    return SettingOption(["--rollproof-config"], metavar="PATH", help=CONFIGURATION, shell_complete=files)


def files(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Have the shell complete the name of a file."""
    return [CompletionItem(incomplete, type="file")]


def folders(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Have the shell complete the name of a folder."""
    return [CompletionItem(incomplete, type="dir")]


def _servers(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from rollproof.throwaway.servers.provide import PROVIDERS  # noqa: PLC0415 (a command itself seldom needs them)

    typed = ((provider.form.rstrip(ascii_uppercase), provider.help) for provider in PROVIDERS)
    return [
        CompletionItem(form, help=told) for form, told in typed if form.startswith(incomplete) and "://" not in form
    ]


def _completion(field: str) -> _Completion | None:
    if field == "server":
        return _servers
    if field == "report_dir":
        return folders
    return files if field in _FILES else None


def at_home(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:  # noqa: ARG001 (click's signature)
    """Return a path that was typed, with `~/` as the home folder: the callback of an option."""
    return value and from_home(value)


def interruptible(command: Callable[..., None]) -> Callable[..., None]:
    """Let a signal end the command where it stands."""

    @functools.wraps(command)
    def run(**typed: Any) -> None:
        with SIGNALS.interrupting():
            command(**typed)

    return run


def settings_options(name: str) -> Callable[[click.Command], click.Command]:
    """Return a decorator that gives the command of this name its options from the settings, and `--rollproof-config`."""

    def decorate(command: click.Command) -> click.Command:
        command.params[:0] = [of_configuration(), *map(of_setting, offered(name))]
        return command

    return decorate


def also_of_many(command: click.Command) -> click.Command:
    """Have the help of a command speak of the options that are about many databases."""
    command.params.extend(of_many())
    return command


def configured(
    rollproof_config: str | None,
    typed: dict[str, Any],
    output: str | None = None,
    *,
    is_made: bool = False,
    asks_subject: bool = True,
) -> Configured:
    """Return what was asked for, by options, variables and configuration.

    Where the configuration `is_made` by the command, it need not be there. Raises `Misuse` if no database is named, and the
    command `asks_subject`.
    """
    require_path("--output", output)
    file = configuration_file(rollproof_config, os.environ)
    settings = resolve(typed, os.environ, None if is_made and file and not file.exists() else file)
    return Configured(_of_a_database(settings) if asks_subject else settings, file)


def _of_a_database(settings: Settings) -> Settings:
    if not settings.database_url:
        raise Misuse(
            "which database? pass --database-url postgresql://user@host/database, or set ROLLPROOF_DATABASE_URL"
        )
    return settings


def tell(text: str) -> None:
    """Say, while somebody waits, what is waited for."""
    click.echo(f"rollproof: {text}", err=True)

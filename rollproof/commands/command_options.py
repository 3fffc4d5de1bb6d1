"""What the commands share: options from the settings, a database that must be named, signals, progress on stderr."""

import functools
import os
from collections.abc import Callable, Sequence
from typing import Any

import click

from rollproof.model.errors import Misuse
from rollproof.settings.configuration import Configured, configuration_file, require_path, resolve
from rollproof.settings.options import options
from rollproof.system.signals import SIGNALS


def interruptible(command: Callable[..., None]) -> Callable[..., None]:
    """Let a signal end the command where it stands."""

    @functools.wraps(command)
    def run(**typed: Any) -> None:
        with SIGNALS.interrupting():
            command(**typed)

    return run


def settings_options(fields: Sequence[str]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that gives a command the options of these settings, as pytest has them, and `--rollproof-config`."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for known in options():
            if known.field in fields:
                kind: dict[str, Any] = (
                    {"metavar": known.metavar} if known.metavar else {"is_flag": True, "default": None}
                )
                command = click.option(known.flag, help=f"{known.help} [{known.variable}]", **kind)(command)
        return click.option("--rollproof-config", metavar="PATH", help="default ./rollproof.toml [ROLLPROOF_CONFIG]")(
            command
        )

    return decorate


def configured(rollproof_config: str | None, typed: dict[str, Any], output: str | None = None) -> Configured:
    """Return what was asked for, by options, variables and configuration. Raises `Misuse` if no database is named."""
    require_path("--output", output)
    file = configuration_file(rollproof_config, os.environ)
    settings = resolve(typed, os.environ, file)
    if not settings.database_url:
        raise Misuse(
            "which database? pass --database-url postgresql://user@host/database, or set ROLLPROOF_DATABASE_URL"
        )
    return Configured(settings, file)


def tell(text: str) -> None:
    """Say, while somebody waits, what is waited for."""
    click.echo(f"rollproof: {text}", err=True)

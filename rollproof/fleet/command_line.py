"""What the commands of a fleet share: their options, the targets they name, and who does the work."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import click
import msgspec

from rollproof.commands.command_options import SettingOption, configured, of_configuration, of_many, of_setting
from rollproof.commands.option_groups import offered
from rollproof.fleet.executors import Workers, stays_here, workers
from rollproof.fleet.schedule import Limits
from rollproof.fleet.target import FleetTarget
from rollproof.fleet.target_list import schema_targets, targets
from rollproof.fleet.travel import require_no_password
from rollproof.model.errors import Misuse
from rollproof.settings.configuration import Configured
from rollproof.settings.fleet import Fleet

_ALONE = {
    "backup_file": "a dump is of one database",
    "envelope": "it is of one database",
    "server": "no throw-away server is needed",
    "evidence_file": "each target's own report names its rows",
    "at_risk": "it writes rows of one database to a file",
    "state_backup": "it dumps one database",
}
"""Settings that only a single database has an option for, with the reason."""


def fleet_options(name: str) -> Callable[[click.Command], click.Command]:
    """Return a decorator that gives a command its options from the settings, and those that are about many databases."""

    def decorate(command: click.Command) -> click.Command:
        known = [each for each in offered(name) if each.field not in _ALONE]
        command.params[:0] = [of_configuration(), *map(of_setting, known), *_refused(name)]
        command.params.extend(of_many(at_work=True))
        return command

    return decorate


def _refused(name: str) -> Iterator[click.Option]:
    """Yield the options of one database, which are answered with the reason why there are none here."""
    for each in offered(name):
        if each.field in _ALONE:
            kind: dict[str, Any] = {"metavar": each.metavar} if each.metavar else {"is_flag": True}
            yield SettingOption([each.flag], hidden=True, expose_value=False, callback=_refuse, **kind)


def _refuse(_: click.Context, param: click.Parameter, value: object) -> None:
    if value:
        raise Misuse(f"{param.opts[0]} is of no use with many databases: {_ALONE[param.name or '']}")


@dataclass(frozen=True)
class Asked:
    """What was asked for: the settings, where targets come from, who does the work, and how many at the same time."""

    configured: Configured
    named: str | None
    pattern: str | None
    fleet: Fleet

    @classmethod
    def of(cls, rollproof_config: str | None, typed: dict[str, Any]) -> "Asked":
        """Take the options of a fleet out of what was typed, and read the settings. Raises `Misuse`."""
        named, pattern = typed.pop("targets"), typed.pop("each_schema")
        own = {name: typed.pop(name) for name in ("executor", "per_server", "retries")}
        if bool(named) == bool(pattern):
            raise Misuse(
                "many databases are named by --targets LIST, or by --database-url URL --each-schema PATTERN: one of both"
            )
        if named and typed["database_url"]:
            raise Misuse(
                "--targets names the databases; leave out --database-url, or it is one more: write it into the list"
            )
        asked = configured(rollproof_config, typed, asks_subject=bool(pattern))
        given = {name: value for name, value in own.items() if value is not None}
        return cls(asked, named, pattern, msgspec.structs.replace(asked.settings.fleet, **given))

    @property
    def title(self) -> str:
        """Where the targets come from, without a secret: a query and a URL may hold one, and are not shown."""
        if self.pattern:
            return f"each schema like {self.pattern}"
        named = self.named or ""
        shown = {"sql:": "sql: a query", "citus:": "citus: a cluster", "-": "standard input"}
        return shown.get("".join(named.partition(":")[:2]), named)

    def targets(self, recorded: Callable[[str], Iterator[str]]) -> tuple[FleetTarget, ...]:
        """Return the targets; `recorded` tells which schemas like a pattern the reference has. Raises as `target_list` does."""
        settings = self.configured.settings
        if self.pattern:
            return schema_targets(self.pattern, settings, recorded(self.pattern))
        return targets(self.named or "", settings, os.environ)

    def workers(self, wanted: tuple[FleetTarget, ...]) -> Workers:
        """Return who does the work. Raises `Misuse` if passwords would have to travel, `Inconclusive` if nobody can be reached."""
        if not stays_here(self.fleet.executor):
            require_no_password(wanted, self.fleet.executor)
        return workers(self.fleet.executor)

    @property
    def limits(self) -> Limits:
        """How many at the same time, how often, how long."""
        return Limits(self.fleet.per_server, self.fleet.retries, self.configured.settings.max_duration)

"""The command line: thin over the engine, and over pytest for what checks."""

import functools
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from rollproof import __version__
from rollproof.catalog.capture import Scope
from rollproof.catalog.concurrent_ddl import steadily
from rollproof.commands.doctor import examine, unreadable
from rollproof.commands.prepare import key_of, limits, recorded, verification
from rollproof.commands.repair import script
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.snapshot import Snapshot
from rollproof.model.timestamps import shown
from rollproof.probes.role_privileges import told
from rollproof.report.output import at_hand, guarded, paint
from rollproof.server.reader import SnapshotReader, Target
from rollproof.server.sqlstates import unknown_cluster
from rollproof.settings.options import Settings, options, require_path, resolve
from rollproof.sources.baseline import save, without_tables
from rollproof.sources.signature import Key, read_key
from rollproof.sources.source import Live
from rollproof.system.bundle import NOBODY_READS, Verdict, check_files, explanation, pytest_arguments
from rollproof.system.deadline import Deadline
from rollproof.system.signals import ENDING, Ended

PHASES = ("pre_migration", "post_migration", "pre_rollback", "post_rollback")


class _Mistyped(click.UsageError):
    exit_code = 4


class _Group(click.Group):
    """Turns our bad news into its text and its exit code; nothing it prints shows a secret or moves a cursor."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **options: Any) -> Any:
        """Run the command behind a door that hides what was typed as a password."""
        self.secrets = at_hand(sys.argv[1:] if args is None else args, os.environ)
        with guarded(self.secrets):
            return super().main(args, *more, **options)

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Refuse what is no command or option of ours, by the exit code for that and without repeating a secret."""
        try:
            return super().make_context(*args, **options)
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
        except Ended as error:
            click.echo(f"rollproof: {error}; no file is half written", err=True)
            ctx.exit(ENDING.code)


def _interruptible(command: Callable[..., None]) -> Callable[..., None]:
    """Let a signal end the command where it stands."""

    @functools.wraps(command)
    def run(**typed: Any) -> None:
        with ENDING.interrupting():
            command(**typed)

    return run


def _settings(fields: Sequence[str]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of these settings, by the flags that pytest knows them by, and `--rollproof-config`."""

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


def _resolved(rollproof_config: str | None, typed: dict[str, Any], output: str = "") -> Settings:
    require_path("--output", output)
    chosen = rollproof_config or os.environ.get("ROLLPROOF_CONFIG")
    file = Path(chosen or "rollproof.toml")
    settings = resolve(typed, os.environ, file if chosen or file.exists() else None)
    if not settings.database_url:
        raise Misuse(
            "which database? pass --database-url postgresql://user@host/database, or set ROLLPROOF_DATABASE_URL"
        )
    return settings


def _tell(text: str) -> None:
    """Say, while somebody waits, what is waited for."""
    click.echo(f"rollproof: {text}", err=True)


# Of "color": click would take out of a name what looks like a colour, before anybody sees that it was there.
@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "color": True})
@click.version_option(__version__)
def main() -> None:
    """Did the rollback of this migration really put the PostgreSQL database back?"""


@main.command()
@_settings(
    (
        "database_url",
        "jobs",
        "lock_timeout",
        "statement_timeout",
        "max_snapshot_age",
        "max_replica_lag",
        "max_active_sessions",
        "max_pause",
        "max_duration",
        "gentle",
        "allow_empty",
        "trust_functions",
    )
)
@click.option("--output", default="baseline.json", show_default=True, help="the sealed file")
@click.option(
    "--sign", metavar="KEYFILE", help="sign it with this key, so that verify --require-signature KEYFILE accepts it"
)
@click.option("--partial", is_flag=True, help="write it even if some facts could not be read; they stay unknown")
@_interruptible
def capture(output: str, rollproof_config: str | None, *, sign: str | None, partial: bool, **typed: Any) -> None:
    """Take the baseline: before the migration, read-only."""
    settings = _resolved(rollproof_config, typed, output)
    key = read_key(sign, "--sign") if sign else key_of(settings)
    deadline = Deadline(settings.max_duration)
    one_instant = replace(limits(settings, deadline), several_snapshots=False, reconnects=0)
    scope = Scope.of(settings)

    def complete() -> tuple[Snapshot, tuple[str, ...], tuple[str, ...], SnapshotReader]:
        with SnapshotReader(Target.parse(settings.database_url or ""), one_instant, _tell) as view:
            snapshot = Live(view, scope, str(view.target), dumped=True).complete(settings.growing)
            schemas = view.ask(scope.names)
            holes = unreadable(snapshot, view, schemas) if snapshot.unknown else ()
            return snapshot, holes, told(view, [*schemas, scope.backup_schema]), view

    snapshot, holes, notes, view = steadily(complete)
    deadline.require()
    if view.pace:
        click.echo(view.pace.note, err=True)
    if not snapshot.facets.get("tables") and not settings.allow_empty:
        raise without_tables(str(view.target))
    if holes and not partial:
        raise Inconclusive(
            "\n".join(["nothing was written, because this could not be read:", *holes, "or pass --partial"])
        )
    _save(snapshot, Path(output), key, str(view.target))
    for hole in holes:
        click.echo(f"not known {hole}")
    if not snapshot.origin.system:
        click.echo(unknown_cluster(view.role))
    for line in (
        *(f"without {facet}, which will not be checked: {why}" for facet, why in snapshot.absent.items()),
        *notes,
    ):
        click.echo(line)


def _save(snapshot: Snapshot, path: Path, key: Key | None, of: str) -> None:
    """Write the baseline and say so, both or neither, whatever signal comes."""
    facts = sum(map(len, snapshot.facets.values()))
    with ENDING.waiting():
        seal = save(snapshot, path, key)
        click.echo(
            f"{path}: {len(snapshot.tables)} tables, {facts:,} facts of {of}, as of {shown(snapshot.origin.taken)}"
        )
        click.echo(f"SHA-256 {seal.sha256}, {'signed' if seal.signed else 'not signed'}")


@main.command()
@_settings(("database_url", "reference", "require_signature", "max_baseline_age", "max_duration", "trust_functions"))
@_interruptible
def doctor(rollproof_config: str | None, **typed: Any) -> None:
    """Connect and say what a verification would meet: role, server, TLS, missing privileges, the baseline."""
    settings = _resolved(rollproof_config, typed)
    findings = examine(settings, Deadline(settings.max_duration), _tell)
    for line in findings.lines:
        click.echo(line)
    if findings.missing:
        raise Inconclusive("\n".join(["a verification could not read everything:", *findings.missing]))


@main.command()
@_settings(
    (
        "database_url",
        "reference",
        "require_signature",
        "other_database",
        "allow_empty",
        "jobs",
        "lock_timeout",
        "statement_timeout",
        "max_duration",
        "trust_functions",
    )
)
@_interruptible
def repair(rollproof_config: str | None, **typed: Any) -> None:
    """Print the SQL that would put the definitions right, made from the reference; execute nothing."""
    settings = _resolved(rollproof_config, typed)
    where = settings.reference or "baseline.json"
    baseline = recorded(where, allow_empty=settings.allow_empty, key=key_of(settings))
    deadline = Deadline(settings.max_duration)
    opened = verification(settings, where, baseline, deadline=deadline, tell=_tell)
    try:
        lines = script(opened)
        deadline.require()
    finally:
        opened.close()
    click.echo("\n".join(lines) or "-- every definition is as it was; rows are not looked at here: the checks do that")


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def verify(arguments: tuple[str, ...]) -> None:
    """Run the checks of a PHASE (default post_rollback); all other arguments are pytest's."""
    import pytest  # noqa: PLC0415 (half a second that no other command needs)

    phase, rest = (
        (arguments[0], arguments[1:]) if arguments[:1] and arguments[0] in PHASES else ("post_rollback", arguments)
    )
    marked = [] if any(argument.startswith("-m") for argument in rest) else ["-m", phase]
    paint()
    raise Verdict(pytest.main(pytest_arguments([*marked, *rest])))


@main.command()
@click.argument("check", required=False)
def explain(check: str | None) -> None:
    """Say what a CHECK promises, when it fails, what it cannot see; without a name, list the checks."""
    if check:
        click.echo(explanation(check))
        return
    width = max(map(len, check_files()))
    for slug in check_files():
        click.echo(f"{slug:{width}} {' '.join(explanation(slug).partition(chr(10) * 2)[0].split())}")

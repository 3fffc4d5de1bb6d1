"""What can be typed after `rollproof rehearse`: the name, the word for the value, and the help of each key of `[rehearsal]`."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import click
import msgspec

from rollproof.model.errors import Misuse
from rollproof.settings.option_table import Option
from rollproof.settings.rehearsal import Rehearsal

OPTIONS = (
    Option("source", "WHERE", "what is rehearsed on: a database's URL, a dump, an SQL file, or command:COMMAND"),
    Option("schema_only", "", "copy no rows"),
    Option("sample", "ROWS", "copy so many rows of each table, and those that they refer to"),
    Option("fill", "ROWS", "rows to make in each table that has none; 0 makes none"),
    Option("tool", "NAME", "the migration tool, if it is not recognised by its files"),
    Option("migrations", "FOLDER", "where the tool's files are, if there are several such folders"),
    Option(
        "since",
        "REVISION",
        "the last migration that is not rehearsed: the tool makes the database up to it [default: the last but one]",
    ),
    Option("migrate", "COMMAND", "the shell command that migrates; may be repeated"),
    Option("rollback", "COMMAND", "the shell command that rolls back; may be repeated"),
    Option(
        "env",
        "NAME=TEXT",
        "a variable for the commands; {url}, {host}, {port}, {user}, {password}, {database} are filled in",
    ),
    Option("every_step", "", "each revision of the tool up, down and up again"),
    Option("matrix", "WHERE,…", "rehearse on each of these servers, as --server names them"),
    Option(
        "traffic", "WHAT", "what writes between the migration and the rollback: an SQL file, SQL, or a shell command"
    ),
    Option("traffic_from", "URL", "look twice at a database's counters, and say how many of its statements would wait"),
    Option("traffic_seconds", "SECONDS", "how long to wait between the two looks of --traffic-from"),
    Option("contend", "", "have another session hold locks, as in production"),
    Option("crash", "", "cut the connection at every statement, and roll back from there"),
    Option("crash_sample", "NUMBER", "cut it at so many statements only"),
    Option("max_rollback_seconds", "SECONDS", "a rollback that takes longer is bad"),
    Option("max_lock_seconds", "SECONDS", "a lock that makes others wait longer is bad"),
    Option("max_wal_bytes", "BYTES", "a migration or rollback that writes more WAL is bad"),
    Option("step_timeout", "SECONDS", "a command that runs longer is ended"),
    Option("statements", "WHERE", "the old application's statements: a file, pg_stat_statements, log, log:FILE"),
    Option("new_statements", "WHERE", "the new application's statements, named alike"),
    Option("application_role", "ROLE", "the role of an application whose statements name none"),
    Option("old_application", "COMMAND", "the shell command that tests the old application; may be repeated"),
    Option("new_application", "COMMAND", "the shell command that tests the new application; may be repeated"),
    Option("require_doors", "PAIR,…", "application/schema pairs that must work, as old/new; else it is bad"),
    Option("keep", "", "leave the throw-away server running, and print its URL"),
)
_BETWEEN = re.compile(r",\s*(?=auto\b|embedded\b|local\b|container\b|exec:|postgres(?:ql)?(?:\+\w+)?://|$)")
_SEVERAL = {"migrate", "rollback", "env", "statements", "new_statements", "old_application", "new_application"}


def options(command: click.Command) -> click.Command:
    """Give a command the options of a rehearsal."""
    command.params += map(_option, OPTIONS)
    return command


def _option(known: Option) -> click.Option:
    if not known.metavar:
        return click.Option([known.flag], is_flag=True, default=None, help=known.help)
    return click.Option([known.flag], metavar=known.metavar, multiple=known.field in _SEVERAL, help=_told(known))


def _told(known: Option) -> str:
    default = next(each.default for each in msgspec.structs.fields(Rehearsal) if each.name == known.field)
    return f"{known.help} [default: {default:g}]" if isinstance(default, int | float) else known.help


def asked(typed: dict[str, Any], configured: Rehearsal) -> Rehearsal:
    """Take the options of a rehearsal out of what was `typed`; what was not typed is as `configured`.

    Raises `Misuse` if a value is no good, or two make no sense together.
    """
    own = {known.field: typed.pop(known.field, None) for known in OPTIONS}
    given = {field: _READ.get(field, _as_it_is)(value) for field, value in own.items() if value not in (None, ())}
    given["env"] = {**configured.env, **given.get("env", {})}
    try:
        return msgspec.convert({**msgspec.structs.asdict(configured), **given}, Rehearsal, strict=False)
    except msgspec.ValidationError as error:
        raise _no_number(str(error), given) from error


def _no_number(error: str, given: Mapping[str, Any]) -> Misuse:
    """Return what is told of a value that is no number, or none of those that there can be: all others are text."""
    known = next(each for each in OPTIONS if each.field == error.rpartition("$.")[2].strip("`"))
    kind = "whole number" if "`int" in error else "number"
    least = "0 or more" if known.field == "fill" else "more than 0"
    return Misuse(f"{known.flag} takes {known.metavar}, a {kind}, {least}; {given[known.field]!r} is none")


def _as_it_is(value: Any) -> Any:
    return value


def _variables(given: tuple[str, ...]) -> dict[str, str]:
    split = [each.partition("=") for each in given]
    if wrong := next((each for each in split if not (each[0] and each[1])), None):
        raise Misuse(f"--env {wrong[0]}: write --env NAME=TEXT, as in --env DB_URL={{url}}")
    return {name: text for name, _, text in split}


def _pairs(given: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in given.split(",") if each.strip())


def _servers(given: str) -> tuple[str, ...]:
    """Split at the commas before a form of `--server`: a URL of several hosts, and a command, have commas of their own."""
    return tuple(each.strip() for each in _BETWEEN.split(given) if each.strip())


_READ: Mapping[str, Callable[[Any], Any]] = {"env": _variables, "matrix": _servers, "require_doors": _pairs}

"""Every option and every key of `rollproof.toml`, declared once.

A field with `option(…)` is also a command-line option (`--database-url`) and an environment variable
(`ROLLPROOF_DATABASE_URL`); the command line wins over the environment, the environment over the file.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, get_args, get_type_hints

import msgspec

from rollproof.endpoints import Endpoint
from rollproof.errors import Misuse
from rollproof.spelling import respelled
from rollproof.waivers import Waiver

_Positive = msgspec.Meta(gt=0)
_Seconds = Annotated[float, _Positive]
_Number = Annotated[int, _Positive]
OrderRule = Literal["ignore", "warn", "compare"]


def option(help: str, metavar: str = "") -> msgspec.Meta:  # noqa: A002 (argparse's own word for it)
    """Return the mark of a field that can be typed; no metavar means a switch."""
    return msgspec.Meta(description=help, extra={"metavar": metavar})


class _Naming(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What names tables or columns as SQL writes them; PostgreSQL's majors differ in what they quote, and we take either."""

    names: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for field in self.names:
            value = getattr(self, field)
            told = respelled(value) if isinstance(value, str) else tuple(map(respelled, value))
            msgspec.structs.force_setattr(self, field, told)


class Backup(_Naming, frozen=True):
    """Where the migration keeps its copies; `tables` are the ones it copies, by default those that it changes.

    `role` is the one that will roll back, and must be able to read them; by default the copies' owner.
    """

    names = ("tables",)
    schema: str = "migration_backup"
    table: str = "{table}_backup"
    tables: tuple[str, ...] = ()
    role: str | None = None


class Log(_Naming, frozen=True):
    """The migration tool's own log and the words it uses; the defaults are vibes' own.

    `harmless_steps` are the steps (where a row names none, the operations) that change no table.
    """

    names = ("table",)
    table: str = "public.migration_log"
    migration_column: str = "migration"
    migration: str | None = None
    operation_column: str = "operation"
    rollback_value: str = "rollback"
    step_column: str = "step"
    harmless_steps: tuple[str, ...] = (
        "backup",
        "preflight",
        "status",
        "validate",
        "validate_schema",
        "validate_rollback",
    )
    status_column: str = "status"
    completed_value: str = "completed"
    failed_values: tuple[str, ...] = ("failed",)
    started_column: str = "started_at"
    finished_column: str = "finished_at"


class TypeChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"before": "from", "after": "to"}):
    """Two types as PostgreSQL spells them (`character varying(36)`)."""

    before: str
    after: str


class Migration(_Naming, frozen=True):
    """What the migration changes on purpose; by default the types that differ from the reference, and whatever is new.

    It turns the first of each of the `types` into the second, in `columns`, or else in `tables` (by default all); it may write
    what it likes into `columns` and, where no types are named, do what it likes with the columns of `tables`. `rollback_command`
    undoes it; `free_bytes` is the room on the server's disk, which SQL cannot see; a transaction that lasts more than
    `longest_transaction` seconds is in the way.
    """

    names = ("tables", "columns", "adds", "drops")
    types: TypeChange | tuple[TypeChange, ...] = ()
    tables: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    rollback_command: str | None = None
    free_bytes: Annotated[int, msgspec.Meta(ge=0)] | None = None
    longest_transaction: Annotated[float, _Positive] = 60.0

    @property
    def turns(self) -> dict[str, str]:
        """Which type becomes which."""
        every = self.types if isinstance(self.types, tuple) else (self.types,)
        return {each.before: each.after for each in every}

    def may_write(self, table: str, column: str) -> bool:
        """Tell whether the values of an old column may change on purpose; that another type spells them otherwise is not meant."""
        return f"{table}.{column}" in self.columns or self.announces(table)

    def announces(self, table: str) -> bool:
        """Tell whether whatever happens to the columns of a table, and rows that are added, happens on purpose."""
        return not self.types and table in self.tables


class ForeignKey(_Naming, frozen=True):
    """A relation the database does not enforce but the application relies on; names as SQL writes them."""

    names = ("table", "columns", "references", "referenced_columns")
    table: str
    columns: tuple[str, ...]
    references: str
    referenced_columns: tuple[str, ...]


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A query whose plan is to be what it was; tables in it are written with their schema."""

    name: str
    sql: str


class TableRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known about one table; its `column_order` counts more than the project's."""

    may_grow: bool = False
    column_order: OrderRule | None = None


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that can be set, with its defaults. Its `repr` is empty: two fields may hold passwords."""

    database_url: Annotated[
        str | None, option("the subject, as postgresql://… (service files and .pgpass work too)", "URL")
    ] = None
    reference: Annotated[
        str | None, option("what the subject must equal: a baseline file, a database URL, or the word backup", "WHERE")
    ] = None
    backup_file: Annotated[
        str | None,
        option("a dump of pg_dump's, any format: restored on a throw-away server, it is the reference", "DUMP"),
    ] = None
    server: Annotated[
        str, option("where throw-away databases come from: auto, embedded, local[:BINDIR], or an admin URL", "WHERE")
    ] = "auto"
    report_dir: Annotated[str, option("where the reports go", "DIR")] = "rollproof-report"
    strict: Annotated[bool, option("a warning is a failure (and pytest's own strict mode is on)")] = False
    show_values: Annotated[bool, option("print row values in evidence; otherwise keys and column names only")] = False
    evidence: Annotated[
        int, msgspec.Meta(ge=0), option("rows to name for each table whose contents differ; 0 looks for none", "N")
    ] = 20
    evidence_file: Annotated[
        str | None, option("write every differing row there, one JSON object a line, readable by you alone", "FILE")
    ] = None
    at_risk: Annotated[
        bool, option("before the rollback: write the rows that it would lose to at-risk/ in the report folder")
    ] = False
    other_database: Annotated[
        bool, option("accept a baseline that was taken from a database of another name or cluster")
    ] = False
    allow_empty: Annotated[
        bool, option("accept a reference without any table, as it is before a project's first migration")
    ] = False
    jobs: Annotated[int, _Positive, option("sessions that read the database side by side", "N")] = 2
    lock_timeout: Annotated[
        float, _Positive, option("seconds to wait for another session's lock on a table before giving it up", "SECONDS")
    ] = 2.0
    statement_timeout: Annotated[float, _Positive, option("seconds before one query is given up", "SECONDS")] = 3600.0
    resume: Annotated[
        bool,
        option("continue an interrupted run: do not read again the tables whose fingerprints are in the report folder"),
    ] = False
    max_snapshot_age: Annotated[
        _Seconds | None,
        option("seconds for which one snapshot may hold back vacuum; then what is left is given up", "SECONDS"),
    ] = None
    several_snapshots: Annotated[
        bool, option("go on with a new snapshot when one is too old or lost, and say so in the report")
    ] = False
    max_replica_lag: Annotated[
        _Seconds | None, option("begin no scan while a replica is further behind", "SECONDS")
    ] = None
    max_active_sessions: Annotated[
        _Number | None, option("begin no scan while more other sessions are active", "N")
    ] = None
    max_pause: Annotated[float, _Positive, option("seconds to wait for that in all, then give up", "SECONDS")] = 600.0
    schemas: tuple[str, ...] | None = None
    column_order: OrderRule = "compare"
    backup: Backup | None = None
    log: Log | None = None
    migration: Migration = Migration()
    foreign_key: tuple[ForeignKey, ...] = ()
    tables: dict[str, TableRule] = {}
    endpoints: tuple[Endpoint, ...] = ()
    plans: tuple[Plan, ...] = ()
    waiver: tuple[Waiver, ...] = ()

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "tables", {respelled(name): rule for name, rule in self.tables.items()})

    @property
    def growing(self) -> frozenset[str]:
        """The tables that may grow: those of which it is said, and the migration's log."""
        return frozenset({(self.log or Log()).table, *(name for name, rule in self.tables.items() if rule.may_grow)})

    def __repr__(self) -> str:
        return "Settings(…)"


@dataclass(frozen=True)
class Option:
    """One field of `Settings` as the command line and the environment know it."""

    field: str
    help: str
    metavar: str

    @property
    def flag(self) -> str:
        """The option as typed."""
        return "--" + self.field.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable of the same meaning."""
        return "ROLLPROOF_" + self.field.upper()


def options() -> Iterator[Option]:
    """Yield the options in the order of their declaration."""
    for field, annotated in get_type_hints(Settings, include_extras=True).items():
        for mark in get_args(annotated)[1:]:
            if isinstance(mark, msgspec.Meta) and mark.extra is not None:
                yield Option(field, mark.description or "", mark.extra["metavar"])


def resolve(typed: Mapping[str, Any], environment: Mapping[str, str], file: Path | None) -> Settings:
    """Return the settings: `typed` (None: not typed) before the environment before the file before the defaults.

    Relative paths in the file are relative to it. Raises `Misuse` with the place and, for a mistyped key, the nearest.
    """
    known = list(options())
    given = _read(file) if file else {}
    given |= {known.field: environment[known.variable] for known in known if environment.get(known.variable)}
    given |= {field: value for field, value in typed.items() if value is not None}
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise Misuse(f"{_place(error, file)}{error}{_did_you_mean(error)}") from error


def _read(file: Path) -> dict[str, Any]:
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Misuse(f"the configuration {file} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misuse(f"the configuration {file} is not TOML: {error}") from error
    for path in ("reference", "report_dir", "backup_file", "evidence_file"):
        value = given.get(path)
        if isinstance(value, str) and value != "backup" and "://" not in value:
            given[path] = str(file.parent / value)
    return given


def _place(error: msgspec.ValidationError, file: Path | None) -> str:
    return f"{file}, the environment or the command line: " if "$" in str(error) and file else ""


def _did_you_mean(error: msgspec.ValidationError) -> str:
    unknown = re.search(r"unknown field `(.+?)`", str(error))
    if not unknown:
        return ""
    structs = (Settings, Backup, Log, Migration, Plan, ForeignKey, TableRule, Endpoint, Waiver)
    every = {field for struct in structs for field in struct.__struct_fields__}
    near = difflib.get_close_matches(unknown[1], sorted(every), n=1)
    return f"; did you mean `{near[0]}`?" if near else f"; the keys are: {', '.join(Settings.__struct_fields__)}"

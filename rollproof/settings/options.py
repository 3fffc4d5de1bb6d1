"""Every option and every key of `rollproof.toml`, declared once.

A field with `option(…)` is also a command-line option (`--database-url`) and an environment variable
(`ROLLPROOF_DATABASE_URL`); the command line wins over the environment, the environment over the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, get_args, get_type_hints

import msgspec

from rollproof.model.defaults import JOBS, LOCK_TIMEOUT, MAX_PAUSE, STATEMENT_TIMEOUT
from rollproof.model.names import typed
from rollproof.settings.endpoint import Endpoint
from rollproof.settings.sections import Backup, ForeignKey, Log, Migration, OrderRule, Plan, TableRule
from rollproof.settings.waiver import Waiver

_Positive = msgspec.Meta(gt=0)
_More = Annotated[float, _Positive]  # than nothing: 0 would mean at once
_Number = Annotated[int, _Positive]


def option(help: str, metavar: str = "") -> msgspec.Meta:  # noqa: A002 (argparse's own word for it)
    """Return the mark of a field that can be typed; no metavar means a switch."""
    return msgspec.Meta(description=help, extra={"metavar": metavar})


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every option and key with its default. The `repr` is empty: two fields may hold passwords."""

    database_url: Annotated[
        str | None, option("the database to verify, as postgresql://… (service files and .pgpass work too)", "URL")
    ] = None
    reference: Annotated[
        str | None,
        option("what the database must equal: a baseline file, another database's URL, or the word backup", "WHERE"),
    ] = None
    backup_file: Annotated[
        str | None,
        option("a dump by pg_dump, in any format: it is restored on a throw-away server, and is the reference", "DUMP"),
    ] = None
    server: Annotated[
        str, option("where throw-away databases come from: auto, embedded, local[:BINDIR], or an admin URL", "WHERE")
    ] = "auto"
    report_dir: Annotated[str, option("the folder of the reports", "DIR")] = "rollproof-report"
    strict: Annotated[bool, option("warnings are failures (and pytest's own strict mode is on)")] = False
    show_values: Annotated[
        bool, option("print values of rows as evidence; without it only keys and names of columns")
    ] = False
    evidence: Annotated[
        int, msgspec.Meta(ge=0), option("rows to name for each table whose rows differ; 0 looks for none", "N")
    ] = 20
    evidence_file: Annotated[
        str | None,
        option("write every row that differs to this file, one JSON object a line, readable by you alone", "FILE"),
    ] = None
    at_risk: Annotated[
        bool, option("before the rollback: write the rows that it would lose to at-risk/ in the report folder")
    ] = False
    other_database: Annotated[
        bool, option("accept a baseline of a database with another name, or of another cluster")
    ] = False
    allow_empty: Annotated[
        bool, option("accept a reference without any table, as before a project's first migration")
    ] = False
    jobs: Annotated[int, _Positive, option("sessions that read the database at the same time", "N")] = JOBS
    lock_timeout: Annotated[
        float,
        _Positive,
        option(
            "seconds to wait for a lock on a table; then the table is left undecided",
            "SECONDS",
        ),
    ] = LOCK_TIMEOUT
    statement_timeout: Annotated[float, _Positive, option("seconds after which one query is cancelled", "SECONDS")] = (
        STATEMENT_TIMEOUT
    )
    resume: Annotated[
        bool,
        option("continue an interrupted run: tables whose fingerprints are in the report folder are not read again"),
    ] = False
    max_snapshot_age: Annotated[
        _More | None,
        option(
            "seconds for which one snapshot may hold back vacuum; what is not read by then is left undecided", "SECONDS"
        ),
    ] = None
    several_snapshots: Annotated[
        bool, option("continue with a new snapshot when one is too old or lost, and say so in the report")
    ] = False
    max_replica_lag: Annotated[
        _More | None, option("start no scan while a replica is further behind than this", "SECONDS")
    ] = None
    max_active_sessions: Annotated[
        _Number | None, option("start no scan while more other sessions than this are active", "N")
    ] = None
    max_pause: Annotated[
        float,
        _Positive,
        option("seconds to wait for replicas and sessions in all; then what is not read is left undecided", "SECONDS"),
    ] = MAX_PAUSE
    gentle: Annotated[
        bool,
        option("read so slowly that the application keeps its speed: measure how fast the server answers, and pause"),
    ] = False
    max_duration: Annotated[
        _More | None, option("seconds for the whole run; what is not known by then is left undecided", "SECONDS")
    ] = None
    max_baseline_age: Annotated[
        _More | None, option("days after which a baseline is too old to be trusted", "DAYS")
    ] = None
    require_signature: Annotated[
        str | None, option("accept only a baseline that `capture --sign KEYFILE` signed with this key", "KEYFILE")
    ] = None
    trust_functions: Annotated[
        bool,
        option(
            "let the server run functions written by users, to plan a query or (as a superuser) to restore --backup-file"
        ),
    ] = False
    keep_runs: Annotated[
        int, msgspec.Meta(ge=0), option("how many runs to keep in runs/ of the report folder; 0 keeps all", "N")
    ] = 100
    checks: tuple[str, ...] = ()  # folders and files with checks of the user's own, beside those in their testpaths
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
        msgspec.structs.force_setattr(self, "tables", {typed(name): rule for name, rule in self.tables.items()})

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

"""Every option and every key of `rollproof.toml`, declared once.

A field with `option(…)` is also a command-line option (`--database-url`) and an environment variable
(`ROLLPROOF_DATABASE_URL`); the command line wins over the environment, the environment over the file.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import msgspec

from rollproof.model.errors import Misuse
from rollproof.model.names import typed
from rollproof.settings.endpoint import Endpoint
from rollproof.settings.reference import Reference, is_database
from rollproof.settings.sections import Backup, ForeignKey, Log, Migration, OrderRule, Plan, TableRule
from rollproof.settings.waiver import Waiver
from rollproof.system.bundle import check_files
from rollproof.system.files import contents

_MOST = 2**20  # bytes of rollproof.toml
_FILE = Path("rollproof.toml")
_DEEP = re.compile(r"""(?<![\w-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){100}""")

_PATHS = ("report_dir", "backup_file", "evidence_file", "require_signature")
_Positive = msgspec.Meta(gt=0)
_More = Annotated[float, _Positive]  # than nothing: 0 would mean at once
_Number = Annotated[int, _Positive]


def option(help: str, metavar: str = "") -> msgspec.Meta:  # noqa: A002 (argparse's own word for it)
    """Return the mark of a field that can be typed; no metavar means a switch."""
    return msgspec.Meta(description=help, extra={"metavar": metavar})


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
        _More | None,
        option("seconds for which one snapshot may hold back vacuum; then what is left is given up", "SECONDS"),
    ] = None
    several_snapshots: Annotated[
        bool, option("go on with a new snapshot when one is too old or lost, and say so in the report")
    ] = False
    max_replica_lag: Annotated[_More | None, option("begin no scan while a replica is further behind", "SECONDS")] = (
        None
    )
    max_active_sessions: Annotated[
        _Number | None, option("begin no scan while more other sessions are active", "N")
    ] = None
    max_pause: Annotated[float, _Positive, option("seconds to wait for that in all, then give up", "SECONDS")] = 600.0
    gentle: Annotated[
        bool, option("read so slowly that the application keeps its speed: watch how fast the server answers, and rest")
    ] = False
    max_duration: Annotated[
        _More | None, option("seconds for the whole run; what is not known by then is given up", "SECONDS")
    ] = None
    max_baseline_age: Annotated[
        _More | None, option("days after which a baseline is too old to prove anything", "DAYS")
    ] = None
    require_signature: Annotated[
        str | None, option("accept only a baseline that `capture --sign KEYFILE` signed with this key", "KEYFILE")
    ] = None
    trust_functions: Annotated[
        bool,
        option(
            "let the server run functions that users wrote, to plan a query or (as a superuser) to restore --backup-file"
        ),
    ] = False
    keep_runs: Annotated[
        int, msgspec.Meta(ge=0), option("how many runs to keep in runs/ of the report folder; 0 keeps all", "N")
    ] = 100
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


@dataclass(frozen=True)
class Configured:
    """What a person asked for: the settings, and the file that they were read from besides."""

    settings: Settings
    file: Path | None

    @property
    def folder(self) -> Path:
        """The folder of the configuration, where a baseline is looked for and commands are run."""
        return (self.file or _FILE).parent

    @property
    def reference(self) -> Reference:
        """What the subject must equal."""
        if self.settings.backup_file:
            return Reference("dump", self.settings.backup_file)
        return Reference.of(self.settings.reference, self.folder)


def configuration_file(named: str | None, environment: Mapping[str, str]) -> Path | None:
    """Return the configuration that was named, else `rollproof.toml` here, if there is one."""
    if chosen := named or environment.get("ROLLPROOF_CONFIG"):
        return Path(chosen)
    return _FILE if _FILE.exists() else None


def resolve(typed: Mapping[str, Any], environment: Mapping[str, str], file: Path | None) -> Settings:
    """Return the settings: `typed` (None: not typed) before the environment before the file before the defaults.

    Relative paths in the file are relative to it. Raises `Misuse` with the place and, for a mistyped key, the nearest.
    """
    known = list(options())
    given = _read(file) if file else {}
    given |= {known.field: environment[known.variable] for known in known if environment.get(known.variable)}
    given |= {field: value for field, value in typed.items() if value is not None}
    _require_text(given)
    try:
        settings = msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise Misuse(f"{_place(error, file)}{error}{_known_keys(error)}") from error
    _require_checks(settings.waiver, file)
    for each in options():
        if each.field in _PATHS:
            require_path(each.flag, getattr(settings, each.field))
    return settings


def require_path(flag: str, path: str | None) -> None:
    """Raise `Misuse` if this is no path but a database: a file of that name would show its password."""
    if path and is_database(path):
        raise Misuse(f"{flag} wants a path, and what was typed looks like a database; was it meant for another option?")


def _read(file: Path) -> dict[str, Any]:
    try:
        given = tomllib.loads(_shallow(contents(file, _MOST).decode()))
    except OSError as error:
        raise Misuse(f"the configuration {file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, a number without end, brackets without end
        raise Misuse(f"the configuration {file} is not TOML: {error}") from error
    for path in ("reference", *_PATHS):
        value = given.get(path)
        if isinstance(value, str) and Reference.parse(value).kind == "baseline":
            given[path] = str(file.parent / value)
    return given


def _require_text(given: Mapping[str, Any]) -> None:
    for field, value in given.items():
        try:
            whole = b"\0" not in str(value).encode()
        except UnicodeEncodeError:  # bytes that the shell handed over as they were
            whole = False
        if not whole:
            raise Misuse(
                f"--{field.replace('_', '-')} holds a zero byte, or bytes that are no text in UTF-8 "
                "(it is not shown: it may hold a password)\n"
                "in a URL such bytes are written %FF; a file or folder needs another name, or a link to it"
            )


def _shallow(text: str) -> str:
    """Return the text. Raises `ValueError` if it nests keys so deep that to read it would take all memory."""
    if _DEEP.search(text):
        raise ValueError("no key is nested so deep")
    return text


def _place(error: msgspec.ValidationError, file: Path | None) -> str:
    return f"{file}, the environment or the command line: " if "$" in str(error) and file else ""


def _known_keys(error: msgspec.ValidationError) -> str:
    unknown = re.search(r"unknown field `(.+?)`", str(error))
    if not unknown:
        return ""
    structs = (Settings, Backup, Log, Migration, Plan, ForeignKey, TableRule, Endpoint, Waiver)
    every = {field for struct in structs for field in struct.__struct_fields__}
    return did_you_mean(unknown[1], every) or f"; the keys are: {', '.join(Settings.__struct_fields__)}"


def _require_checks(waivers: Iterable[Waiver], file: Path | None) -> None:
    """Raise `Misuse` for a waiver of a check that does not exist: it would waive nothing, and nobody would be told."""
    known = check_files()
    for waiver in waivers:
        if waiver.check not in known:
            near = did_you_mean(waiver.check, known) or f"; the checks are: {', '.join(known)}"
            raise Misuse(f"{file}: a [[waiver]] names the check `{waiver.check}`, which does not exist{near}")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the question for the known word that is most like a mistyped one; "" if none is like it."""
    near = get_close_matches(word, sorted(known), n=1)
    return f"; did you mean `{near[0]}`?" if near else ""

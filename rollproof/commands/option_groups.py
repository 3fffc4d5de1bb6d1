"""The options in groups, as help shows them, each with its default; and which command does without which, with the reason."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from msgspec.structs import fields

from rollproof.settings.fleet import Fleet
from rollproof.settings.option_table import OF_MANY, OPTIONS, Option
from rollproof.settings.options import Settings
from rollproof.settings.reference import BASELINE

_OTHERS, THIS_COMMAND = "More", "This command"
_GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Database and reference": (
            "rollproof_config",
            "database_url",
            "reference",
            "backup_file",
            "require_signature",
            "max_baseline_age",
            "envelope",
            "other_database",
            "allow_empty",
            "rehearse",
            "server",
        ),
        "Many databases": tuple(known.field for known in OF_MANY),
        "Limits": (
            "jobs",
            "lock_timeout",
            "statement_timeout",
            "max_duration",
            "gentle",
            "unread_if_untouched",
            "max_snapshot_age",
            "several_snapshots",
            "max_replica_lag",
            "max_active_sessions",
            "max_pause",
            "trust_functions",
        ),
        "Evidence": ("show_values", "evidence", "evidence_file", "detail", "at_risk", "analyze", "state_backup"),
        "Reports": ("report_dir", "report", "keep_runs", "metrics_file", "resume", "strict", "dry_run"),
    }
)
TITLES = (THIS_COMMAND, *_GROUPS, _OTHERS)
"""The groups in their order."""

CONFIGURATION = "the configuration [default: ./rollproof.toml, if there is one; ROLLPROOF_CONFIG]"
"""The help of --rollproof-config."""

_OF_CHECKS = "no check is run"
_OF_REPORTS = "no report is written"
_OF_COMPARISON = "nothing is compared"
_OF_SERVERS = "no throw-away server is needed"
_OF_ROWS = "no rows are read"
_OF_VERIFY = "it is asked once, by rollproof verify"
_OF_BASELINE = "no baseline is taken"
_OF_ONE_INSTANT = "all is read at one instant"
_WITHOUT_CHECKS = {
    "report_dir": _OF_REPORTS,
    "report": _OF_REPORTS,
    "metrics_file": _OF_REPORTS,
    "state_backup": _OF_CHECKS,
    "keep_runs": _OF_REPORTS,
    "resume": _OF_REPORTS,
    "strict": _OF_CHECKS,
    "show_values": _OF_CHECKS,
    "evidence": _OF_CHECKS,
    "evidence_file": _OF_CHECKS,
    "at_risk": _OF_CHECKS,
    "envelope": _OF_CHECKS,
    "unread_if_untouched": _OF_CHECKS,
}
_WITHOUT_BASELINE = {"detail": _OF_BASELINE}
_WITHOUT_PLANS = {"analyze": "no plan is asked for"}
_WITHOUT_REFERENCE = {
    "backup_file": _OF_COMPARISON,
    "server": _OF_SERVERS,
    "other_database": _OF_COMPARISON,
    "max_baseline_age": _OF_COMPARISON,
    "several_snapshots": _OF_ONE_INSTANT,
}
WITHOUT: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "verify": {},
        "repair": _WITHOUT_CHECKS | _WITHOUT_PLANS | _WITHOUT_BASELINE,
        "doctor": _WITHOUT_CHECKS
        | _WITHOUT_PLANS
        | _WITHOUT_BASELINE
        | {
            "server": "no dump is restored, and nothing is rehearsed: that a dump can be is seen by reading it",
            "several_snapshots": _OF_ONE_INSTANT,
        },
        "capture": _WITHOUT_CHECKS
        | _WITHOUT_REFERENCE
        | {
            "reference": "--output names the file that is written; without it, the variable and rollproof.toml do",
            "require_signature": "--sign names the key; without it, the variable and rollproof.toml do",
        },
        "rehearse": {
            "database_url": "the database is a throw-away one; --source says what it is made of",
            "reference": "the baseline is taken before the migration",
            "backup_file": "the baseline is taken before the migration",
            "require_signature": "the baseline is taken in the same run",
            "max_baseline_age": "the baseline is taken in the same run",
            "other_database": "the baseline is taken in the same run",
            "allow_empty": "a rehearsal may begin with an empty database",
            "envelope": "it is what the rehearsal makes: rehearsal.json",
            "resume": "a rehearsal is begun anew",
            "unread_if_untouched": "every table is read",
            "at_risk": "the reports of a rehearsal say it",
            "report": "a rehearsal is written in every format",
            "evidence_file": "the database is gone afterwards",
            "detail": "the baseline is gone afterwards",
            "state_backup": "the database is a throw-away one",
        },
        "selftest": {
            "backup_file": "the baseline is of the throw-away database",
            "max_baseline_age": "nothing is said of a rollback",
            "envelope": "nothing is said of a rollback",
            "other_database": "the throw-away database is another one",
            "report": "a self-test is written in every format",
            "keep_runs": "the files of a self-test are replaced by the next one's",
            "evidence": "each fault is known",
            "evidence_file": "each fault is known",
            "show_values": "each fault is known",
            "at_risk": "nothing is repaired",
            "detail": "the baseline is gone afterwards",
            "unread_if_untouched": "every table is read",
            "state_backup": "the database is a throw-away one",
        },
        "watch": _WITHOUT_PLANS
        | _WITHOUT_BASELINE
        | dict.fromkeys(
            ("show_values", "evidence", "evidence_file", "at_risk", "resume", "unread_if_untouched"), _OF_ROWS
        )
        | {
            "several_snapshots": "each round is of one instant",
            "state_backup": "the rollback is over",
            "envelope": _OF_VERIFY,
            "max_baseline_age": _OF_VERIFY,
        },
        "runbook": {name: why for name, why in _WITHOUT_CHECKS.items() if name != "report_dir"}
        | _WITHOUT_PLANS
        | _WITHOUT_BASELINE
        | {
            "backup_file": _OF_COMPARISON,
            "server": _OF_SERVERS,
            "other_database": _OF_COMPARISON,
            "max_baseline_age": _OF_COMPARISON,
            "several_snapshots": _OF_ONE_INSTANT,
        },
        "init": _WITHOUT_CHECKS
        | _WITHOUT_PLANS
        | _WITHOUT_BASELINE
        | _WITHOUT_REFERENCE
        | {
            "reference": _OF_COMPARISON,
            "require_signature": _OF_COMPARISON,
            "allow_empty": "a database without a table is looked at like any other",
        },
    }
)
"""The settings that a command has no option for, with the reason; every other one it has."""

_NONE = {
    "database_url": "none: it must be named",
    "reference": f"{BASELINE} beside the configuration",
    "max_snapshot_age": "no limit",
    "max_replica_lag": "no limit",
    "max_active_sessions": "no limit",
    "max_duration": "no limit",
    "max_baseline_age": "no limit",
}


def offered(command: str) -> Iterator[Option]:
    """Yield the settings that a command has options for."""
    return (known for known in OPTIONS if known.field not in WITHOUT[command])


def told_of_many(known: Option) -> str:
    """Return what help says of an option that is about many databases."""
    usual = {each.name: each.default for each in fields(Fleet)}
    default = f" [default: {usual[known.field]}; [fleet] in rollproof.toml]" if known.field in usual else ""
    return f"{known.help}{default}"


def group_of(field: str) -> str:
    """Return the title under which help shows the option of this field."""
    return next((title for title, among in _GROUPS.items() if field in among), "")


def place_of(field: str) -> int:
    """Return the place of a field within its group; one that nobody placed comes last."""
    among = _GROUPS.get(group_of(field), ())
    return among.index(field) if field in among else len(among)


def told(known: Option) -> str:
    """Return what help says of an option: what it does, its default and its variable."""
    return f"{known.help} [default: {_default(known.field)}; {known.variable}]"


def _default(field: str) -> str:
    value = next(each.default for each in fields(Settings) if each.name == field)
    if value is None:
        return _NONE.get(field, "none")
    return (
        ("yes" if value else "no")
        if isinstance(value, bool)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )

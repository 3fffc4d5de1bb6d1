"""What may keep a verification from seeing a fault: the role, the reference, and all that is set, each by itself. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import replace

from rollproof.model.toml_text import text, texts
from rollproof.rehearsal.selftest.outcome import Word
from rollproof.settings.options import Settings
from rollproof.settings.sections import Backup, Log
from rollproof.settings.waiver import Waiver

Apart = Callable[[Settings], Settings]
CONFIGURED: Word = "not configured"

OPERATIONAL: Mapping[str, str] = {
    **dict.fromkeys(("database_url", "server"), "where it is; the copy stands there instead"),
    **dict.fromkeys(
        ("reference", "backup_file", "require_signature"), "the reference, whose gaps are an obstacle by themselves"
    ),
    **dict.fromkeys(("other_database", "allow_empty"), "set for the copy, which is another database, and may be empty"),
    **dict.fromkeys(
        (
            "report_dir",
            "report",
            "show_values",
            "evidence",
            "evidence_file",
            "metrics_file",
            "keep_runs",
            "state_backup",
            "resume",
        ),
        "what is written, not what is found",
    ),
    **dict.fromkeys(
        (
            *("jobs", "lock_timeout", "statement_timeout", "max_duration", "several_snapshots", "max_pause", "gentle"),
            *("max_replica_lag", "max_active_sessions"),
        ),
        "how fast and how gently a server is read: the copy is small, and nobody else works on it",
    ),
    **dict.fromkeys(("max_snapshot_age", "max_baseline_age"), "ages; the copy and its baseline are of today"),
    "unread_if_untouched": "the counters of a copy tell nothing of those of the database",
    "strict": "it makes failures of warnings, which count as seen",
    **dict.fromkeys(("foreign_key", "plans", "queries"), "they only add to what is looked at"),
    **dict.fromkeys(("endpoints", "services", "commands", "checks"), "of the application, which a copy has not"),
    **dict.fromkeys(("at_risk", "envelope", "checklist"), "about the migration, of which there is none"),
    "trust_functions": "how a dump as the reference is restored; the copy stands in its place",
    **dict.fromkeys(
        ("rehearsal", "drill", "runbook", "contacts", "escalation", "notify", "watch", "fleet"),
        "of other commands than a verification",
    ),
}
"""The settings that keep nobody from seeing a fault in the database, each with the reason; every other one is an obstacle."""

OF_THE_LOG, OF_THE_BACKUP = "public.rollproof_selftest_has_no_log", "rollproof_selftest_has_no_backup"


def _as_it_is(settings: Settings) -> Settings:
    return settings


@dataclass(frozen=True)
class Obstacle:
    """One thing, `said` as the user wrote it, and the `word` for what nobody sees because of it.

    `mend` is what to do; `apart` returns settings without it.
    """

    word: Word
    said: str
    mend: str = ""
    apart: Apart = field(default=_as_it_is, compare=False)
    waiver: Waiver | None = None


ROLE = Obstacle("not readable", "the role")
REFERENCE = Obstacle("not readable", "the reference")


def obstacles(settings: Settings) -> Iterator[Obstacle]:
    """Yield what is in the way by the settings: each waiver, and each value that is not the default.

    The migration's log and backup are not compared by default, either.
    """
    for waiver in settings.waiver:
        yield _of_waiver(waiver)
    yield Obstacle(
        CONFIGURED,
        f"{(settings.log or Log()).table} is taken for the migration tool's log, which is never compared",
        "name the real one as `table` under [log]",
        lambda now: replace(now, log=replace(now.log or Log(), table=OF_THE_LOG)),
    )
    yield Obstacle(
        CONFIGURED,
        f"the schema {(settings.backup or Backup()).schema} is taken for the migration's backup, which is never compared",
        "name the real one as `schema` under [backup]",
        lambda now: replace(now, backup=replace(now.backup or Backup(), schema=OF_THE_BACKUP)),
    )
    for name in Settings.__struct_fields__:
        if name not in OPERATIONAL and name != "waiver":
            yield from _of_field(settings, name)


def _of_waiver(waiver: Waiver) -> Obstacle:
    def apart(now: Settings) -> Settings:
        return replace(now, waiver=tuple(each for each in now.waiver if each != waiver))

    return Obstacle("waived", str(waiver), "remove the [[waiver]]", apart, waiver)


def _of_field(settings: Settings, name: str) -> Iterator[Obstacle]:
    value, usual = getattr(settings, name), _defaults(Settings)[name]
    if value == usual:
        return
    if name == "tables":
        for table, rule in value.items():
            yield from _of_section(rule, f"[tables.{text(table)}]", _into_tables(table))
    elif isinstance(value, msgspec.Struct):
        yield from _of_section(
            value, f"[{name}]", _into(name), apart_from={"log": "table", "backup": "schema"}.get(name, "")
        )
    else:
        yield Obstacle(
            CONFIGURED, f"{name} = {_shown(value)}", f"take `{name}` out", lambda now: replace(now, **{name: usual})
        )


Put = Callable[[Settings, str, Callable[[Any], Any]], Settings]


def _of_section(section: msgspec.Struct, head: str, put: Put, apart_from: str = "") -> Iterator[Obstacle]:
    """Yield what is in the way in a section, of which `put` returns settings with one key changed."""
    for key, usual in _defaults(type(section)).items():
        value = getattr(section, key)
        if value == usual or key == apart_from:
            continue
        if isinstance(value, tuple) and usual == ():
            yield from (_of_element(head, key, one, put) for one in value)
        else:
            said = f"{head} {key} = {_shown(value)}"
            yield Obstacle(
                CONFIGURED, said, f"take `{key}` out of {head}", partial(_put_back, put=put, key=key, usual=usual)
            )


def _put_back(now: Settings, put: Put, key: str, usual: Any) -> Settings:
    return put(now, key, lambda _: usual)


def _of_element(head: str, key: str, one: Any, put: Put) -> Obstacle:
    return Obstacle(
        CONFIGURED,
        f"{head} {key} names {_shown(one)}",
        f"take it out of `{key}` under {head}",
        lambda now: put(now, key, lambda all_: tuple(each for each in all_ if each != one)),
    )


def _into(name: str) -> Put:
    def put(now: Settings, key: str, change: Callable[[Any], Any]) -> Settings:
        section = getattr(now, name)
        return replace(now, **{name: replace(section, **{key: change(getattr(section, key))})})

    return put


def _into_tables(table: str) -> Put:
    def put(now: Settings, key: str, change: Callable[[Any], Any]) -> Settings:
        rule = now.tables[table]
        return replace(now, tables={**now.tables, table: replace(rule, **{key: change(getattr(rule, key))})})

    return put


def _defaults(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """Return each field with its default; None for one that must be given."""
    told = {}
    for each in msgspec.structs.fields(struct):
        made = None if each.default_factory is msgspec.NODEFAULT else each.default_factory()
        told[each.name] = made if each.default is msgspec.NODEFAULT else each.default
    return told


def _shown(value: Any) -> str:
    """Return a value as the file has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return text(value)
    if isinstance(value, tuple) and all(isinstance(each, str) for each in value):
        return texts(value)
    if isinstance(value, msgspec.Struct):
        return ", ".join(f"{key} = {_shown(each)}" for key, each in msgspec.to_builtins(value).items())
    return str(value)

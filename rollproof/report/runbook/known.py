"""What a runbook knows: the database, what is configured, and the last rehearsal, as values that runbook.json keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field

FORMAT = 1
"""Raised when a field changes its meaning or goes."""
MOST = 40
"""Tables, keys and statements that a runbook names; the rest is counted."""


@dataclass(frozen=True)
class KnownTable:
    """A table: its `rows`, which somebody counted or the planner estimates, its `bytes` as far as known, the copy of it, if any."""

    name: str
    rows: int | None = None
    is_counted: bool = False
    bytes: int | None = None
    copy: str = ""
    key: tuple[str, ...] = ()


@dataclass(frozen=True)
class KnownKey:
    """A foreign key; `orphans` is the query that counts its rows without a parent row."""

    name: str
    table: str
    columns: tuple[str, ...]
    references: str
    orphans: str


@dataclass(frozen=True)
class KnownLog:
    """The migration tool's log, as `[log]` names it and its columns; `is_there`: None if nobody looked."""

    table: str
    is_there: bool | None
    columns: Mapping[str, str]
    failed: tuple[str, ...]


@dataclass(frozen=True)
class Rehearsed:
    """The last drill of this project: what came of it, and how long its parts took."""

    kind: str
    when: str
    verdict: str
    source: str
    servers: tuple[str, ...]
    is_good: bool
    seconds: float
    rollback_seconds: float | None = None
    longest_wait_seconds: float = 0.0
    wal_bytes: int = 0
    stages: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Commands:
    """The migration tool's own commands, as configured; None: nobody named it."""

    rollback: str | None = None
    status: str | None = None
    partial: str | None = None
    emergency: str | None = None
    restore: str | None = None


@dataclass(frozen=True)
class Application:
    """What is configured of the application, by names."""

    services: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()


@dataclass(frozen=True)
class People:
    """Who is reached and how; who is called when (level, contact, minutes); whether notices are sent; own items by phase."""

    contacts: Mapping[str, str] = field(default_factory=dict)
    escalation: tuple[tuple[str, str, float], ...] = ()
    notified: bool = False
    checklist: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Known:
    """All that the runbook tells. `options` follow each command of rollproof's; nothing here holds a secret.

    `types` are columns with their types before the migration: (table, column, type). `unknown` says what nobody could find out,
    with the reason, `refused` which records of drills are not believed. `is_original` tells whether the definitions are those from
    before the migration.
    """

    written: str
    project: str
    database: str
    url: str
    version: str
    reference: str
    reference_told: str
    is_original: bool
    options: str
    tables: tuple[KnownTable, ...]
    keys: tuple[KnownKey, ...] = ()
    views: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    types: tuple[tuple[str, str, str], ...] = ()
    backup_schema: str = ""
    recreates: int = 0
    log: KnownLog | None = None
    drill: Rehearsed | None = None
    commands: Commands = Commands()
    application: Application = Application()
    people: People = People()
    metrics_file: str | None = None
    max_age: str | None = None
    rto_seconds: float | None = None
    report_dir: str = "rollproof-report"
    unknown: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    since: str = ""
    changes: tuple[str, ...] = ()

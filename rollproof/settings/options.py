"""Every key of `rollproof.toml` with its type, limits and default.

A field that has a row in `option_table` can also be typed (`--database-url`) or be a variable (`ROLLPROOF_DATABASE_URL`); the
command line wins over the environment, the environment over the file.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, get_args, get_type_hints

import msgspec

from rollproof.model.defaults import JOBS, LOCK_TIMEOUT, MAX_PAUSE, STATEMENT_TIMEOUT
from rollproof.model.names import typed
from rollproof.settings.command import Command
from rollproof.settings.endpoint import Endpoint, logins_fault
from rollproof.settings.fleet import Fleet
from rollproof.settings.people import ByHand, Escalation, Notify
from rollproof.settings.rehearsal import Drill, Rehearsal, Runbook
from rollproof.settings.sections import Backup, ForeignKey, Log, Lookups, Migration, OrderRule, Plan, Query, TableRule
from rollproof.settings.service import Service
from rollproof.settings.waiver import Waiver
from rollproof.settings.watch import Watch

_Positive = msgspec.Meta(gt=0)
_More = Annotated[float, _Positive]  # than nothing: 0 would mean at once
_Number = Annotated[int, _Positive]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every key with its default. The `repr` is empty: two fields may hold passwords."""

    database_url: str | None = None
    reference: str | None = None
    backup_file: str | None = None
    server: str = "auto"
    report_dir: str = "rollproof-report"
    report: str = "html,junit,markdown,json"
    strict: bool = False
    show_values: bool = False
    evidence: Annotated[int, msgspec.Meta(ge=0)] = 20
    evidence_file: str | None = None
    at_risk: bool = False
    other_database: bool = False
    allow_empty: bool = False
    jobs: _Number = JOBS
    lock_timeout: _More = LOCK_TIMEOUT
    statement_timeout: _More = STATEMENT_TIMEOUT
    resume: bool = False
    max_snapshot_age: _More | None = None
    several_snapshots: bool = False
    max_replica_lag: _More | None = None
    max_active_sessions: _Number | None = None
    max_pause: _More = MAX_PAUSE
    gentle: bool = False
    unread_if_untouched: bool = False
    detail: bool = False
    max_duration: _More | None = None
    max_baseline_age: _More | None = None
    require_signature: str | None = None
    envelope: str | None = None
    trust_functions: bool = False
    analyze: bool = False
    state_backup: str | None = None
    metrics_file: str | None = None
    keep_runs: Annotated[int, msgspec.Meta(ge=0)] = 100
    schemas: tuple[str, ...] | None = None
    checks: tuple[str, ...] = ()  # folders and files with checks of the user's own, beside those in their testpaths
    column_order: OrderRule = "compare"
    backup: Backup | None = None
    log: Log | None = None
    migration: Migration = Migration()
    foreign_key: tuple[ForeignKey, ...] = ()
    tables: dict[str, TableRule] = {}
    endpoints: tuple[Endpoint, ...] = ()
    services: tuple[Service, ...] = ()
    commands: tuple[Command, ...] = ()
    plans: tuple[Plan, ...] = ()
    lookups: Lookups = Lookups()
    queries: tuple[Query, ...] = ()
    waiver: tuple[Waiver, ...] = ()
    rehearsal: Rehearsal = Rehearsal()
    drill: Drill = Drill()
    runbook: Runbook = Runbook()
    contacts: dict[str, str] = {}
    escalation: tuple[Escalation, ...] = ()
    notify: Notify = Notify()
    watch: Watch = Watch()
    fleet: Fleet = Fleet()
    checklist: tuple[ByHand, ...] = ()

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "tables", {typed(name): rule for name, rule in self.tables.items()})
        if fault := logins_fault(self.endpoints):
            raise ValueError(fault)
        if twice := [name for name, times in Counter(each.name for each in self.services).items() if times > 1]:
            raise ValueError(f"two [[services]] have the name {twice[0]!r}: reports could not tell one from the other")

    @property
    def growing(self) -> frozenset[str]:
        """The tables that may grow: those of which it is said, and the migration's log."""
        return frozenset({(self.log or Log()).table, *(name for name, rule in self.tables.items() if rule.may_grow)})

    @property
    def without_services(self) -> "Settings":
        """The same without what is of the running application beside its endpoints, without notices to people; every table is read.

        A throw-away database has none of it: what is configured belongs to another one, most often to production.
        """
        apart = {"services": (), "commands": (), "notify": Notify(), "state_backup": None, "unread_if_untouched": False}
        return msgspec.structs.replace(self, **apart)

    def __repr__(self) -> str:
        return "Settings(…)"


def sections() -> Mapping[str, type[msgspec.Struct]]:
    """Return the keys that are sections of their own (`[backup]`, `[[endpoints]]`), each with what stands in it."""
    hints = get_type_hints(Settings).items()
    return {
        name: each
        for name, hint in hints
        for each in (hint, *get_args(hint))
        if isinstance(each, type) and issubclass(each, msgspec.Struct)
    }

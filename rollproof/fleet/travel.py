"""What of the settings goes to a worker; what may hold a secret, is of the application, or is a file stays here."""

from collections.abc import Iterable

import msgspec

from rollproof.fleet.target import FleetTarget
from rollproof.model.amounts import counted
from rollproof.model.errors import Misuse
from rollproof.model.redaction import shows_password
from rollproof.settings.options import Settings

STAYS = frozenset(
    {
        *("reference", "backup_file", "require_signature", "envelope", "evidence_file", "state_backup", "metrics_file"),
        *("server", "report_dir", "report", "keep_runs", "resume", "at_risk", "checks", "endpoints", "services"),
        *(
            "commands",
            "rehearsal",
            "drill",
            "runbook",
            "contacts",
            "escalation",
            "notify",
            "watch",
            "checklist",
            "fleet",
        ),
    }
)
"""Fields of `Settings` that a worker does not get; a target is verified without them."""

IRRELEVANT = frozenset(
    {
        *("database_url", "jobs", "lock_timeout", "statement_timeout", "max_snapshot_age", "several_snapshots"),
        *("max_replica_lag", "max_active_sessions", "max_pause", "gentle", "max_duration"),
    }
)
"""Of the others, those that change how it is read, and no verdict that is final: a resumed run may have other ones."""


def settings_of(target: FleetTarget, settings: Settings) -> Settings:
    """Return the settings that go to the worker of a target."""
    asked = {name: getattr(settings, name) for name in Settings.__struct_fields__ if name not in STAYS}
    asked["migration"] = msgspec.structs.replace(settings.migration, rollback_command=None)
    asked |= {"database_url": target.url, "queries": (*settings.queries, *target.queries)}
    if target.schema:
        asked["schemas"] = (target.schema,)
    if target.schemas or target.but is not None:
        asked |= {"schemas": target.schemas or settings.schemas, "allow_empty": True}  # a schema may have no tables
    return Settings(**asked)


def require_no_password(targets: Iterable[FleetTarget], to: str) -> None:
    """Raise `Misuse` if a password would leave this machine's own processes by way of an executor."""
    bad = [each for each in targets if has_password(each.url)]
    if bad:
        raise Misuse(
            f"--executor {to}: {counted(len(bad), 'target')} (the first is {bad[0].name}) have a password in the list, and none "
            "is sent to workers: leave it out there; each worker looks into its own .pgpass, its service file, or PGPASSWORD"
        )


def has_password(url: str) -> bool:
    """Tell whether a password stands in a URL or conninfo."""
    known = FleetTarget("", url).address.parameters
    return bool(known.get("password") or known.get("sslpassword") or shows_password(url))

"""The items of the procedure's two phases before a rollback, and what a run can say of each. Pure.

"done" is what this run asked and had answered, or what a person ticked in the incident that is open. A tick is no answer: it
stands where the run itself has none, and never hides what the run found.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from rollproof.model.errors import Misuse, did_you_mean
from rollproof.model.event import Entry
from rollproof.model.phase import PHASES
from rollproof.model.timestamps import shown
from rollproof.settings.options import Settings
from rollproof.verdict.checklist import ChecklistItem, ItemState
from rollproof.verdict.outcome import Outcome, Report

_Told = tuple[ItemState, str]
_BACKUP = ("backup", "backup_age", "backup_columns", "backup_content", "backup_privileges", "backup_readers")
_IMPACT = ("at_risk", "blocking_sessions", "other_sessions", "endpoints")
_BUSIEST = 3  # tables that are named
_LETTERS = 160  # of a finding's sentence
_TICKED: tuple[ItemState, ...] = ("by hand", "not configured")
"""The states in which a person's word is all that there is."""


def names(settings: Settings, phase: str) -> tuple[str, ...]:
    """Return the items of a phase, in their order: those of the procedure before a rollback, then the user's own."""
    own = tuple(each.item for each in settings.checklist if each.phase == phase)
    return (*(_ITEMS if _is_before_rollback(phase) else ()), *own)


def known_item(typed: str, settings: Settings) -> str:
    """Return the item of any phase that was typed, as it is written. Raises `Misuse` if there is none: it would tick nothing."""
    every = {key_of(name): name for phase in PHASES for name in names(settings, phase)}
    if found := every.get(key_of(typed)):
        return found
    near = did_you_mean(key_of(typed), every) or f"; the items are: {', '.join(every.values())}"
    raise Misuse(f"--done: the checklist has no item {typed!r}{near}")


def checklist(report: Report, settings: Settings) -> tuple[ChecklistItem, ...]:
    """Return the checklist of a run: of a phase that is not before a rollback the user's own items alone."""
    ticks = _ticks(report)
    return tuple(_ticked(_item(name, report, settings), ticks) for name in names(settings, report.phase))


def _is_before_rollback(phase: str) -> bool:
    return phase in PHASES and PHASES[phase].next_step == "rollback"


def _item(name: str, report: Report, settings: Settings) -> ChecklistItem:
    asked = _ITEMS.get(name) if _is_before_rollback(report.phase) else None
    return ChecklistItem(name, *(asked(report, settings) if asked else ("by hand", "")))


def key_of(name: str) -> str:
    """Return an item's text as it is looked for: whatever its case and its spaces."""
    return " ".join(name.split()).casefold()


def _ticks(report: Report) -> Mapping[str, Entry]:
    """Return the entries of the open incident that tick an item, by the item; the last one counts."""
    entries = report.record.entries if report.record else ()
    return {key_of(item): each for each in entries if (item := each.event.facts.get("item"))}


def _ticked(item: ChecklistItem, ticks: Mapping[str, Entry]) -> ChecklistItem:
    entry = ticks.get(key_of(item.item))
    if entry is None or item.state not in _TICKED:
        return item
    text = f": {entry.event.text}" if entry.event.text else ""
    return replace(item, state="done", told=f"ticked by {entry.who}, {shown(entry.when)}{text}")


def _issue(report: Report, _: Settings) -> _Told:
    if report.record and report.record.is_open:
        return "done", f"the incident that is open: {report.record.entries[0].event.text}"
    return "by hand", "no incident is open: rollproof incident open WHAT"


def _state(report: Report, _: Settings) -> _Told:
    if kept := report.state_kept:
        return "done", f"{kept.path}, SHA-256 {kept.sha256}"
    return "in doubt", "this run kept no snapshot of the state before the rollback"


def _backup(report: Report, _: Settings) -> _Told:
    return _of_checks(report, _BACKUP, needed=("backup",), key="[backup]")


def _impact(report: Report, _: Settings) -> _Told:
    state, told = _of_checks(report, _IMPACT, needed=("other_sessions",), key="[backup]")
    busy = [f"{each.table} ({each.written:,} rows written)" for each in report.traffic[:_BUSIEST] if each.written]
    slow = [f"{each.endpoint} {each.after:.2f} s" for each in report.answers if each.after is not None]
    also = [*([f"busiest: {', '.join(busy)}"] if busy else []), *([f"answers: {', '.join(slow)}"] if slow else [])]
    return state, "; ".join([*also, told] if state == "done" else [told, *also])


def _stakeholders(report: Report, settings: Settings) -> _Told:
    entries = report.record.entries if report.record else ()
    if sent := [each for each in entries if each.event.kind == "notice" and each.event.verdict == "sent"]:
        return "done", f"told {shown(sent[-1].at)}: {sent[-1].event.text or sent[-1].event.what}"
    if settings.contacts:
        return "by hand", ", ".join(f"{name}: {reached}" for name, reached in settings.contacts.items())
    return "not configured", "[contacts] and [notify] in rollproof.toml say who is told, and how"


def _services(report: Report, _: Settings) -> _Told:
    state, told = _of_checks(report, ("services",), needed=("services",), key="[[services]]")
    connected = [each for each in report.outcomes if (each.check, each.kind) == ("other_sessions", "not restored")]
    return ("failed", _first(connected)) if connected and state != "failed" else (state, told)


def _dump(report: Report, _: Settings) -> _Told:
    kept = report.state_kept
    if kept and kept.dump:
        return "done", ": ".join(filter(None, [kept.dump, kept.dump_told]))
    return _of_checks(report, ("state_backup",), needed=("state_backup",), key="--state-backup DIR")


def _script(report: Report, _: Settings) -> _Told:
    return _of_checks(report, ("rollback_command",), needed=("rollback_command",), key="[migration] rollback_command")


def _database(report: Report, _: Settings) -> _Told:
    if report.trouble:
        return "in doubt", report.trouble.splitlines()[0]
    version = report.provenance.subject.version
    return ("done", f"PostgreSQL {version} answers") if version else ("in doubt", "it was not asked")


def _monitoring(report: Report, settings: Settings) -> _Told:  # noqa: ARG001 (as the others)
    if settings.metrics_file:
        return "by hand", f"metrics go to {settings.metrics_file}: see that your alerts read it"
    return "not configured", "metrics_file in rollproof.toml; afterwards: rollproof watch"


def _logging(report: Report, _: Settings) -> _Told:
    return _of_checks(report, ("migration_log",), needed=("migration_log",), key="[log]")


_ITEMS: Mapping[str, Callable[[Report, Settings], _Told]] = {
    "identify the issue": _issue,
    "document the current state": _state,
    "verify backup integrity": _backup,
    "assess impact on running applications": _impact,
    "notify stakeholders": _stakeholders,
    "stop all application services": _services,
    "current-state backup": _dump,
    "rollback script available": _script,
    "database reachable": _database,
    "prepare monitoring": _monitoring,
    "prepare logging": _logging,
}
"""The procedure's items, each with what tells what became of it."""


def _of_checks(report: Report, checks: Iterable[str], *, needed: tuple[str, ...], key: str) -> _Told:
    """Return what came of these checks: the worst; done only if each of the `needed` came to an answer."""
    found = [each for each in report.outcomes if each.check in checks]
    if bad := [each for each in found if each.kind in ("broken", "misuse", "not restored")]:
        return "failed", _first(bad)
    if doubts := [each for each in found if each.kind == "inconclusive"]:
        return "in doubt", _first(doubts)
    good = {each.check for each in found if each.kind in ("verified", "warning")}
    missing = [check for check in needed if check not in good]
    if not missing:
        return "done", f"checked: {', '.join(sorted(good))}{_warned(found)}"
    return _unasked(report, missing, key)


def _unasked(report: Report, missing: list[str], key: str) -> _Told:
    """Return why these checks came to no answer: nobody configured them, or this run left them out."""
    if why := [each.reason for each in report.not_configured if set(missing) & set(each.checks)]:
        return "not configured", why[0] if key in why[0] else f"{key}: {why[0]}"
    if why := [each.reason for each in report.outcomes if each.check in missing and each.reason]:
        return "in doubt", why[0].splitlines()[0]
    if report.selection.whole and report.selection.cases and not report.trouble:
        return "not configured", key
    return "in doubt", "it was not asked in this run"


def _first(outcomes: Iterable[Outcome]) -> str:
    """Return the first thing that was found or doubted, and how many more there are."""
    said = [*_said(outcomes)]
    first = said[0] if len(said[0]) <= _LETTERS else f"{said[0][:_LETTERS].rstrip()}…"
    return first if len(said) == 1 else f"{first} (and {len(said) - 1:,} more)"


def _said(outcomes: Iterable[Outcome]) -> Iterator[str]:
    for each in outcomes:
        texts = [finding.sentence for finding in each.findings] or [
            f"{one.subject}: {one.reason}" for one in each.unknown
        ]
        first, *_ = each.reason.splitlines() or [f"{each.check}: {each.kind}"]
        yield from texts or [f"{each.check} ended in an error of rollproof's own" if each.kind == "broken" else first]


def _warned(found: Iterable[Outcome]) -> str:
    warned = [each for each in found if each.kind == "warning"]
    return f"; a warning: {_first(warned)}" if warned else ""

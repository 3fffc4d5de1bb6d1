"""What changed since a runbook was written before, in sentences. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace

from rollproof.model.amounts import size
from rollproof.report.runbook.document import code, word
from rollproof.report.runbook.known import Known, KnownTable, Rehearsed

_ROWS = 0.1  # by which share the rows or bytes of a table, or the seconds of a rollback, must differ to be told


def with_changes(now: Known, before: Known | None) -> Known:
    """Return the runbook with what changed since the one before; if nothing did, with what had changed then."""
    if before is None:
        return now
    if found := tuple(_changes(before, now)):
        return replace(now, since=before.written, changes=found)
    return replace(now, since=before.since, changes=before.changes)


def _changes(was: Known, now: Known) -> Iterator[str]:
    yield from _of_tables({each.name: each for each in was.tables}, {each.name: each for each in now.tables})
    yield from _of_names("foreign key", {each.name for each in was.keys}, {each.name for each in now.keys})
    yield from _of_names("constraint", set(was.constraints), set(now.constraints))
    yield from _of_drills(was.drill, now.drill)
    for told, old, new in _configured(was, now):
        if old != new:
            yield f"{told}: was {code(str(old or 'not configured'))}, is {code(str(new or 'not configured'))}"


def _of_tables(was: Mapping[str, KnownTable], now: Mapping[str, KnownTable]) -> Iterator[str]:
    yield from _of_names("table", set(was), set(now))
    for name in sorted(was.keys() & now.keys()):
        if told := _grown(was[name].rows, now[name].rows):
            yield f"table {code(name)}: {told.format(*(f'{each:,}' for each in (was[name].rows, now[name].rows)))} rows"
        if told := _grown(was[name].bytes, now[name].bytes):
            sizes = (size(each or 0) for each in (was[name].bytes, now[name].bytes))
            yield f"table {code(name)}: {told.format(*sizes)}"


def _grown(was: float | None, now: float | None) -> str:
    """Return how to say that a number is another one; "" where it is about the same, or not known."""
    if was is None or now is None or abs(now - was) <= _ROWS * max(was, 1):
        return ""
    return "{} → {}"


def _of_names(noun: str, was: set[str], now: set[str]) -> Iterator[str]:
    yield from (f"{noun} {code(name)} is new" for name in sorted(now - was))
    yield from (f"{noun} {code(name)} is gone" for name in sorted(was - now))


def _of_drills(was: Rehearsed | None, now: Rehearsed | None) -> Iterator[str]:
    if now is None or was == now:
        return
    yield f"last rehearsal: {_said(now)}" + (f" (before: {_said(was)})" if was else "")
    old, new = (each.rollback_seconds if each else None for each in (was, now))
    if _grown(old, new):
        yield f"the rollback took {old:,.1f} s → {new:,.1f} s"


def _said(drill: Rehearsed) -> str:
    return word(f"{drill.when}, {drill.verdict}")


def _configured(was: Known, now: Known) -> Iterator[tuple[str, object, object]]:
    for part in ("commands", "application"):
        old, new = getattr(was, part), getattr(now, part)
        for each in fields(old):
            yield (
                f"{each.name} command" if part == "commands" else each.name,
                _told(old, each.name),
                _told(new, each.name),
            )
    yield "contacts", _people(was), _people(now)
    yield "database", was.url, now.url
    yield "reference", was.reference, now.reference


def _told(of: object, name: str) -> object:
    value = getattr(of, name)
    return ", ".join(value) if isinstance(value, tuple) else value


def _people(known: Known) -> str:
    return ", ".join(f"{name}: {reached}" for name, reached in known.people.contacts.items())

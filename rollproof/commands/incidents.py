"""What every part of the night calls when something took place: it is kept in the timeline, and told to people."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from rollproof.incident import timeline
from rollproof.incident.notices import Notice, send
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.event import Entry, Event, EventKind
from rollproof.model.phase import Phase
from rollproof.model.redaction import Secrets, hidden, secrets_typed
from rollproof.report import notice
from rollproof.report import record as rendered
from rollproof.settings.configuration import secrets_of
from rollproof.settings.options import Settings
from rollproof.system.files import replace_file
from rollproof.system.signals import SIGNALS, Terminated
from rollproof.verdict.outcome import Report
from rollproof.verdict.record import Record, record_of
from rollproof.verdict.validation import validation

DONE_WELL = "done"
"""The verdict of a command that has no word of its own for it."""
_TYPED = ("opened", "note", "closed")
Say = Callable[[str], object]
Allowed = Callable[[Sequence[Entry]], None]


def happened(event: Event, folder: Path, settings: Settings, say: Say) -> None:
    """Add an event to the incident that is open in a report folder, if one is, and render its record again.

    What cannot be written is said, and changes nothing else.
    """
    try:
        if is_open(folder):
            keep((event,), folder, settings, say)
    except Exception as error:  # noqa: BLE001 (whatever it is, a verdict was found)
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        say(f"NOT in the incident's timeline: {event.what}: {why or type(error).__name__}")


def is_open(folder: Path) -> bool:
    """Tell whether an incident is open in a report folder. Raises `Misuse` as `timeline.read` does."""
    return bool(timeline.open_since(timeline.read(folder)))


def keep(
    events: Sequence[Event], folder: Path, settings: Settings, say: Say, allowed: Allowed = lambda _: None
) -> Record:
    """Add events to the timeline, render the record again, tell people of the first one, and return the record.

    `allowed` may refuse, by the entries that are there. Raises `Misuse` and `OSError`; then nothing was added.
    """
    secrets = secrets_of(settings, os.environ)
    tidy = [_tidy(event, secrets) for event in events]
    with timeline.turn(folder), SIGNALS.waiting():
        before = timeline.read(folder)
        allowed(before)
        record = latest(timeline.append(folder, *tidy), settings)
        try:
            _put_record(folder, record, is_new=tidy[0].kind == "opened", before=before)
        except OSError as error:
            say(f"NOT written: {folder / rendered.NAME}: {error.strerror or error}")
    if settings.notify.urls:
        _tell(record, record.entries[-len(tidy)], folder, settings, say)
    return record


def _tell(record: Record, entry: Entry, folder: Path, settings: Settings, say: Say) -> None:
    """Tell people of an entry, if it is one of which they want to be told, and enter who was."""
    kind, asked = notice.kind_of(entry), settings.notify
    if kind not in asked.events:
        return
    message = Notice(notice.title(record, entry), notice.body(record, entry))
    told = send(message, asked.urls, os.environ, asked.timeout_seconds, lambda: bool(SIGNALS.number))
    good = [each.target for each in told if not each.problem]
    bad = [f"{each.target}: {each.problem}" for each in told if each.problem]
    for each in bad:
        say(f"NOT told of {entry.event.what}: {each}")
    if good:
        say(f"told of {entry.event.what}: {', '.join(good)}")
    said = "; ".join([*(f"told: {each}" for each in good), *(f"NOT told: {each}" for each in bad)])
    verdict = "partly sent" if good and bad else "NOT sent" if bad else "sent"
    event = Event("notice", f"notice of {entry.event.what}", verdict, 1 if bad else 0, text=said)
    try:
        keep((event,), folder, settings, say)
    except (OSError, Misuse) as error:
        say(f"NOT in the incident's timeline: {event.what}: {error}")


def _tidy(event: Event, secrets: Secrets) -> Event:
    """Return an event without secrets: wherever they stand in what a person typed, else where a credential does."""
    typed = secrets_typed([event.text, *event.facts.values()], {})
    hide = secrets.and_of(typed).hide if event.kind in _TYPED else secrets.hide_credentials
    return hidden(event, lambda text: hide(text.encode("utf-8", "backslashreplace").decode()))


def latest(entries: Sequence[Entry], settings: Settings) -> Record:
    """Return the record of the latest incident, of which there is one at least."""
    found = record_of(timeline.incidents(entries)[-1], settings.contacts, settings.escalation, datetime.now(tz=UTC))
    assert found, "an incident has an opening"
    return found


def _put_record(folder: Path, record: Record, *, is_new: bool, before: Sequence[Entry]) -> None:
    """Write record.md, with what people wrote into the one that is there; another incident's is kept. Raises `OSError`."""
    path = folder / rendered.NAME
    held = path.read_text("utf-8", "replace") if path.exists() else ""
    if held and is_new:
        past = timeline.incidents(before)[-1:]
        path.rename(_free(folder, f"record-{_stamp(past[0][0].at) if past else 'before'}"))
        held = ""
    elif held and rendered.was_edited(held):
        replace_file(_free(folder, "record-edited"), held.encode())
    replace_file(path, rendered.record_text(record, held).encode())


def _stamp(moment: str) -> str:
    return moment[:19].replace(":", "") + "Z"


def _free(folder: Path, stem: str) -> Path:
    """Return a path that nothing has yet."""
    number = 1
    while (path := folder / f"{stem}{'' if number == 1 else f'-{number}'}.md").exists():
        number += 1
    return path


@dataclass
class Course:
    """What a command comes to, said while it runs."""

    verdict: str = DONE_WELL
    exit_code: int = 0
    text: str = ""
    facts: dict[str, str] = field(default_factory=dict)

    def ends_by(self, error: BaseException) -> None:
        """Take note of what ended the command before its time."""
        if isinstance(error, Inconclusive):
            self.verdict, self.exit_code, self.text = "INCONCLUSIVE", 7, str(error).partition("\n")[0]
        elif isinstance(error, Terminated):
            self.verdict, self.exit_code = "INTERRUPTED", 128 + error.number
        elif not isinstance(error, SystemExit):
            self.verdict, self.exit_code = "BROKEN", 3
        elif isinstance(error.code, int):
            self.exit_code = error.code
        if self.exit_code and self.verdict == DONE_WELL:
            self.verdict = "failed"


@contextmanager
def entered(what: str, settings: Settings, say: Say, kind: EventKind = "command") -> Iterator[Course]:
    """A context for the work of a command: what it came to, and how long it took, is entered in the incident that is open.

    A command that was mistyped did nothing, and is not entered.
    """
    course, began, is_done = Course(), time.monotonic(), True
    try:
        yield course
    except Misuse:
        is_done = False
        raise
    except BaseException as error:
        course.ends_by(error)
        raise
    finally:
        if is_done:
            told = (course.verdict, course.exit_code, round(time.monotonic() - began, 3), course.text, course.facts)
            happened(Event(kind, what, *told), Path(settings.report_dir), settings, say)


def of_report(report: Report, result: bytes = b"", *, is_rehearsal: bool = False) -> Event:
    """Return a phase that was run as an event; `result` is its result.json. That of a rehearsal is no phase of the night."""
    sealed = {"result_sha256": hashlib.sha256(result).hexdigest()} if result else {}
    what, rehearsal = _run_of(report.phase, is_rehearsal=is_rehearsal)
    return Event(
        kind="phase",
        what=what,
        verdict=report.verdict,
        exit_code=report.exit_code,
        seconds=round(report.seconds, 3),
        text=report.sentence,
        facts={"database": report.subject, "reference": report.reference, **validation(report), **sealed, **rehearsal},
        steps=() if is_rehearsal else report.logged,
    )


def of_bad_news(phase: Phase, text: str, seconds: float, facts: Mapping[str, str], *, is_rehearsal: bool) -> Event:
    """Return the first bad news of a phase that has run for so long, and goes on."""
    what, rehearsal = _run_of(phase.name, is_rehearsal=is_rehearsal)
    return Event("so_far", what, f"{phase.bad} so far", None, round(seconds, 3), text, {**facts, **rehearsal})


def _run_of(phase: str, *, is_rehearsal: bool) -> tuple[str, dict[str, str]]:
    """Return what to call a run of a phase, and the facts that it is a rehearsal's."""
    return (f"rehearsal of {phase}", {"rehearsal": "on a throw-away database"}) if is_rehearsal else (phase, {})


def with_record(report: Report, folder: Path, settings: Settings, *, is_rehearsal: bool = False) -> Report:
    """Return the report with the record of the incident that is open, this run in it already; as it is where none can be read."""
    try:
        entries = timeline.read(folder)
        if not timeline.open_since(entries):
            return report
        now = timeline.entry_of(of_report(report, is_rehearsal=is_rehearsal), entries)
        return replace(report, record=latest((*entries, now), settings))
    except Exception:  # noqa: BLE001 (whatever it is, `happened` meets it too, and says so)
        return report

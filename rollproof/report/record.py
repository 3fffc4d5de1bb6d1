"""record.md: an incident for people to read, made anew from the timeline; what they wrote under its headings is kept."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rollproof.model.amounts import counted
from rollproof.model.event import Entry, LoggedStep
from rollproof.model.timestamps import in_words, read, shown
from rollproof.report.markdown_text import CELL, cell
from rollproof.verdict.record import AREAS, Record

NAME = "record.md"
LESSONS = ("Root cause", "Prevention", "Improvements")
"""Headings under which people write what was learned."""
_PROBLEMS = "Problems"
_YOURS = "<!-- yours: what you write between this line and the next heading is kept -->"
_SEAL = "<!-- made from timeline.jsonl, SHA-256 "
_HEADS = ("| when (UTC) | what | came to | took | who |", "|---|---|---|---|---|")


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it; people may write into one that is theirs."""

    heading: str
    lines: tuple[str, ...] = ()
    is_theirs: bool = False


def record_text(record: Record, before: str = "") -> str:
    """Return the record as Markdown, with what people wrote into the one that was there before."""
    theirs = written(before)
    lines = list[str]()
    for section in _sections(record):
        lines += [section.heading, "", *section.lines, *([""] if section.lines else [])]
        if section.is_theirs:
            lines += [_YOURS, "", *_kept(theirs.get(section.heading, ""))]
    text = "\n".join(lines)
    return f"{text}{_SEAL}{_own(text)} -->\n"


def _kept(text: str) -> list[str]:
    return [*text.splitlines(), ""] if text else []


def written(text: str) -> Mapping[str, str]:
    """Return what people wrote into a record, by heading."""
    found: dict[str, list[str]] = {}
    place = ""
    for line in text.splitlines():
        if line.rstrip() in _THEIRS:
            place = line.rstrip()
        elif line.rstrip() in _OURS or line.startswith(_SEAL):
            place = ""
        elif line.strip() == _YOURS and place:
            found[place] = []
        elif place in found:
            found[place].append(line.rstrip())
    return {heading: "\n".join(lines).strip("\n") for heading, lines in found.items()}


def lessons(text: str) -> Mapping[str, str]:
    """Return what was learned by what people wrote into a record: heading → text, "" where they wrote nothing."""
    theirs = written(text)
    return {name: theirs.get(f"### {name}", "") for name in LESSONS}


def was_edited(text: str) -> bool:
    """Tell whether somebody wrote into what is made from the timeline, and would lose it when that is made again."""
    body, _, sealed = text.rpartition(_SEAL)
    return sealed.strip() != f"{_own(body)} -->"


def _own(text: str) -> str:
    """Return the SHA-256 of what is ours of a record: of its lines without what people wrote."""
    kept, skipping = list[str](), False
    for line in map(str.rstrip, text.splitlines()):
        skipping = skipping and not (line in _OURS or line in _THEIRS)
        if not skipping:
            kept.append(line)
        skipping = skipping or line == _YOURS
    return hashlib.sha256("\n".join(filter(None, kept)).encode("utf-8", "backslashreplace")).hexdigest()


def _sections(record: Record) -> Iterator[Section]:
    yield Section(f"# Incident: {_whole(record.opening.event.text)}", tuple(_head(record)))
    yield Section("## Trigger")
    yield Section("### Issue", tuple(_issue(record)))
    yield Section("### Decision timeline", tuple(_decisions(record)))
    yield Section(
        "### Stakeholders",
        _listed(record.stakeholders, "nobody was named: `rollproof incident open --stakeholder NAME`"),
    )
    yield Section("## Execution")
    yield Section("### Steps", (*_HEADS, *map(_row, record.entries)))
    yield Section("### Durations", tuple(_durations(record)))
    yield Section(f"### {_PROBLEMS}", tuple(_problems(record)), is_theirs=True)
    yield Section("## Validation", tuple(_validated(record)))
    facts = record.validation.event.facts if record.validation else {}
    for area in AREAS:
        yield Section(f"### {area.capitalize()}", (_whole(facts.get(area, "no phase was run yet")),))
    yield Section("## Lessons learned")
    yield from (Section(f"### {name}", is_theirs=True) for name in LESSONS)
    contacts = tuple(f"{name}: {how}" for name, how in record.contacts.items())
    yield Section("## Contacts", _listed(contacts, "nobody is named under `[contacts]` in rollproof.toml"))
    yield Section("## Escalation", tuple(_escalation(record)))


_THEIRS = frozenset(f"### {name}" for name in (_PROBLEMS, *LESSONS))
_OURS = frozenset(
    {
        *("## Trigger", "### Issue", "### Decision timeline", "### Stakeholders", "## Execution", "### Steps"),
        *("### Durations", "## Validation", "## Lessons learned", "## Contacts", "## Escalation"),
        *(f"### {area.capitalize()}" for area in AREAS),
    }
)


def _head(record: Record) -> Iterator[str]:
    end = record.end
    yield f"Opened {_moment(record.opening.at)} by {cell(record.opening.who)}; " + (
        f"closed {_moment(end.at)} by {cell(end.who)}: **{_whole(end.event.text)}**" if end else "**open**"
    )
    yield ""
    yield f"{len(record.entries)} entries of `timeline.jsonl`; the last one's SHA-256 is {cell(record.head)}."


def _issue(record: Record) -> Iterator[str]:
    facts = record.opening.event.facts
    yield f"- trigger: {_whole(record.opening.event.text)}"
    yield from (f"- {name}: {cell(facts[name])}" for name in ("issue", "severity") if name in facts)


def _decisions(record: Record) -> Iterator[str]:
    for entry in record.decisions:
        word = {"opened": "opened the incident", "closed": "closed it"}.get(entry.event.kind, "decided")
        yield f"- {_moment(entry.when)} {cell(entry.who)} {word}: {_whole(entry.event.text)}{_told_later(entry)}"


def _moment(text: str) -> str:
    return cell(shown(text))


def _told_later(entry: Entry) -> str:
    return f" (entered {_moment(entry.at)})" if entry.when != entry.at else ""


def _row(entry: Entry) -> str:
    event = entry.event
    item = f": {event.facts['item']}" if "item" in event.facts else ""
    said = " ".join(filter(None, [f"**{cell(event.verdict)}**" if event.verdict else "", _whole(event.text)]))
    when = f"{_moment(entry.when)}{_told_later(entry)}"
    return f"| {when} | {cell(event.what + item)} | {said} | {_took(event.seconds)} | {cell(entry.who)} |"


def _took(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 0:
        return "nobody can say how long: a clock went back"
    return in_words(seconds) if seconds >= 120 else f"{seconds:,.1f} s"  # noqa: PLR2004 (in words from two minutes on)


def _durations(record: Record) -> Iterator[str]:
    since, until = read(record.opening.at), read((record.end or record.entries[-1]).at)
    if since and until:
        yield f"- the incident{'' if record.end else ', until the last entry'}: {_took((until - since).total_seconds())}"
    timed = [step for step in record.steps if step.seconds is not None]
    for operation in dict.fromkeys(step.operation for step in timed):
        took = [step.seconds or 0.0 for step in timed if step.operation == operation]
        yield f"- {cell(operation)}, by the migration's log: {counted(len(took), 'step')}, {_took(sum(took))}"
    if record.steps:
        yield from ("", "| step of the migration's log | of | status | began | took |", "|---|---|---|---|---|")
        yield from map(_step, record.steps)
    else:
        yield "- the migration's log: no phase has read it; [log] in rollproof.toml says where it is"


def _step(step: LoggedStep) -> str:
    status = f"{cell(step.status)}{f' (**{cell(step.problem)}**)' if step.problem else ''}"
    return f"| {cell(step.operation)} | {cell(step.step)} | {status} | {cell(step.started)} | {_took(step.seconds)} |"


def _problems(record: Record) -> Iterator[str]:
    for entry in record.problems:
        event = entry.event
        told = f"{cell(event.what)}: {cell(event.verdict)}: " if event.verdict else ""
        yield f"- {_moment(entry.when)} {told}{_whole(event.text)} ({cell(entry.who)})"
    for step in record.steps:
        if step.problem:
            yield f"- {cell(step.started)} {cell(step.operation)} {cell(step.step)}: {cell(step.problem)}, by the migration's log"


def _validated(record: Record) -> Iterator[str]:
    if entry := record.validation:
        event = entry.event
        yield f"{cell(event.what)} of {_moment(entry.at)}: **{cell(event.verdict)}**: {_whole(event.text)}"


def _escalation(record: Record) -> Iterator[str]:
    if record.next_call:
        yield from (f"**{_whole(record.next_call)}**", "")
    yield from _listed(record.escalation, "no level is named under `[[escalation]]` in rollproof.toml")


def _listed(texts: tuple[str, ...], nothing: str) -> tuple[str, ...]:
    return tuple(f"- {_whole(text)}" for text in texts) or (nothing,)


def _whole(text: str) -> str:
    """Return text as a cell does, but of any length: it is cut nowhere."""
    return "".join(cell(text[begin : begin + CELL]) for begin in range(0, len(text), CELL))

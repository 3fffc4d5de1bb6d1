"""A notice about an event of an incident: a line and a few more, for people who do not look at the report. Nothing of a row."""

from collections.abc import Iterator, Mapping

from rollproof.model.event import POST_MORTEM, Entry, NoticeKind
from rollproof.model.printable import harmless, one_line
from rollproof.model.timestamps import in_words, read, shown
from rollproof.verdict.record import AREAS, Record

_MOST = 1_000  # letters of a line


def kind_of(entry: Entry) -> NoticeKind | None:
    """Return what kind of notice an event calls for; None if it calls for none. A rehearsal is nobody's news."""
    event = entry.event
    if event.facts.get("rehearsal"):
        return None
    if event.what == POST_MORTEM:
        return "post_mortem"
    kinds: Mapping[str, NoticeKind] = {
        "opened": "opened",
        "so_far": "so_far",
        "phase": "phase",
        "watch": "phase",
        "closed": "completed",
    }
    return kinds.get(event.kind)


def title(record: Record, entry: Entry) -> str:
    """Return the line: which incident, and what took place."""
    event, trigger = entry.event, record.opening.event.text
    said = {
        "opened": f"incident opened: {trigger}",
        "so_far": f"{event.what}: {event.verdict}",
        "phase": f"{event.what}: {event.verdict}",
        "completed": f"incident closed: {event.text}",
        "post_mortem": f"post-mortem: {trigger}",
    }[kind_of(entry) or "phase"]
    return _line(f"[{record.opening.event.facts.get('issue') or 'rollproof'}] {said}")


def body(record: Record, entry: Entry) -> str:
    """Return what there is to know now."""
    told = {"opened": _opened, "so_far": _phase, "phase": _phase, "completed": _completed, "post_mortem": _learned}
    lines = [*told[kind_of(entry) or "phase"](record, entry), "", *_below(record)]
    return "\n".join(map(_line, lines))


def _line(text: str) -> str:
    shown_text = harmless(one_line(text))
    return shown_text if len(shown_text) <= _MOST else shown_text[:_MOST] + "…"


def _opened(record: Record, entry: Entry) -> Iterator[str]:
    yield entry.event.text
    facts = entry.event.facts
    yield from (f"{name}: {facts[name]}" for name in ("issue", "severity") if name in facts)
    yield from (f"stakeholder: {name}" for name in record.stakeholders)
    yield f"opened {shown(entry.at)} by {entry.who}"
    yield from (f"decided by {each.who}: {each.event.text}" for each in record.decisions if each.event.kind == "note")


def _phase(record: Record, entry: Entry) -> Iterator[str]:
    event = entry.event
    yield f"{event.what}: {event.verdict}: {event.text}"
    yield from (f"{name}: {event.facts[name]}" for name in ("database", "reference", *AREAS) if name in event.facts)
    if event.seconds is not None:
        ended = "and goes on" if event.kind == "so_far" else f"ended {shown(entry.at)}"
        yield f"took {in_words(event.seconds)}, {ended}, run by {entry.who}"
    if record.next_call:
        yield record.next_call


def _completed(record: Record, entry: Entry) -> Iterator[str]:
    yield entry.event.text
    since, until = read(record.opening.at), read(entry.at)
    took = f", after {in_words((until - since).total_seconds())}" if since and until and since <= until else ""
    yield f"closed {shown(entry.at)} by {entry.who}{took}"
    last = {each.event.what: each for each in record.entries if each.event.kind in ("phase", "watch")}
    yield from (f"{what}: {each.event.verdict} ({shown(each.at)})" for what, each in last.items())
    yield from (
        f"problem: {each.event.text or each.event.what}" for each in record.problems if each.event.kind == "note"
    )


def _learned(_: Record, entry: Entry) -> Iterator[str]:
    facts = entry.event.facts
    for name in ("root cause", "prevention", "improvements"):
        yield f"{name}:"
        yield from (f"  {line}" for line in facts.get(name, "").splitlines())


def _below(record: Record) -> Iterator[str]:
    yield f"{len(record.entries)} events in the timeline; SHA-256 of the last: {record.head}"

"""What became of a thing, in words of its own kind: grants, owners, comments, positions of sequences, foreign keys. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from rollproof.model.finding import RowReport
from rollproof.model.printable import one_line
from rollproof.model.row_words import rows_in_words, whereabouts_in_words
from rollproof.verdict.changes import LETTERS, Part, changes, fitting, privileges, shortened
from rollproof.verdict.subjects import CHANGED, MISSING, NEW, Subject
from rollproof.verdict.words import Wording

Rows = Mapping[str, RowReport]
_COUNTED = re.compile(r"([\d,]+) of ([\d,]+) in the baseline not there any more, or changed")
_BRIEF = re.compile(r"(?:(?:\A|, )(?:at least )?[\d,]+ rows? [a-z ]+)+")
_KEYS = re.compile(r" \([^()]*\)")
_AMOUNTS = re.compile(r"(?:\A|, )([\d,]+) (missing|changed|more|written meanwhile|changed meanwhile|written|deleted)\b")
_TO = re.compile(r".* TO (?P<role>.+)", re.DOTALL)
_SECURITY = {
    None: "off",
    "row security enabled": "on",
    "row security enabled, for the owner too": "on, for the owner too",
    "row security disabled, but forced once enabled": "off, but forced once enabled",
}


def _rows(said: Wording, subject: Subject, rows: Rows) -> Wording:
    report = rows.get(subject.table)
    if subject.way != CHANGED or not subject.finding.compared:
        return said if not subject.finding.compared else replace(said, change=f"rows {_came_or_went(subject)}")
    if report and (told := rows_in_words(report)):
        return replace(said, change=fitting(Part(each, _columns_left_out(each)) for each in told.split("; ")))
    where = (Part(words) for words in whereabouts_in_words(report))
    return replace(said, change=fitting([*_numbers(subject, report), *where]) or "changed")


def _columns_left_out(told: str) -> str:
    """Return `5 rows changed` of `5 rows changed, all in note (NULL → value)`."""
    found = _BRIEF.match(told)
    return found[0] if found else ""


def _numbers(subject: Subject, report: RowReport | None) -> Iterator[Part]:
    """Yield how many rows there are more or fewer, and how many of a baseline's are there no more, or changed."""
    found = _COUNTED.match(report.counted) if report else None
    gone = int(found[1].replace(",", "")) if found else 0
    fewer = 0
    if subject.facet == "rows" and all(text.isdecimal() for text in subject.texts):
        was, now = map(int, subject.texts)
        fewer = was - now
        if fewer:
            yield Part(f"{_counted(fewer)} missing" if fewer > 0 else f"{_counted(-fewer)} more than before")
    if (others := gone - max(fewer, 0)) > 0:
        yield Part(f"{others:,} of {found[2] if found else ''} rows changed or missing")
    elif subject.facet != "rows":
        yield Part("rows changed, as many as before")


def _counted(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows:,} rows"


def _owner(said: Wording, subject: Subject, _: Rows) -> Wording:
    was, now = subject.finding.expected, subject.finding.actual
    told = f"owner {now}, was {was}" if was and now else f"owner {was or now} {_came_or_went(subject)}"
    return replace(said, change=told)


def _grants(said: Wording, subject: Subject, _: Rows) -> Wording:
    finding = subject.finding
    found = _TO.fullmatch(finding.subject)
    role = found["role"] if found else ""
    to = f"grants to {'the owner' if role == 'OWNER' else role}"
    if subject.facet == "default_privileges":
        said = replace(said, place=finding.subject.rpartition(" TO ")[0], noun="default privileges", name="")
    if subject.texts == ("nothing",):  # a list that names nobody is not the same as none
        told = "revoked" if subject.way == NEW else "back, were revoked"
        return replace(said, change=f"{to} {told}")
    if subject.way in (MISSING, NEW):
        listed = shortened(privileges(subject.texts[0]), LETTERS - len(to) - len(said.name))
        return replace(said, change=f"{to} {_came_or_went(subject)} ({listed})")
    return replace(said, change=f"{to}: {fitting(changes(subject.facet, *subject.texts), LETTERS - len(to))}")


def _note(said: Wording, subject: Subject, _: Rows) -> Wording:
    """Return the words about what a person wrote, which is not told: a comment, a security label."""
    what = "comment" if subject.facet == "comments" else "security label"
    return replace(said, change=f"{what} {_came_or_went(subject)}")


def _row_security(said: Wording, subject: Subject, _: Rows) -> Wording:
    was, now = (_SECURITY.get(each, each) for each in (subject.finding.expected, subject.finding.actual))
    return replace(said, change=f"row security {now}, was {was}")


def _position(said: Wording, subject: Subject, _: Rows) -> Wording:
    if subject.way in (MISSING, NEW):
        return said
    was, now = (" ".join(map(_grouped, text.split())) for text in subject.texts)
    return replace(said, change=f"next value {now}, was {was}")


def _parent(said: Wording, subject: Subject, _: Rows) -> Wording:
    what = "partition" if subject.facet == "partitions" else "child"
    was, now = (_last_path(each) for each in (subject.finding.expected, subject.finding.actual))
    if subject.way == MISSING:
        return replace(said, change=f"no longer a {what} of {was}")
    if subject.way == NEW:
        return replace(said, change=f"now a {what} of {now}, was not")
    if was != now:
        return replace(said, change=shortened(f"{what} of {now}, was of {was}"))
    return replace(said, change=f"bounds {fitting(changes(subject.facet, *subject.texts), LETTERS - len('bounds '))}")


def _last_path(text: str | None) -> str:
    """Return the parents that a description of a partition or a child names."""
    told = (text or "").removeprefix("PARTITION OF ").removeprefix("INHERITS (")
    return told.partition(" FOR ")[0].partition(" DEFAULT")[0].removesuffix(")")


def _against_copy(said: Wording, subject: Subject, _: Rows) -> Wording:
    """Return the words about rows that are not those of the migration's copy: how many, without their keys."""
    told = [
        f"{_counted(int(number.replace(',', '')))} {what}"
        for number, what in _AMOUNTS.findall(_KEYS.sub("", subject.finding.actual or ""))
    ]
    if not told:
        return said
    ends = {"at_risk": "since its copy was made", "migrated_counts": "than in its copy"}
    return replace(said, change=shortened(f"{', '.join(told)} {ends.get(subject.facet, 'against its copy')}"))


def _untouched(said: Wording, subject: Subject, rows: Rows) -> Wording:
    """Return the words about rows of a table that the migration should leave alone."""
    if all(text.isdecimal() for text in subject.texts):
        return _rows(said, replace(subject, facet="rows", finding=replace(subject.finding, compared=True)), rows)
    return replace(said, change="rows changed, as many as before")


def _log(said: Wording, subject: Subject, _: Rows) -> Wording:
    """Return the words about the migration's log, whose findings are about `table migration: what`."""
    if not subject.table:
        return said
    entry = subject.finding.subject.removeprefix(subject.table).strip()
    return replace(said, place=subject.table, name="", change=shortened(f"{entry} {said.change}".strip()))


def _room(said: Wording, subject: Subject, _: Rows) -> Wording:
    return replace(said, place="disk", change=f"{subject.finding.actual} free, needed are {subject.finding.expected}")


def _columns_order(said: Wording, *_: object) -> Wording:
    return replace(said, change="order of columns changed")


def _statistics(said: Wording, subject: Subject, _: Rows) -> Wording:
    """Return the words about the planner's statistics."""
    if not subject.finding.compared:
        return replace(said, noun="")
    return replace(said, change=shortened((subject.finding.actual or "not analysed").partition(":")[0]))


def _membership(said: Wording, subject: Subject, _: Rows) -> Wording:
    """Return the words about a role, or its membership in another."""
    member, inside, group = subject.finding.subject.partition(" IN ")
    return replace(said, place=member, noun="membership in" if inside else said.noun, name=group)


def _published(said: Wording, subject: Subject, _: Rows) -> Wording:
    """Return the words about a publication or subscription, or about a table in one."""
    what = "PUBLICATION" if subject.facet == "publications" else "SUBSCRIPTION"
    thing, inside, name = subject.finding.subject.partition(f" IN {what} ")
    return replace(said, place=thing, noun=what.lower(), name=name) if inside else said


def _witness(said: Wording, subject: Subject, _: Rows) -> Wording:
    """Return the words about an entry of pg_dump."""
    told = said.change if subject.way != CHANGED else "changed"
    return replace(
        said, change=told, noun="pg_dump's", name=" ".join(filter(None, [subject.kind or "entry", said.name]))
    )


def _orphans(said: Wording, subject: Subject, _: Rows) -> Wording:
    found = (subject.finding.actual or subject.finding.sentence).partition(":")[0]
    return replace(said, change=shortened(found))


def _behind(said: Wording, *_: object) -> Wording:
    return replace(said, change="the next value of its sequence is in use already")


def _unenforced(said: Wording, subject: Subject, _: Rows) -> Wording:
    if subject.way != CHANGED:
        return said
    return replace(said, change="enforced, was not" if subject.finding.actual == "enforced" else "not enforced")


def _property(said: Wording, subject: Subject, _: Rows) -> Wording:
    """Return the words about a property of the database itself."""
    return replace(said, place="database", noun="", name=subject.path)


def _answer(said: Wording, *_: object) -> Wording:
    return replace(said, change="answer changed")


def _answered_value(said: Wording, subject: Subject, _: Rows) -> Wording:
    """Return the words about a value in an answer, `endpoint: place in the JSON`."""
    name, colon, place = subject.path.rpartition(": ")
    now, comma, how = (subject.finding.actual or "").partition(", ")
    told = how if comma else f"{now}, was {subject.finding.expected}"
    return replace(said, place=name, name=place, change=told) if colon and now else said


def _slower(said: Wording, subject: Subject, _: Rows) -> Wording:
    finding = subject.finding
    return replace(said, change=f"{finding.actual}, was {finding.expected}") if finding.compared else said


def _behind_its_place(said: Wording, subject: Subject, _: Rows) -> Wording:
    """Return what is said behind a name and, in parentheses, where that is: a service's manager and host, an endpoint's URL."""
    change = one_line(subject.finding.sentence).partition(")")[2].lstrip(": ")
    return replace(said, change=shortened(change) if change else said.change)


def _command(said: Wording, subject: Subject, _: Rows) -> Wording:
    """Put what is told of a test of a command's beside the command."""
    place, inner = (*subject.finding.subject.split(": ", 1), "")[:2]
    change = one_line(subject.finding.sentence).partition("': ")[2].removeprefix(f"{one_line(inner)} ")
    told = replace(said, place=place, noun="test" if inner else "", name=inner)
    return replace(told, change=shortened(change) if change else said.change)


def _plan(said: Wording, subject: Subject, _: Rows) -> Wording:
    return replace(said, change="changed" if subject.finding.compared else "costs much more")


def _lookup(said: Wording, subject: Subject, _: Rows) -> Wording:
    told = "reads the whole table" if subject.finding.compared else "costs much more"
    return replace(said, change=told, name=said.name.strip())


def _result(said: Wording, *_: object) -> Wording:
    return replace(said, change="answers otherwise")


def _came_or_went(subject: Subject) -> str:
    return {MISSING: "missing", NEW: "left behind"}.get(subject.way, "changed")


def _grouped(number: str) -> str:
    return f"{int(number):,}" if number.lstrip("-").isdecimal() else number


SPECIAL: Mapping[str, Callable[[Wording, Subject, Rows], Wording]] = MappingProxyType(
    {
        "at_risk": _against_copy,
        "column_order": _columns_order,
        "commands": _command,
        "comments": _note,
        "content": _rows,
        "database": _property,
        "default_privileges": _grants,
        "disk_space": _room,
        "endpoint_answers": _answer,
        "endpoint_latency": _slower,
        "endpoint_values": _answered_value,
        "endpoints": _behind_its_place,
        "foreign_key_triggers": _unenforced,
        "inheritance": _parent,
        "lookups": _lookup,
        "migrated_counts": _against_copy,
        "migrated_edges": _orphans,
        "migrated_rows": _against_copy,
        "migration_log": _log,
        "orphans": _orphans,
        "owners": _owner,
        "partitions": _parent,
        "pg_dump": _witness,
        "planner_statistics": _statistics,
        "plans": _plan,
        "privileges": _grants,
        "publications": _published,
        "roles": _membership,
        "query_results": _result,
        "row_security": _row_security,
        "rows": _rows,
        "security_labels": _note,
        "sequence_positions": _position,
        "services": _behind_its_place,
        "sequence_values": _behind,
        "subscriptions": _published,
        "untouched_rows": _untouched,
    }
)
"""By facet or check: what gives the general wording of a finding the words of its kind."""

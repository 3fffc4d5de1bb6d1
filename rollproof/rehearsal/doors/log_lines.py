"""A server's log, in any of its three formats, as the entries that it is made of. Pure."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_SEVERITY = re.compile(
    r"(?P<prefix>.*?)\b(?P<kind>DEBUG\d?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|STATEMENT|CONTEXT|QUERY|LOCATION):  "
    r"(?P<message>.*)",
    re.DOTALL,
)
_ADDED = ("DETAIL", "HINT", "STATEMENT", "CONTEXT", "QUERY", "LOCATION")
_USER = re.compile(r"\buser[ =:]+(?P<user>[^,\s\]]+)", re.IGNORECASE)
_DATABASE = re.compile(r"\b(?:db|database)[ =:]+(?P<database>[^,\s\]]+)", re.IGNORECASE)
_USER_AT_DATABASE = re.compile(r"(?P<user>[^\s:@(\[,=]+)@(?P<database>[^\s:@)\],]+)")
_PROCESS = re.compile(r"\[(\d+)[-\]]|:\[(\d+)\]|\bpid[ =]+(\d+)")
_CSV_FIELDS = (1, 2, 5, 11, 13, 14, 22)  # user, database, session, severity, message, detail, application


@dataclass(frozen=True)
class Entry:
    """One entry: its `severity` and `message`, the DETAIL below it, and of whom it is, as far as the log tells."""

    severity: str
    message: str
    detail: str = ""
    user: str = ""
    database: str = ""
    session: str = ""
    application: str = ""


def entries(lines: Iterable[str]) -> Iterator[Entry]:
    """Yield the entries of a log; its first line tells the format: stderr, csvlog or jsonlog."""
    rest = iter(lines)
    first = next(rest, "")
    every = _from(first, rest)
    if first.startswith("{"):
        yield from _json(every)
    elif _SEVERITY.match(first) is None and first.count(",") > 10:  # noqa: PLR2004 (a line of csvlog has 23 to 26 fields)
        yield from _csv(every)
    else:
        yield from _stderr(every)


def _from(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _json(lines: Iterable[str]) -> Iterator[Entry]:
    for line in lines:
        try:
            said = json.loads(line)
        except ValueError:  # the last line may be half written
            continue
        keys = ("error_severity", "message", "detail", "user", "dbname", "session_id", "application_name")
        yield Entry(*(str(said.get(key) or "") for key in keys))


def _csv(lines: Iterable[str]) -> Iterator[Entry]:
    for row in csv.reader(lines):
        if len(row) > max(_CSV_FIELDS):
            user, database, session, severity, message, detail, application = (row[number] for number in _CSV_FIELDS)
            yield Entry(severity, message, detail, user, database, session, application)


def _stderr(lines: Iterable[str]) -> Iterator[Entry]:
    """Yield entries of the plain format, whatever the prefix; a line that begins with a tab goes on with the one before."""
    open_entry: Entry | None = None
    for prefix, kind, message in _records(lines):
        if kind not in _ADDED:
            if open_entry:
                yield open_entry
            open_entry = Entry(kind, message, "", *_whose(prefix))
        elif open_entry and kind == "DETAIL":
            *_, session = _whose(prefix)
            if session == open_entry.session:
                open_entry = Entry(open_entry.severity, open_entry.message, message, *_whose(prefix))
    if open_entry:
        yield open_entry


def _records(lines: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    begun: tuple[str, str, str] | None = None
    for line in lines:
        text = line.rstrip("\r\n")
        if begun and text.startswith("\t"):
            begun = (*begun[:2], f"{begun[2]}\n{text[1:]}")
        elif found := _SEVERITY.match(text):
            if begun:
                yield begun
            begun = (found["prefix"], found["kind"], found["message"])
    if begun:
        yield begun


def _whose(prefix: str) -> tuple[str, str, str]:
    """Return user, database and session, where a `log_line_prefix` tells them in one of the usual ways."""
    both = _USER_AT_DATABASE.search(prefix)
    user, database = both or _USER.search(prefix), both or _DATABASE.search(prefix)
    process = _PROCESS.search(prefix)
    session = next(filter(None, process.groups()), "") if process else ""
    return _known(user["user"] if user else ""), _known(database["database"] if database else ""), session


def _known(name: str) -> str:
    return "" if name.startswith("[") or name == "[unknown]" else name

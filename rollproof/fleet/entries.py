"""What a list of targets says, entry by entry, before any two of them are held against each other."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from rollproof.fleet.citus_nodes import nodes
from rollproof.fleet.citus_placements import PLACEMENTS
from rollproof.fleet.service_files import files, services
from rollproof.fleet.target_query import asked
from rollproof.model.errors import Misuse
from rollproof.settings.options import Settings
from rollproof.settings.reference import is_database
from rollproof.settings.sections import Query
from rollproof.system.files import contents, from_home

_MOST = 2**28  # bytes of a list
_PAIR = re.compile(r"\w+\s*=\s*(?:'(?:[^'\\]|\\.)*'(?!\S)|(?!')(?:[^\s\\]|\\.)+)\s*")  # as libpq ends a value
_WHOLE = re.compile(r"://(?:[^@/]*@)?[^@/]*/[^@]*\Z")  # a URL with a host and a database, in which nothing is cut off
_BARE_PASSWORD = re.compile(r"password\s*=\s*[^'\s]\S*\Z")
_AT = re.compile(r":[^@]*@")  # what may be a password, mistyped
_COMMENT = re.compile(r"(?:^|\s)#.*")
_FORMS = (
    "write a file with one database URL a line, - for standard input, sql:URL:QUERY, services:PATTERN for services of "
    "pg_service.conf, or citus:URL for the nodes of a cluster"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list: `where` it stands, the `url`, the `name` it was given, "" for none, and `queries` for it alone."""

    where: str
    url: str = field(repr=False)
    name: str = ""
    schema: str | None = None
    queries: tuple[Query, ...] = ()


def entries(named: str, environment: Mapping[str, str], settings: Settings) -> Iterator[Entry]:
    """Yield what `--targets` names. Raises `Misuse` without a secret, `Inconclusive` if a database cannot be asked."""
    kind, _, rest = named.partition(":")
    kinds: Mapping[str, Callable[[], Iterator[Entry]]] = {
        "sql": partial(_of_query, rest, environment, settings),
        "services": partial(_of_services, rest, environment),
        "citus": partial(_of_cluster, rest, settings),
    }
    if kind in kinds:
        yield from kinds[kind]()
    elif is_database(named) or (_AT.search(named) and not Path(named).exists()):
        raise Misuse(f"--targets wants a list, and what was typed looks like one database: {_FORMS}")
    else:
        yield from _in_lines(named)


def _of_query(text: str, environment: Mapping[str, str], settings: Settings) -> Iterator[Entry]:
    for place, (url, name) in enumerate(asked(text, environment, settings), start=1):
        yield Entry(f"row {place} of the query", url, name)


def _of_services(pattern: str, environment: Mapping[str, str]) -> Iterator[Entry]:
    found = [name for name in services(environment) if fnmatchcase(name, pattern)]
    if not found:
        looked = ", ".join(map(str, files(environment))) or "nowhere, for HOME is not set"
        raise Misuse(f"--targets services:{pattern}: there is no such service; libpq's service files are {looked}")
    for name in found:
        quoted = name.replace("\\", "\\\\").replace("'", "\\'")
        yield Entry(f"service {name}", f"service='{quoted}'", name)


def _of_cluster(url: str, settings: Settings) -> Iterator[Entry]:
    for place, (conninfo, name) in enumerate(nodes(url, settings)):  # the coordinator comes first
        yield Entry(f"node {name}", conninfo, name, queries=() if place else PLACEMENTS)


def _in_lines(named: str) -> Iterator[Entry]:
    path = Path(from_home(named))
    try:
        held = sys.stdin.buffer.read(_MOST) if named == "-" else contents(path, _MOST)
        text = held.decode("utf-8-sig")
    except OSError as error:
        raise Misuse(f"--targets {named}: {error.strerror}; {_FORMS}") from error
    except UnicodeDecodeError as error:
        raise Misuse(f"--targets {named}: it is no text in UTF-8 (byte {error.start:,}); {_FORMS}") from None
    for number, line in enumerate(text.split("\n"), start=1):
        if told := _COMMENT.sub("", line).strip():
            yield _in_line(f"line {number} of {named}", told)


def _in_line(where: str, line: str) -> Entry:
    if "\0" in line:
        raise Misuse(f"{where} holds a zero byte: it is no list of database URLs")
    url, *rest = line.split(maxsplit=1)
    if "://" in url:
        name = "".join(rest)
        if "@" in name and ("/" in name or not _WHOLE.search(url)):
            raise Misuse(
                f"{where}: there seems to be a blank within the URL (it is not shown: it may hold a password); write it as %20"
            )
        return Entry(where, url, name)
    url, name = _parted(line)
    if not url:
        raise Misuse(
            f"{where} is no database URL (it is not shown: it may hold a password): write postgresql://user@host/database, "
            "service=NAME, or host=… dbname=…, and a name beside it if you like"
        )
    if name and (set(name) & set("=\\") or _BARE_PASSWORD.search(url)):
        raise Misuse(
            f"{where}: the name beside it may be part of a password (it is not shown): write password='…', with a backslash "
            "before each apostrophe and backslash in it"
        )
    return Entry(where, url, name)


def _parted(line: str) -> tuple[str, str]:
    """Return what libpq takes for name=value, and what follows."""
    end = 0
    while found := _PAIR.match(line, end):
        end = found.end()
    return line[:end].strip(), line[end:]

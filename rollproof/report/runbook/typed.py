"""Commands as they are typed for this database: with its URL, which holds no password, and its reference."""

import re
import shlex
from collections.abc import Sequence
from typing import TypeVar

from rollproof.report.runbook.known import MOST, Known

T = TypeVar("T")


def rollproof(known: Known, words: str, *, reference: bool = True, database: bool = True) -> str:
    """Return a command of rollproof's with the options that say which database and reference are meant."""
    url = f"--database-url {shlex.quote(known.url)}" if database else ""
    held = f"--reference {shlex.quote(known.reference)}" if reference and known.reference else ""
    return " ".join(filter(None, ["rollproof", words, url, held, known.options]))


def beside(known: Known, name: str) -> str:
    """Return the URL of another database on the same server."""
    if "://" in known.url:
        return re.sub(r"(://[^/?]*/)[^?]*", rf"\g<1>{name}", known.url)
    return f"{known.url} dbname={name}"


def psql(known: Known, words: str) -> str:
    """Return psql with words of its own, on this database."""
    return f"psql -X -d {shlex.quote(known.url)} {words}"


def literal(text: str) -> str:
    """Return a text as SQL writes it."""
    return f"'{text.replace(chr(39), chr(39) * 2)}'"


def first(some: Sequence[T], most: int = MOST) -> Sequence[T]:
    """Return as many as a runbook names."""
    return some[:most]


def left(some: Sequence[object], noun: str, most: int = MOST) -> list[str]:
    """Return what is said of those that are not named; nothing if all are."""
    return [f"and {len(some) - most:,} more {noun}"] if len(some) > most else []

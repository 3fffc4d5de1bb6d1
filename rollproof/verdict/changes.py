"""What changed of a definition, in words: `text, was varchar(20)`, `NOT NULL lost`, `no longer unique`. Pure.

What nobody takes apart is told by its words, if few of them changed. A long definition is never told whole.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from rollproof.model.names import tokens
from rollproof.repair.attributes.acl import Grants, grants
from rollproof.repair.clauses.surroundings import without_remark
from rollproof.repair.clauses.types import labels_of
from rollproof.verdict.clauses import TAKEN, Clauses, Flag, Told

LETTERS = 80
"""How many letters all words about one finding may have; then they are shortened."""
_VALUE = 36  # letters of a value that is told
_LONG = 4_000  # letters of a definition whose words are compared
_VALUES = ("database", "settings")  # facets whose descriptions are values
_BIG = ("query", "body")  # clauses that are told by their name alone
_TYPES = {
    "character varying": "varchar",
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
    "time without time zone": "time",
    "character": "char",
}
_ALL = frozenset({"DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE"})
_TYPE = re.compile(rf"\b(?:{'|'.join(_TYPES)})\b")


class Part(NamedTuple):
    """One thing that changed: in words, and in `fewer` words where there is no room."""

    words: str
    fewer: str = ""


def changes(facet: str, was: str, now: str) -> tuple[Part, ...]:
    """Return what changed between two descriptions of a fact of this facet; never nothing."""
    found: tuple[Part, ...] = ()
    if facet == "roles":
        was, now = without_remark(was), without_remark(now)
    if facet in {"privileges", "default_privileges"}:
        found = tuple(_privileges(was, now))
    elif facet in TAKEN:
        take, told = TAKEN[facet]
        before, after = take(was), take(now)
        found = tuple(_clauses(before, after, told)) if before and after else tuple(_labels(was, now))
    if not found and facet in _VALUES and max(len(was), len(now)) <= _VALUE:
        return (Part(f"{now}, was {was}", "changed"),)
    return found or (_by_words(was, now),)


def fitting(parts: Iterable[Part], room: int = LETTERS) -> str:
    """Return the parts as one text; the longest are shortened where there is no room for all."""
    some = list(parts)
    said = [part.words for part in some]
    for place in sorted(range(len(some)), key=lambda place: -len(some[place].words)):
        if len("; ".join(said)) > room:
            said[place] = some[place].fewer or said[place]
    return shortened("; ".join(dict.fromkeys(said)), room)


def shortened(text: str, room: int = LETTERS) -> str:
    """Return text that has at most so many letters, cut between words."""
    if len(text) <= room:
        return text
    cut = text[: room - 1]
    return f"{(cut.rpartition(' ')[0] or cut).rstrip(' ,;:')}…"


def privileges(description: str) -> str:
    """Return the privileges that a description lists, as a list without who granted them."""
    known = grants("", description)
    if known is None:
        return description
    listed = _names(known)
    return "all" if _ALL.issubset(listed) else ", ".join(listed) or "nothing"


def _clauses(was: Clauses, now: Clauses, told: Mapping[str, Told]) -> Iterator[Part]:
    for clause in dict.fromkeys([*told, *was, *now]):
        before, after = was.get(clause, ""), now.get(clause, "")
        words = told.get(clause, clause if " " in clause else None)
        if before == after or words is None:
            continue
        if isinstance(words, Flag):
            yield Part(words.gained if after else words.lost)
        elif clause == "attributes":
            yield _by_words(before, after)
        elif clause in _BIG:
            yield Part(f"{words} changed")
        else:
            yield _value(words, _plain(before), _plain(after))


def _value(word: str, was: str, now: str) -> Part:
    """Return that a value came, went or changed; one without a word is always there."""
    change = "added" if not was else "lost" if not now else "changed"
    fewer = f"{word or 'type'} {change}"
    if max(len(was), len(now)) > _VALUE or "\n" in was + now:
        return Part(fewer)
    if not word:
        return Part(f"{now}, was {was}", fewer)
    return Part({"added": f"{word} {now} added", "lost": fewer}.get(change, f"{word} {now}, was {was}"), fewer)


def _plain(value: str) -> str:
    """Return a value with PostgreSQL's shorter names of its types."""
    return value if '"' in value or "'" in value else _TYPE.sub(lambda found: _TYPES[found[0]], value)


def _privileges(was: str, now: str) -> Iterator[Part]:
    before, after = grants("", was), grants("", now)
    if before is not None and after is not None:
        gone, come = set(_names(before)), set(_names(after))
        yield from _gone_and_come(sorted(gone - come), sorted(come - gone))


def _names(known: Grants) -> list[str]:
    return sorted({f"{each.privilege}{' WITH GRANT OPTION' if each.option else ''}" for each in known})


def _labels(was: str, now: str) -> Iterator[Part]:
    before, after = labels_of(was), labels_of(now)
    if before is not None and after is not None:
        gone = [each for each in before if each not in after]
        come = [each for each in after if each not in before]
        yield from _gone_and_come(gone, come)
        if not gone + come:
            yield Part("order of its labels changed")


def _gone_and_come(gone: list[str], come: list[str]) -> Iterator[Part]:
    for some, word in ((gone, "missing"), (come, "added")):
        if some:
            yield Part(f"{', '.join(some)} {word}", f"{len(some):,} {word}")


def _by_words(was: str, now: str) -> Part:
    """Return which words changed, where they stand together and are few; else that the definition changed."""
    fewer = "definition changed"
    if len(was) + len(now) > _LONG:
        return Part(fewer)
    before, after = ([text for _, text in tokens(side)] for side in (was, now))
    moves = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    some = [move for move in moves if move[0] != "equal"]
    if not some:
        return Part(fewer)
    gone = "".join(before[some[0][1] : some[-1][2]]).strip(" ,")
    come = "".join(after[some[0][3] : some[-1][4]]).strip(" ,")
    heads = [text for text in before[: some[0][1]] if text.strip()]
    head = f"{heads[-1]} " if heads and heads[-1].isupper() else ""
    return _moved(head, gone, come, fewer)


def _moved(head: str, gone: str, come: str, fewer: str) -> Part:
    if max(len(gone), len(come)) > _VALUE or "\n" in gone + come or not gone + come:
        return Part(fewer)
    if gone and come:
        return Part(f"{head}{come}, was {gone}", fewer)
    return Part(f"{come} added" if come else f"{gone} lost", fewer)

"""Descriptions of views and sequences, taken apart by complete patterns. Pure."""

import re
from dataclasses import dataclass
from functools import cache

from rollproof.model.names import NAME
from rollproof.repair.clauses.pieces import PIECE, before_word, listed

_VIEW = re.compile(
    rf"(?P<kind>materialized view|view)(?: USING (?P<method>{NAME}))?(?: WITH \((?P<options>{PIECE}*?)\))?"
    rf"(?: TOAST WITH \((?P<toast>{PIECE}*?)\))?(?: TABLESPACE (?P<space>{NAME}))?"
    r"(?: REPLICA IDENTITY (?P<replica>FULL|NOTHING|USING INDEX))?(?P<empty> NOT POPULATED)? AS (?P<query>.*?);?",
    re.DOTALL,
)
_SEQUENCE = re.compile(
    r"(?:(?P<persistence>unlogged|temporary) )?(?P<type>smallint|integer|bigint)(?: INCREMENT BY (?P<increment>-?\d+))?"
    r"(?: MINVALUE (?P<least>-?\d+))?(?: MAXVALUE (?P<greatest>-?\d+))?(?: START WITH (?P<start>-?\d+))?"
    r"(?: CACHE (?P<cache>\d+))?(?P<cycles> CYCLE)?(?: OWNED BY (?P<owner>.+?)| IDENTITY OF (?P<identity>.+?))?",
    re.DOTALL,
)
_BITS = {"smallint": 16, "integer": 32, "bigint": 64}


@dataclass(frozen=True)
class ViewClauses:
    """A view's description (`sql/views.sql`); "" where it has no such clause."""

    kind: str
    method: str
    options: str
    toast: str
    space: str
    replica: str
    empty: str
    query: str

    @property
    def is_materialized(self) -> bool:
        """Whether it has rows of its own."""
        return self.kind == "materialized view"

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns in their order, which PostgreSQL prints last of each; () where they are not certain."""
        query = self.query
        while (head := query.lstrip())[:1] == "(" or head[:5] == "WITH ":
            if head[:1] == "(":
                query = head[1:]
            elif (at := before_word(head, "SELECT")[1]) or "SELECT" not in head:
                query = f"SELECT {at}" if at else ""
            else:
                return ()
        selected, _ = before_word(before_word(query, "SELECT")[1], "FROM")
        return tuple(_last_word(each) for each in listed(selected.removeprefix("DISTINCT ")))


def _last_word(text: str) -> str:
    found = re.search(rf"(?:\A|[\s.])({NAME})\Z", text)
    return found[1] if found else text


@dataclass(frozen=True)
class Counting:
    """How a sequence counts and whose it is (`sql/sequences.sql`), with the defaults where that says nothing."""

    persistence: str
    type: str
    increment: int
    least: int
    greatest: int
    start: int
    cache: int
    cycles: bool
    owner: str
    identity: str

    @property
    def options(self) -> str:
        """All that CREATE and ALTER SEQUENCE, or GENERATED AS IDENTITY, say of how it counts."""
        return (
            f"INCREMENT BY {self.increment} MINVALUE {self.least} MAXVALUE {self.greatest} START WITH {self.start} "
            f"CACHE {self.cache}{' CYCLE' if self.cycles else ' NO CYCLE'}"
        )


@cache
def view_clauses(description: str) -> ViewClauses | None:
    """Return the clauses of a view's description; None if it is not understood."""
    found = _VIEW.fullmatch(description)
    return ViewClauses(**{name: text or "" for name, text in found.groupdict().items()}) if found else None


@cache
def counting(description: str) -> Counting | None:
    """Return how a sequence counts; None if its description is not understood."""
    found = _SEQUENCE.fullmatch(description)
    if found is None:
        return None
    beyond = 2 ** (_BITS[found["type"]] - 1)
    increment = int(found["increment"] or 1)
    least = int(found["least"] or (1 if increment > 0 else -beyond))
    greatest = int(found["greatest"] or (beyond - 1 if increment > 0 else -1))
    return Counting(
        found["persistence"] or "",
        found["type"],
        increment,
        least,
        greatest,
        int(found["start"] or (least if increment > 0 else greatest)),
        int(found["cache"] or 1),
        bool(found["cycles"]),
        found["owner"] or "",
        found["identity"] or "",
    )

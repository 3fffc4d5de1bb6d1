"""Locks that a command's statements take by PostgreSQL's manual: also those that were gone before anybody could look.

And whether the time for which one is held grows with the rows: of a table that is small here, that is all there is to go by.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rollproof.model.bookkeeping import known as books
from rollproof.model.locks import Lock, lock_of
from rollproof.model.names import names, tokens, unquoted
from rollproof.model.statements import statements
from rollproof.rehearsal.costs.figures import TableLock
from rollproof.rehearsal.costs.lock_modes import stops_readers, stops_writers, strength
from rollproof.rehearsal.costs.tables import Tables
from rollproof.rehearsal.proxy.session import Statement

_QUICK = """
SET RESET SHOW BEGIN START COMMIT END ROLLBACK ABORT SAVEPOINT RELEASE DISCARD DEALLOCATE GRANT REVOKE COMMENT LISTEN NOTIFY
CREATE DROP ALTER
"""
_SLOW = re.compile(  # of these
    r"CREATE\s+(?:UNIQUE\s+INDEX|INDEX|MATERIALIZED|.*?\bAS\s+(?:SELECT|WITH|TABLE|VALUES)\b)|ALTER\s+TABLE\b",
    re.DOTALL,
)
_CALL = re.compile(r"\b(?!PG_|SET_CONFIG|CURRENT_|VERSION|NOW|SETVAL|NEXTVAL|VALUES|IN\b|AND\b|OR\b)[A-Z_]\w*\s*\(")
UNSEEN = 0.25
"""Seconds within which somebody looks, so that a lock that nobody saw was held for less."""
_WRITES = "ROW EXCLUSIVE"
_BOOKS = frozenset(each.name for each in books())


@dataclass(frozen=True)
class Stated:
    """A table's lock, held for so many seconds or longer; `grows`: a larger one would keep others waiting for longer."""

    mode: str
    seconds: float
    grows: bool


def stated(tables: Tables, sent: Iterable[Statement]) -> dict[int, Stated]:
    """Return the strongest lock on each table that a statement names, of those that ended well."""
    oids, found, opaque = _by_name(tables), dict[int, Stated](), False
    for transaction in _transactions(sent):
        grows = False
        for statement in reversed(transaction):  # a lock is held to the end of its transaction
            for text in reversed(list(_pieces(statement.text))):
                lock = lock_of(text)
                longer = _grows(text, lock, oids)
                grows, opaque = grows or longer, opaque or (longer and lock is None)
                for oid in _meant(lock, oids):
                    mode = lock.mode if lock else ""
                    new = Stated(mode, statement.seconds or 0.0, grows and stops_writers(mode))
                    found[oid] = _stronger(found.get(oid), new)
    return {
        oid: replace(each, grows=each.grows or (opaque and stops_writers(each.mode))) for oid, each in found.items()
    }


def merged(locks: Iterable[TableLock], tables: Tables, known: Mapping[int, Stated]) -> tuple[TableLock, ...]:
    """Return the locks that were seen, and those that are only stated, the strongest first."""
    found = {lock.table: lock for lock in locks}
    for oid, each in known.items():
        table = tables.known[oid]
        seen = found.get(table.name, TableLock(table.name, "", 0.0, size=table.size))
        if not seen.mode or strength(each.mode) > strength(seen.mode):
            held = min(each.seconds, UNSEEN)  # a statement may do more than to hold a lock: wait for it
            reader, writer = (held if stops(each.mode) else 0.0 for stops in (stops_readers, stops_writers))
            reader, writer = max(reader, seen.reader_waited), max(writer, seen.writer_waited)
            seen = replace(seen, mode=each.mode, held=held, reader_waited=reader, writer_waited=writer)
        found[table.name] = replace(seen, grows=each.grows)
    return tuple(sorted(found.values(), key=lambda lock: (-strength(lock.mode), -lock.waited, -lock.held, lock.table)))


def _meant(lock: Lock | None, oids: Mapping[str, int]) -> set[int]:
    paths = (names(on) for on in (lock.on if lock else ()))
    raw = (".".join(unquoted(name) if name.startswith('"') else name.lower() for name in path) for path in paths)
    return {oids[name] for name in raw if name in oids}


def _stronger(known: Stated | None, new: Stated) -> Stated:
    if known is None:
        return new
    strongest = max((known, new), key=lambda each: strength(each.mode))
    return Stated(strongest.mode, max(known.seconds, new.seconds), known.grows or new.grows)


def _transactions(sent: Iterable[Statement]) -> Iterator[Sequence[Statement]]:
    """Yield the statements of each transaction that was not rolled back by an error."""
    open_: dict[int, list[Statement]] = defaultdict(list)
    for statement in sent:
        begun = open_[statement.session]
        begun.append(statement)
        if statement.after in ("idle", ""):
            if not any(each.error for each in begun):
                yield tuple(begun)
            begun.clear()


def _by_name(tables: Tables) -> dict[str, int]:
    """Return tables by their raw name with the schema, and without it if only one has it."""
    found: dict[str, int] = {}
    bare: dict[str, list[int]] = defaultdict(list)
    for oid, table in tables.known.items():
        schema, name = map(unquoted, names(table.name))
        found[f"{schema}.{name}"] = oid
        bare[name].append(oid)
    return found | {name: oids[0] for name, oids in bare.items() if len(oids) == 1}


def _pieces(text: str) -> Iterator[str]:
    """Yield the statements of a text, with their words in capitals, without what changes no lock."""
    for each in statements(f"{text.rstrip().rstrip(';')};"):
        loud = "".join(part.upper() if kind == "word" else part for kind, part in tokens(each))
        plain = re.sub(r"\bIF\s+(?:NOT\s+)?EXISTS\s+|\bCOLUMN\s+(?=IF\b)", "", loud)
        yield re.sub(r"\s*(?:\b(?:CASCADE|RESTRICT)\s*)?;$", ";", plain)


def _grows(text: str, lock: Lock | None, oids: Mapping[str, int]) -> bool:
    """Whether a statement takes longer with more rows, as far as its text tells: rather too often than too seldom."""
    if lock:
        return bool(lock.effort) or (lock.mode == _WRITES and not set(lock.on[0].lower().split(".")) & _BOOKS)
    verb = text.split(None, 1)[0].rstrip(";") if text.strip() else ""
    if verb in _QUICK.split():
        return bool(_SLOW.match(text))
    if verb != "SELECT":
        return True
    words = {
        unquoted(part) if kind == "quoted" else part.lower()
        for kind, part in tokens(text)
        if kind in {"word", "quoted"}
    }
    return bool(words & oids.keys() - _BOOKS) or bool(_CALL.search(text))

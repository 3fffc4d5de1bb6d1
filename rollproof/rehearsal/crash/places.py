"""The places where a run can be cut so that it may matter, by the statements of a run that was not."""

import re
from collections.abc import Sequence

from rollproof.rehearsal.blame.pieces import pieces
from rollproof.rehearsal.proxy.frames import KEPT
from rollproof.rehearsal.proxy.sent import Cut, Sent

QUIET = frozenset({"SET", "SHOW", "RESET", "BEGIN", "START", "SAVEPOINT", "RELEASE", "DEALLOCATE", "DISCARD", "DECLARE", "CLOSE",
                   "LISTEN", "UNLISTEN"})  # fmt: skip
"""How the server's answers to statements begin that change nothing in the database."""
_READ = frozenset({"SELECT", "FETCH"})  # so begins the answer to CREATE TABLE AS, too
_READS = re.compile(r"\s*(select|values|table|with|fetch)\b(?!.*\binto\b)", re.IGNORECASE | re.DOTALL)
_END = "SELECT pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid())"
_NOT_KILLED = QUIET | {"COMMIT", "ROLLBACK", "COPY"}


def places(sent: Sequence[Sent]) -> tuple[Cut, ...]:
    """Return where to cut a run that `sent` these statements, in order.

    Before each statement, unless the one before it cannot have changed anything, so that the place before that one is the same.
    After each that was the end of a transaction, its own or another's, and did more than read: after any other, the database is
    left as before the next one, and no tool would do anything else for want of the answer. Killed is the process of each that
    changes something, and inside a text of several transactions that was sent in one go; at the end of a transaction it would be
    done or not done, which are the two places around it.
    """
    found: list[Cut] = []
    for place, each in enumerate(sent):
        if place == 0 or not _is_quiet(sent[place - 1]):
            found.append(Cut(each.number, "before"))
        if each.seconds is None or each.error or _is_quiet(each):
            continue
        if each.after == "idle" and (place == len(sent) - 1 or not _is_read(each)):
            found.append(Cut(each.number, "after"))
        if not (words(each) <= _NOT_KILLED or _is_read(each)):
            found.append(Cut(each.number, "kill", each.seconds / 2))
        found += (Cut(each.number, "kill", 0.0, text) for text in beginnings(each))
    return tuple(found)


def beginnings(sent: Sent) -> tuple[str, ...]:
    """Return a text of several transactions, sent in one go, up to each COMMIT in it, where it then ends the server's process."""
    tags = sent.tag.split("; ")
    if not is_several(sent) or len(sent.text) > KEPT // 8 or len(parts := pieces(sent.text)) != len(tags):
        return ()
    ends = [place + 1 for place, tag in enumerate(tags[:-1]) if tag == "COMMIT"]
    return tuple(";\n".join([*(part.text for part in parts[:end]), _END]) for end in ends)


def is_several(sent: Sent) -> bool:
    """Tell whether a text of several statements, sent in one go, has a COMMIT inside."""
    return "COMMIT" in sent.tag.split("; ")[:-1]


def sample(found: Sequence[Cut], sent: Sequence[Sent], wanted: int) -> tuple[Cut, ...]:
    """Return so many of the places: the first, the last, those around each COMMIT as far as there is room, the others evenly."""
    if wanted >= len(found):
        return tuple(found)
    commits = {each.number for each in sent if "COMMIT" in words(each)}
    ends = [cut for cut in found if cut in {found[0], found[-1]} or cut.number in commits]
    others = [cut for cut in found if cut not in ends]
    chosen = {*_spread(ends, wanted), *_spread(others, max(0, wanted - len(ends)))}
    return tuple(cut for cut in found if cut in chosen)


def words(sent: Sent) -> frozenset[str]:
    """Return the first words of the server's answers to a statement: {"INSERT"}, and several for a text of several statements."""
    return frozenset(tag.split(" ")[0] for tag in sent.tag.split("; "))


def _is_read(sent: Sent) -> bool:
    return words(sent) <= _READ and _READS.match(sent.text) is not None


def _is_quiet(sent: Sent) -> bool:
    return words(sent) <= QUIET


def _spread(cuts: Sequence[Cut], wanted: int) -> list[Cut]:
    """Return so many, evenly, with the first and the last."""
    if wanted >= len(cuts):
        return list(cuts)
    if wanted <= 1:
        return list(cuts[:wanted])
    return [cuts[place * (len(cuts) - 1) // (wanted - 1)] for place in range(wanted)]

"""What a restore complains of: what says nothing, what is then left out, and what ends it."""

import re
from collections.abc import Iterable, Iterator

from rollproof.model.amounts import counted
from rollproof.model.errors import Inconclusive

_TOLD = 20  # sentences of what could not be restored
_ERROR = re.compile(  # pg_restore's sessions write at the same time, so the program's name may stand apart, or twice
    r"^(?:\S*(?:pg_restore|psql|pg_dump)\S*: )*(?:error: )?(?:could not execute query: )?(?:ERROR|FATAL|error):\s+(.*)$"
)
# A name in an error may hold the end of a line; this does not begin what comes after it.
_GOES_ON = re.compile(r"(?!\S*(?:pg_restore|psql)\S*: |Command was: |\\(?:un)?restrict|[A-Z]+(?: \d+)?:  ?)")
# They say nothing about the copy: another release's settings, our own guard within that of a dump, a schema that is there already.
_NOTHING = re.compile(
    r"backslash commands are restricted|unrestrict: wrong key|unrecognized configuration parameter"
    r"|schema \"public\" already exists|must be owner of extension plpgsql|errors ignored on restore"
)
# After these of the server whatever follows is missing, too: there is no sense in going on.
_END = re.compile(
    r"No space left on device|could not (?:extend|write)|terminating connection|out of (?:shared )?memory"
)
# What the server says where an object may not be given to its owner; from 16 on in other words.
_NOT_ITS_OWNER = re.compile(r'must be (?:a )?(?:member of role|able to SET ROLE) (".*")', re.DOTALL)


MAKE_THEM = "make them there first"
"""How the sentence about all roles that are not there ends."""
_THERE = re.compile(
    r'tablespace ".*" already exists', re.DOTALL
)  # a source that was copied to this server before has it, too
_NO_ROLE = re.compile(r'role ".*" does not exist', re.DOTALL)


def left_out(said: str, code: int, where: str) -> list[str]:
    """Return what a restore could not bring, in PostgreSQL's words, once each. Raises `Inconclusive` if it ended early.

    What the server refuses is one thing that is left out; where a program itself complains, of a damaged file or a lost
    connection, nobody knows what is missing.
    """
    found = dict(_errors(said))
    if ends := [text for text, its_own in found.items() if its_own or _END.search(text)]:
        raise Inconclusive(f"the source could not be restored on {where}: {ends[0]}")
    if code and not found and not any(map(_NOTHING.search, said.splitlines())):
        raise Inconclusive(f"the source could not be restored on {where}: {said.strip() or 'it says nothing'}")
    return [
        _NOT_ITS_OWNER.sub(r"owners: the role that makes the copy may not give an object to \1", text) for text in found
    ]


def _errors(said: str) -> Iterator[tuple[str, bool]]:
    """Yield each error, and whether it is the program's own."""
    error: list[str] = []
    its_own = False
    for line in [*said.split("\n"), "ERROR:  "]:
        if error and _GOES_ON.match(line):
            error.append(line)
            continue
        if error:
            yield "\n".join(error).strip(), its_own
        found = _ERROR.match(line)
        error = [found[1]] if found and not _NOTHING.search(line) else []
        its_own = "ERROR: " not in line


def told(sentences: Iterable[str]) -> tuple[str, ...]:
    """Return the first of what is left out, and how many more there are."""
    every = list(dict.fromkeys(sentences))
    every = [each for each in every if not _THERE.fullmatch(each)]
    if any(MAKE_THEM in each for each in every):
        every = [each for each in every if not _NO_ROLE.fullmatch(each)]
    more = [f"and {counted(len(every) - _TOLD, 'more of the kind')}"] if len(every) > _TOLD else []
    return (*every[:_TOLD], *(each.replace("kinds", "kind") for each in more))

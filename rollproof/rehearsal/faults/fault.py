"""One fault that could be planted in a database, as a value."""

from dataclasses import dataclass, field

import psycopg


@dataclass(frozen=True)
class Fault:
    """A change that a rollback could leave behind: its `kind` of object, its `name` in a few words, the `statement` that makes it.

    `facet` and `identity` are the fact that must differ then: facet and identity as a finding names them. `touches` are the objects
    that it works on, as SQL writes them: faults that share none can be planted together. One that is planted `alone` touches all.
    `is_shared` says that it changes what all databases of a server share (roles, tablespaces). `part` is the column of a
    table, where several can have the fault.
    """

    kind: str
    name: str
    facet: str
    identity: str
    statement: str
    touches: frozenset[str] = field(default_factory=frozenset)
    alone: bool = False
    is_shared: bool = False
    part: str = ""

    @property
    def key(self) -> str:
        """What names it in reports and journals, and no other fault of the same database."""
        return ": ".join(filter(None, (self.kind, self.name, self.identity, self.part)))


def in_bytes(statement: str, session: psycopg.Connection) -> bytes:
    """Return a statement as the session's encoding spells it: in a database of SQL_ASCII a name is whatever bytes it is."""
    try:
        return statement.encode(session.info.encoding)
    except UnicodeEncodeError:
        return statement.encode()

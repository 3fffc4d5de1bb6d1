"""One target of a fleet: a database, or one schema of it, under a name that is one file name."""

import unicodedata
from dataclasses import dataclass, field

from rollproof.server.connection import Target as Address
from rollproof.settings.sections import Query

HERE = frozenset({"", "localhost", "127.0.0.1", "::1", "/tmp", "/var/run/postgresql"})  # noqa: S108 (libpq's own places)
"""Hosts that are this machine, whoever says them."""


@dataclass(frozen=True, slots=True)
class FleetTarget:
    """A database by its `url` (which may be a service's: `service=NAME`), or one `schema` of it, under a `name`.

    The name is unique in its list, and one file name on any system. `server` is what sessions are counted by: host and port, of a
    service too. `schemas` are those that one worker verifies in one look at the database, each a target of its own; `but` names
    those that the target of all the others, and of what belongs to no schema, leaves out. `queries` are asked of this one alone.
    """

    name: str
    url: str = field(repr=False)
    schema: str | None = None
    server: str = ""
    schemas: tuple[str, ...] = ()
    but: tuple[str, ...] | None = None
    queries: tuple[Query, ...] = ()

    @property
    def address(self) -> Address:
        """Where it is; prints without a password."""
        return Address.parse(self.url)


_PLAIN = frozenset("._@+=- ")
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{device}{number}" for device in ("com", "lpt") for number in range(10))}
)


def file_name(name: str) -> str:
    """Return a name as one file name on any system: letters and digits of any script stay, the rest is written as in a URL.

    No two names become the same one.
    """
    text = "".join(each if each.isalnum() or each in _PLAIN else _encoded(each) for each in name)
    if text.partition(".")[0].rstrip().casefold() in _RESERVED or text[:1] in (".", " ", "-"):
        text = (
            _encoded(text[0]) + text[1:]
        )  # a device of Windows, a hidden file, or an option of whoever lists the folder
    return text[:-1] + _encoded(text[-1]) if text[-1:] in (".", " ") else text


def _encoded(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode("utf-8", "surrogateescape"))


def same_file(name: str) -> str:
    """Return what two names share if a file system may take them for one: some know no case, some take accents apart."""
    return unicodedata.normalize("NFC", name).casefold()

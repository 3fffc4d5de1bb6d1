"""The roles and tablespaces that a script names, and does not make itself: a dump has only their names.

Read as pg_dump writes it, one statement a line; what another script spells otherwise is not found, and psql says so.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rollproof.model.names import sql_name, unquoted

_NAME = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_ANY = r'(?:[^";]|"(?:[^"]|"")*")*?'  # within a statement
_LIST = rf"{_NAME}(?:\s*,\s*{_NAME})*"
_ROLES = re.compile(
    rf"""
    ^[ \t]*(?:
        (?:ALTER|REASSIGN)\s{_ANY}\sOWNER\ TO\s+(?P<owner>{_NAME})\s*;
      | GRANT\s{_ANY}\sTO\s+(?P<to>{_LIST})\s*(?:WITH\ GRANT\ OPTION\s*)?(?:GRANTED\ BY\s{_ANY})?;
      | REVOKE\s{_ANY}\sFROM\s+(?P<of>{_LIST})\s*(?:CASCADE\s*)?;
      | ALTER\ DEFAULT\ PRIVILEGES\ FOR\ ROLE\s+(?P<by>{_LIST})\s{_ANY}(?:\sTO\s+(?P<granted>{_LIST}){_ANY})?;
      | SET\ (?:SESSION\ AUTHORIZATION|ROLE)\s+(?P<as>{_NAME})\s*;
      | CREATE\ POLICY\s{_ANY}\sTO\s+(?P<policy>{_LIST})\s*(?:;|USING|WITH\ CHECK)
      | ALTER\ ROLE\s+(?P<set>{_NAME})\s+IN\ DATABASE\s
      | CREATE\ USER\ MAPPING\ FOR\s+(?P<mapped>{_NAME})\s
      | CREATE\ SCHEMA\s+(?:{_NAME}\s+)?AUTHORIZATION\s+(?P<schema>{_NAME})
    )
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_TABLESPACE = re.compile(rf"^SET default_tablespace = ({_NAME});", re.MULTILINE)
_MADE = re.compile(rf"\bCREATE\s+(?:ROLE|USER|GROUP)\s+(?:IF\s+NOT\s+EXISTS\s+)?({_NAME})", re.IGNORECASE)
_EVERYBODY = {"public", "current_user", "session_user", "current_role", "default", "none", "mapping"}
_AT_ONCE = 10_000  # lines
_ROWS = re.compile(r"^COPY\s.*\sFROM\s+stdin\b", re.IGNORECASE)


@dataclass(frozen=True)
class Named:
    """Raw names that a script takes for granted."""

    roles: tuple[str, ...]
    tablespaces: tuple[str, ...]

    @classmethod
    def of(cls, lines: Iterable[str]) -> "Named":
        """Find them in the lines of a script, but not in the rows that it copies."""
        roles: dict[str, None] = {}
        places: dict[str, None] = {}
        made: set[str] = set()
        for text in _texts(lines):
            roles |= dict.fromkeys(_roles(text))
            made |= {_meant(name) for name in _MADE.findall(text)}
            places |= dict.fromkeys(_meant(name) for name in _TABLESPACE.findall(text))
        return cls(tuple(name for name in roles if name not in made), tuple(places))

    def statements(self, known: Iterable[str]) -> list[str]:
        """Return what makes those that are not yet known: roles that cannot log in, tablespaces inside the data directory."""
        here = set(known)
        roles = [f"CREATE ROLE {sql_name(name)}" for name in self.roles if name not in here]
        places = [f"CREATE TABLESPACE {sql_name(name)} LOCATION ''" for name in self.tablespaces]
        return [*roles, *(["SET allow_in_place_tablespaces = on"] if places else []), *places]


def _texts(lines: Iterable[str]) -> Iterator[str]:
    """Yield some statements at a time, without the rows that follow a COPY."""
    copies, kept = False, []
    for line in lines:
        if copies:
            copies = line.rstrip() != "\\."
            continue
        kept.append(line.removesuffix("\n"))
        copies = bool(_ROWS.match(line))
        if len(kept) > _AT_ONCE and kept[-1].endswith(";"):
            yield "\n".join(kept)
            kept = []
    yield "\n".join(kept)


def _roles(text: str) -> Iterator[str]:
    for found in _ROLES.finditer(text):
        for names in filter(None, found.groupdict().values()):
            yield from (_meant(name) for name in re.findall(_NAME, names) if name.lower() not in _EVERYBODY)


def _meant(name: str) -> str:
    """Return the raw name that a script means: without quotes it is in small letters."""
    return unquoted(name) if name.startswith('"') else name.lower()

"""The address of a database, however a program has it: as text, or as the parameters of an open connection."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote

from psycopg import pq

from rollproof.model.errors import Misuse
from rollproof.server.connection import Target
from rollproof.settings.reference import is_database

_KEYWORDS = frozenset(known.keyword.decode() for known in pq.Conninfo.get_defaults())
_OF_THE_SESSION = {"application_name", "fallback_application_name", "client_encoding", "replication"}
_OF_A_DRIVER = re.compile(r"postgres(?:ql)?\+\w+://")
_ELSEWHERE = {"ssl": "sslmode"}  # asyncpg's word → libpq's


def of_text(text: str) -> str:
    """Return an address that libpq understands; what only a driver understands is left out.

    Raises `Misuse`, which does not repeat the text: it may hold a password.
    """
    if not is_database(text):
        raise Misuse(
            "this text is no address of a database: it looks like postgresql://user@host/database, or host=… dbname=… "
            "(it is not shown: it may hold a password)"
        )
    address = _without_the_drivers_own(text) if _OF_A_DRIVER.match(text) else text
    Target.parse(address)
    return address


def _without_the_drivers_own(url: str) -> str:
    place, mark, query = url.partition("://")[2].partition("?")
    asked = [(_ELSEWHERE.get(name, name), value) for name, value in parse_qsl(query, keep_blank_values=True)]
    known = "&".join(f"{name}={quote(value, safe='')}" for name, value in asked if name in _KEYWORDS)
    return f"postgresql://{place}{mark}{known}"


def of_parameters(parameters: Mapping[str, object]) -> str:
    """Return the URL that connects as these parameters do; what is no parameter of libpq, or of one session only, is left out."""
    known = {
        _ELSEWHERE.get(name, name): str(value)
        for name, value in parameters.items()
        if _ELSEWHERE.get(name, name) in _KEYWORDS - _OF_THE_SESSION and value
    }
    return "postgresql:///?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in sorted(known.items()))

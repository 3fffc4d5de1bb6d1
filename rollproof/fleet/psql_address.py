"""How psql is told of a database that was named with a password, perhaps: without it, and without any other secret."""

from psycopg.conninfo import make_conninfo

from rollproof.model.errors import Misuse
from rollproof.server.connection import Target

_TOLD = (
    *("service", "host", "hostaddr", "port", "dbname", "user", "passfile"),
    *("sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "channel_binding", "target_session_attrs", "gssencmode"),
)
"""What is told; whatever else libpq may come to know might be a secret."""


def psql_address(url: str) -> str:
    """Return the address as one line of libpq's words; "" if there is none, or it has a letter that no line can hold."""
    try:
        known = Target.parse(url).parameters
    except Misuse:
        return ""
    told = make_conninfo("", **{name: known[name] for name in _TOLD if name in known})
    return told if told.isprintable() else ""

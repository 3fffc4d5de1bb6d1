"""How psql is told of a database that was named with a password, perhaps: without it, and without any other secret."""

from collections.abc import Mapping

from psycopg.conninfo import make_conninfo

from rollproof.model.errors import Misuse
from rollproof.server.connection import Target

_TOLD = (
    *("service", "host", "hostaddr", "port", "dbname", "user", "passfile"),
    *("sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "channel_binding", "target_session_attrs", "gssencmode"),
)
"""What is told; whatever else libpq may come to know might be a secret."""


_VARIABLES = (
    *(("PGHOST", "host"), ("PGHOSTADDR", "hostaddr"), ("PGPORT", "port"), ("PGDATABASE", "dbname"), ("PGUSER", "user")),
)


def psql_address(url: str, environment: Mapping[str, str]) -> str:
    """Return the address as one line of libpq's words; "" if there is none, or it has a letter that no line can hold.

    What libpq's variables say here of the place is in it: whoever runs a script may have others, which lead to another server.
    """
    try:
        known = dict(Target.parse(url).parameters)
    except Misuse:
        return ""
    if "service" not in known and (service := environment.get("PGSERVICE")):
        known["service"] = service
    if "service" not in known:  # what stands in its file is before the variables
        known = {name: environment[each] for each, name in _VARIABLES if environment.get(each)} | known
    told = make_conninfo("", **{name: known[name] for name in _TOLD if name in known})
    return told if told.isprintable() else ""

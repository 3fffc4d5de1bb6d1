"""A superuser's session in the throw-away database: whom no trigger hears, and no setting of the database or the role hinders."""

import psycopg

from rollproof.rehearsal.world import World

_SETTINGS = {
    "default_transaction_read_only": "off",
    "search_path": "",
    "check_function_bodies": "off",
    "session_replication_role": "replica",
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "0",
    "row_security": "on",
    "client_min_messages": "error",
    "quote_all_identifiers": "off",
    "standard_conforming_strings": "on",
}
_SINCE = {"event_triggers": ("off", 170_000), "transaction_timeout": ("0", 170_000)}


def superuser(world: World) -> psycopg.Connection:
    """Open one. The address says what holds, so that it holds from the first statement on."""
    newer = {name: value for name, (value, since) in _SINCE.items() if world.server.version >= since}
    options = " ".join(f"-c {name}={value}" for name, value in (_SETTINGS | newer).items())
    session = psycopg.connect(world.url, autocommit=True, options=options, connect_timeout=10, client_encoding="utf8")
    if session.info.parameter_status("server_encoding") == "SQL_ASCII":  # names are spelled as facts spell them there
        session.execute("SET client_encoding = 'LATIN1'")
    return session

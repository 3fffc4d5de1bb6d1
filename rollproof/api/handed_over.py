"""What a program hands over as its database: recognised by what it has, without importing the library that it comes from."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from rollproof.api.address import of_parameters, of_text
from rollproof.api.driver import address_of, is_connection, uncommitted
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.server.connection import Target

_LIBPQ = {"psycopg", "psycopg2"}  # drivers of SQLAlchemy
_ACCEPTED = """\
what is accepted:
- an address: "postgresql://user@host/database", or "host=… dbname=…", or "service=…"
- a connection of psycopg 3 or psycopg 2
- SQLAlchemy's engine, connection or session
- Django's django.db.connection or connections["name"]
- a started PostgresContainer of testcontainers"""
_DJANGO = (
    "; Django keeps a TestCase, and a test with the mark django_db, in one transaction: take TransactionTestCase, or "
    "@pytest.mark.django_db(transaction=True)"
)


def _nothing() -> str:
    return ""


@dataclass(frozen=True, repr=False)
class HandedOver:
    """A database that was handed over: its `address`, which may hold a password, and what its own session holds uncommitted.

    `uncommitted` returns that as a sentence goes on after "it"; "" if nothing, or if there is no session.
    """

    address: str
    uncommitted: Callable[[], str] = _nothing
    way_out: str = ""

    def require_committed(self, when: str) -> None:
        """Raise `Misuse` if its session holds what ours cannot see; `when` names the moment."""
        if held := self.uncommitted():
            raise Misuse(
                f"the connection that was handed over {held}, {when}: rollproof looks by a session of its own, which cannot see "
                f"what is not committed, so nothing would be proved\ncommit or roll back first{self.way_out}"
            )


def handed_over(thing: Any) -> HandedOver:
    """Return the database that this object leads to. Raises `Misuse`, without a password, if it is none of those accepted."""
    if isinstance(thing, str):
        return HandedOver(of_text(thing))
    if is_connection(thing):
        return HandedOver(address_of(thing), lambda: uncommitted(thing))
    for is_so, read in _READERS:
        if is_so(thing):
            return read(thing)
    raise Misuse(
        f"a {type(thing).__module__}.{type(thing).__qualname__} is no database that could be looked at\n{_ACCEPTED}"
    )


def _has(*names: str) -> Callable[[Any], bool]:
    return lambda thing: all(hasattr(thing, name) for name in names)


def _of_django(wrapper: Any) -> HandedOver:
    if wrapper.vendor != "postgresql":
        raise _another(wrapper.vendor)
    opened = wrapper.connection is not None
    address = address_of(wrapper.connection) if opened else of_parameters(wrapper.get_connection_params())
    return HandedOver(address, lambda: "" if wrapper.connection is None else uncommitted(wrapper.connection), _DJANGO)


def _of_url(url: Any) -> HandedOver:
    if url.get_backend_name() != "postgresql":
        raise _another(url.get_backend_name())
    asked = {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
    known = {"host": url.host, "port": url.port, "user": url.username, "password": url.password, "dbname": url.database}
    return HandedOver(of_parameters({**asked, **{name: value for name, value in known.items() if value}}))


def _speaks_libpq(dialect: Any) -> bool:
    """Tell whether a connection of this dialect can be asked, and without a coroutine."""
    return dialect.driver in _LIBPQ and not dialect.is_async


def _of_engine(engine: Any) -> HandedOver:
    """Ask a connection that the engine makes where it leads: only that knows `connect_args`, events and creators."""
    if engine.dialect.name != "postgresql":
        raise _another(engine.dialect.name)
    if not _speaks_libpq(engine.dialect):
        return _of_url(engine.url)
    # A pool of its own: a place in the engine's may be taken, and whoever gives a connection back rolls back.
    pool = engine.pool.recreate()
    try:
        with closing(pool.connect()) as fairy:
            return HandedOver(address_of(fairy.driver_connection))
    except engine.dialect.loaded_dbapi.Error as error:
        hide = Target.parse(_of_url(engine.url).address).hide
        raise Inconclusive(f"cannot connect as the engine does: {hide(str(error)).strip()}") from None
    finally:
        pool.dispose()


def _of_connection(connection: Any) -> HandedOver:
    if connection.closed:
        raise Misuse("the connection that was handed over is closed: hand over an open one, or the engine")
    if _speaks_libpq(connection.dialect):
        own = connection.connection.driver_connection
        return HandedOver(address_of(own), lambda: uncommitted(own))
    address = _of_engine(connection.engine).address
    return HandedOver(address, lambda: _unasked(connection))


def _unasked(thing: Any) -> str:
    return "is in a transaction, and cannot be asked whether it has changed anything" if thing.in_transaction() else ""


def _of_session(session: Any) -> HandedOver:
    try:
        bound = handed_over(session.get_bind())
    except Misuse:
        raise
    except Exception as error:  # noqa: BLE001 (SQLAlchemy's: it is bound to nothing, or to several)
        raise Misuse(f"the session does not say which database it is of: {error}; hand over the engine") from None

    def held() -> str:
        own = handed_over(session.connection()).uncommitted() if session.in_transaction() else ""
        return own or bound.uncommitted()

    return HandedOver(bound.address, held)


def _of_asynchronous_session(session: Any) -> HandedOver:
    return HandedOver(_of_session(session.sync_session).address, lambda: _unasked(session))


def _of_container(container: Any) -> HandedOver:
    try:
        address = container.get_connection_url()
    except Exception as error:  # noqa: BLE001 (of docker, of the network, of testcontainers: whatever it is, it has no address)
        raise Misuse(
            f"the container tells no address: {error}\nis it started? (with PostgresContainer(…) as container: …)"
        ) from None
    return HandedOver(of_text(address))


def _another(vendor: object) -> Misuse:
    return Misuse(f"this is a database of {vendor}; rollproof looks at PostgreSQL only")


_READERS: tuple[tuple[Callable[[Any], bool], Callable[[Any], HandedOver]], ...] = (
    (_has("settings_dict", "vendor", "get_connection_params"), _of_django),
    (_has("render_as_string", "get_backend_name"), _of_url),
    (_has("registry", "session_factory"), lambda thing: handed_over(thing())),
    (_has("sync_session"), _of_asynchronous_session),
    (_has("sync_connection", "sync_engine"), lambda thing: _of_connection(thing.sync_connection)),
    (_has("sync_engine"), lambda thing: _of_engine(thing.sync_engine)),
    (_has("get_bind", "in_transaction"), _of_session),
    (_has("exec_driver_sql", "dialect"), _of_connection),
    (_has("dialect", "pool", "url"), _of_engine),
    (_has("driver_connection"), lambda thing: handed_over(thing.driver_connection)),
    (_has("get_connection_url"), _of_container),
)
"""How each kind of object is known, and how it is read; the first that fits."""

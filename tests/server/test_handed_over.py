"""What programs hand over as their database: where it leads, and what it holds that no other session can see."""

from contextlib import ExitStack, closing, contextmanager
from types import SimpleNamespace

import psycopg
import pytest
import sqlalchemy
from psycopg import sql
from psycopg.rows import dict_row
from sqlalchemy import orm, pool

from fixtures.readers import execute
from rollproof.api.handed_over import handed_over
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.server.connection import Target
from rollproof.throwaway.servers.server import fresh_name

WORD = "sec ret@/:%&é'\"://x"  # a password of all that an address may not hold as it is


@pytest.fixture
def url(database):
    execute(database, "CREATE TABLE things (id int)")
    return database


@pytest.fixture
def parameters(url):
    return Target.parse(url).parameters


@pytest.fixture
def engine(url):
    made = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    yield made
    made.dispose()


@pytest.fixture
def own(url):
    with psycopg.connect(url) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def stack():
    with ExitStack() as stack:
        yield stack.enter_context


def django(connection, **parameters):
    """Return what Django's wrapper of a connection looks like."""
    known = {**parameters, "client_encoding": "UTF8", "cursor_factory": object()}
    settings = {"NAME": "x"}
    return SimpleNamespace(
        vendor="postgresql", settings_dict=settings, connection=connection, get_connection_params=lambda: known
    )


@contextmanager
def full(url):
    """An engine whose one place is taken."""
    address = url.replace("ql://", "ql+psycopg://")
    engine = sqlalchemy.create_engine(address, pool_size=1, max_overflow=0, pool_timeout=1)
    with engine.connect():
        yield engine
    engine.dispose()


def elsewhere(parameters):
    """Return an engine whose address tells nothing."""
    return sqlalchemy.create_engine("postgresql+psycopg://", connect_args=parameters, poolclass=pool.NullPool)


def test_an_address_is_taken_however_it_is_written(url, parameters):
    for text in (
        url,
        url.replace("ql:", "ql+psycopg2:"),
        url.replace("ql:", "ql+asyncpg:").replace("sslmode=", "ssl="),
        url.replace("ql:", "ql+asyncpg:") + "&prepared_statement_cache_size=0",
        psycopg.conninfo.make_conninfo(**parameters),
    ):
        assert leads_to(text) == parameters["dbname"], text


def leads_to(thing):
    with closing(psycopg.connect(handed_over(thing).address)) as connection:
        return connection.info.dbname


def test_an_open_connection_tells_where_it_leads(url, parameters, own, engine, stack):
    connected = stack(engine.connect())
    crowded = stack(full(url))
    for name, thing in {
        "psycopg": own,
        "psycopg, other rows": stack(psycopg.connect(url, autocommit=True, row_factory=dict_row)),
        "SQLAlchemy's address": engine.url,
        "an engine": engine,
        "an engine whose address stands elsewhere": elsewhere(parameters),
        "an engine whose only place is taken": crowded,
        "an asynchronous engine": SimpleNamespace(sync_engine=engine),
        "SQLAlchemy's connection": connected,
        "a session": stack(orm.Session(engine)),
        "a session on a connection": stack(orm.Session(connected)),
        "a scoped session": orm.scoped_session(orm.sessionmaker(engine)),
        "a connection out of a pool": stack(closing(engine.raw_connection())),
        "Django's": django(own),
        "Django's, not open yet": django(None, **parameters),
        "a container": SimpleNamespace(get_connection_url=lambda: url.replace("ql:", "ql+psycopg2:")),
    }.items():
        assert leads_to(thing) == parameters["dbname"], name


def test_a_password_of_any_letters_arrives_and_is_shown_nowhere(url, parameters):
    role = fresh_name()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), WORD))
        known = {**parameters, "user": role, "password": WORD}
        try:
            with psycopg.connect(**known) as own:
                things = [own, elsewhere(known), sqlalchemy.URL.create("postgresql", username=role, password=WORD)]
                handed = [handed_over(thing) for thing in things]
                told = [(Target.parse(each.address).parameters["password"], WORD in repr(each)) for each in handed]
        finally:
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))

    assert told == [(WORD, False)] * 3


def test_what_is_no_database_is_refused_with_what_is_accepted(tmp_path, engine):
    lite = sqlalchemy.create_engine("sqlite://")
    for thing, said in (
        (7, "a builtins.int is no database that could be looked at\nwhat is accepted:\n- an address"),
        (tmp_path, "is no database that could be looked at"),
        ("shop", "this text is no address of a database"),
        ("mysql://root:hunter22@host/shop", "the database URL cannot be read"),
        (lite, "this is a database of sqlite; rollproof looks at PostgreSQL only"),
        (lite.connect(), "this is a database of sqlite"),
        (orm.Session(), "does not say which database it is of"),
        (SimpleNamespace(vendor="oracle", settings_dict={}, get_connection_params=dict), "a database of oracle"),
        (engine.dialect, "is no database"),
    ):
        with pytest.raises(Misuse) as refused:
            handed_over(thing)
        assert said in str(refused.value), thing
        assert "hunter22" not in str(refused.value)


def test_what_is_closed_is_refused(url, engine):
    closed = psycopg.connect(url)
    closed.close()
    returned = engine.connect()
    returned.close()
    for thing in (closed, returned):
        with pytest.raises(Misuse, match="is closed: hand over an open one"):
            handed_over(thing)


def test_a_container_that_is_not_started_is_refused():
    def of_docker():
        raise RuntimeError("container has not been started")

    with pytest.raises(Misuse, match=r"tells no address: container has not been started\nis it started"):
        handed_over(SimpleNamespace(get_connection_url=of_docker))


def test_an_engine_that_cannot_connect_says_why_without_its_password():
    engine = sqlalchemy.create_engine("postgresql+psycopg://me:hunter22@127.0.0.1:1/shop")

    with pytest.raises(Inconclusive, match="cannot connect as the engine does") as refused:
        handed_over(engine)
    assert "hunter22" not in str(refused.value)


def held(thing):
    try:
        handed_over(thing).require_committed("when the block ends")
    except Misuse as error:
        return str(error).splitlines()[0]
    return ""


INSERT = "INSERT INTO things VALUES (1)"
CHANGES = "the connection that was handed over holds changes that are not committed, when the block ends"


def test_changes_that_are_not_committed_are_refused(own, engine, stack):
    connected, session = stack(engine.connect()), stack(orm.Session(engine))
    joined = stack(orm.Session(connected, join_transaction_mode="create_savepoint"))
    ways = [(own, own), (django(own), own), (connected, connected), (joined, connected), (session, session)]
    for thing, writer in ways:
        writer.execute(INSERT if writer is own else sqlalchemy.text(INSERT))
        assert held(thing).startswith(CHANGES), thing
        writer.rollback()
        assert held(thing) == "", thing


def test_a_transaction_that_only_reads_is_fine(own, engine, stack):
    connected = stack(engine.connect())
    connected.execute(sqlalchemy.text("SELECT * FROM things"))
    own.execute("SELECT * FROM things")

    assert (held(own), held(connected), held(django(own)), held(django(None))) == ("", "", "", "")
    assert own.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS


def test_a_transaction_that_failed_is_refused(own):
    with pytest.raises(psycopg.errors.UndefinedTable):
        own.execute("SELECT * FROM nowhere")

    assert "is in a transaction that has failed" in held(own)


def test_django_is_told_how_its_tests_commit(own):
    own.execute("INSERT INTO things VALUES (1)")

    with pytest.raises(Misuse, match=r"take TransactionTestCase, or @pytest\.mark\.django_db\(transaction=True\)"):
        handed_over(django(own)).require_committed("now")


def test_a_connection_that_a_coroutine_alone_can_ask_may_be_in_no_transaction(url):
    class AsyncConnection(psycopg.Connection):
        async def __aenter__(self):
            return self

    with AsyncConnection.connect(url) as connection:
        assert held(connection) == ""
        connection.execute("SELECT 1")
        assert "only a coroutine can ask" in held(connection)


def test_what_was_handed_over_is_left_as_it_was(own, engine, stack):
    """No transaction begins on it, none ends, and no place of a pool is taken."""
    session = stack(orm.Session(engine))
    for thing in (own, engine, session):
        held(thing)

    assert own.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert engine.pool.checkedout() == 0
    assert engine.pool.checkedin() == 0
    assert not session.in_transaction()

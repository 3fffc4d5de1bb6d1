"""A block of a test that must leave the database as it was, with the changes that are most often overlooked."""

import sys
import threading
import warnings

import psycopg
import pytest
import sqlalchemy

import rollproof
from fixtures.readers import execute
from fixtures.runner_commands import obeyed

SHOP = (
    "CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL)",
    "INSERT INTO customers SELECT n, 'customer ' || n FROM generate_series(1, 20) AS n",
    "CREATE INDEX customers_by_name ON customers (name)",
    "GRANT SELECT ON customers TO pg_monitor",
    "ANALYZE",
)
BOOKS = "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)"


def _filled(url):
    execute(url, *SHOP)


@pytest.fixture
def url(database_from):
    return database_from(_filled)


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch, tmp_path):
    """No rollproof.toml but a test's own is in the way."""
    monkeypatch.chdir(tmp_path)


def failure(url, *statements):
    with pytest.raises(rollproof.NotRestored) as raised, rollproof.unchanged(url):
        execute(url, *statements)
    return str(raised.value)


def test_an_honest_migration_passes_on_a_connection_an_engine_and_an_address(url):
    engine = sqlalchemy.create_engine(url.replace("ql:", "ql+psycopg:"))
    with psycopg.connect(url) as connection:
        for target in (connection, engine, url):
            with rollproof.unchanged(target) as before:
                connection.execute("ALTER TABLE customers ADD note text")
                connection.execute("ALTER TABLE customers DROP note")
                connection.commit()
            assert before.tables == ("public.customers",)
    engine.dispose()


def test_a_left_behind_column_is_named_with_the_statement_that_removes_it(url):
    said = failure(url, "ALTER TABLE customers ADD note text")

    assert said.startswith("NOT RESTORED: columns: public.customers.note was left behind")
    assert "ALTER TABLE public.customers DROP COLUMN note;" in said


def test_a_lost_row_is_counted(url):
    said = failure(url, "DELETE FROM customers WHERE id = 7")

    assert said.startswith("NOT RESTORED: rows: public.customers changed from 20 to 19")
    assert "1 of 20 in the baseline not there any more" in said


def test_a_changed_value_is_found_and_not_shown(url):
    said = failure(url, "UPDATE customers SET name = 'hunter22' WHERE id = 7")

    assert said.startswith("NOT RESTORED: content: public.customers")
    assert "hunter22" not in said


def test_a_lost_index_and_a_lost_grant_are_both_told(url):
    said = failure(url, "DROP INDEX customers_by_name", "REVOKE SELECT ON customers FROM pg_monitor")

    assert "and 1 more" in said.splitlines()[0]
    assert "CREATE INDEX customers_by_name ON public.customers" in said
    assert "GRANT SELECT ON" in said


def test_the_text_begins_with_what_differs_and_stays_short(url):
    """Seven checks find a left-behind table; one of them is told in full, and what follows from it by name."""
    said = failure(url, "CREATE TABLE customers_old AS SELECT * FROM customers")

    assert said.splitlines()[0] == "NOT RESTORED: tables: public.customers_old was left behind"
    assert "DROP TABLE public.customers_old;" in said
    assert "not compared" not in said
    assert len(said.splitlines()) < 30, said


@pytest.mark.promise
def test_changes_that_are_not_committed_are_refused_at_the_beginning_and_at_the_end(url):
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO customers VALUES (21, 'x')")
        with pytest.raises(rollproof.Misuse, match="not committed, when the block begins"):
            rollproof.unchanged(connection).__enter__()
        connection.rollback()
        with (
            pytest.raises(rollproof.Misuse, match="not committed, when the block ends"),
            rollproof.unchanged(connection),
        ):
            connection.execute("ALTER TABLE customers ADD note text")
        connection.rollback()


@pytest.mark.promise
def test_changes_that_another_session_holds_prove_nothing(url):
    """A session out of an engine that was never committed: the database looks unchanged because nobody sees them."""
    with psycopg.connect(url, application_name="the test's own") as other:
        with (
            pytest.raises(rollproof.Inconclusive, match=r"process \d+ \(the test's own\), idle in transaction"),
            rollproof.unchanged(url),
        ):
            other.execute("INSERT INTO customers VALUES (21, 'x')")
        other.rollback()


def test_what_cannot_be_read_is_inconclusive_and_never_a_pass(url, tmp_path):
    (tmp_path / "rollproof.toml").write_text("lock_timeout = 0.2\n")
    with psycopg.connect(url) as other:
        with pytest.raises(rollproof.Inconclusive) as raised, rollproof.unchanged(url):
            other.execute("LOCK TABLE customers IN ACCESS EXCLUSIVE MODE")
        other.rollback()

    assert str(raised.value).startswith("INCONCLUSIVE: ")
    assert "public.customers" in str(raised.value)


def test_what_heals_by_itself_is_no_failure_unless_that_is_asked_for(url, tmp_path):
    """A column that changed its type and back has no statistics until somebody analyses it."""
    there_and_back = [f"ALTER TABLE customers ALTER name TYPE {kind}" for kind in ("varchar(99)", "text")]
    with rollproof.unchanged(url):
        execute(url, *there_and_back)
    execute(url, "ANALYZE customers")
    before = rollproof.capture(url)
    execute(url, *there_and_back)
    report = rollproof.verify(url, before)
    (tmp_path / "rollproof.toml").write_text("strict = true\n")

    assert (report.verdict, bool(report), report.findings) == ("VERIFIED", True, ())
    assert [each.check for each in report.warnings] == ["planner_statistics"]
    assert "WARNING: planner_statistics" in str(report)
    with pytest.raises(rollproof.NotRestored, match=r"planner_statistics: public\.customers changed"):
        rollproof.assert_restored(url, before)


def test_an_exception_of_the_block_passes_as_it_is(url):
    broken = ValueError("of the migration")

    def migrate():
        execute(url, "ALTER TABLE customers ADD note text")
        raise broken

    with pytest.raises(ValueError, match="of the migration") as raised, rollproof.unchanged(url):
        migrate()

    assert raised.value is broken
    assert raised.value.__context__ is None


def test_an_empty_database_is_a_beginning(database):
    with rollproof.unchanged(database):
        execute(database, "CREATE TABLE x (id int)", "DROP TABLE x", BOOKS)
    with (
        pytest.raises(rollproof.NotRestored, match=r"public\.x was left behind"),
        rollproof.unchanged(database),
    ):
        execute(database, "CREATE TABLE x (id int)")


@pytest.mark.usefixtures("nobody_else_writes")
def test_nothing_written_at_all_is_a_warning(url):
    with pytest.warns(rollproof.NothingWritten, match="did it migrate another database"), rollproof.unchanged(url):
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(rollproof.NothingWritten) as raised, rollproof.unchanged(url):
            pass
    assert len(raised.traceback) == 2, "the test's own line, and one of ours"


@pytest.fixture
def nobody_else_writes(server):
    """Autovacuum may write at any moment."""
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET autovacuum = off")
        connection.execute("SELECT pg_reload_conf()")
        yield
        connection.execute("ALTER SYSTEM RESET autovacuum")
        connection.execute("SELECT pg_reload_conf()")


def test_rollproof_toml_counts_and_variables_that_name_a_database_do_not(url, tmp_path, monkeypatch):
    (tmp_path / "rollproof.toml").write_text(
        'backup_file = "none.dump"\n[tables."public.customers"]\nmay_grow = true\n'
        '[[waiver]]\ncheck = "columns"\nidentity = "public.customers.note"\nreason = "kept"\nuntil = 2999-01-01\n'
        '[[waiver]]\ncheck = "leftovers"\nidentity = "public.customers.note (column)"\nreason = "kept"\nuntil = 2999-01-01\n'
        '[[endpoints]]\nname = "health"\nurl = "http://127.0.0.1:1/"\nstatus = 200\n'
    )
    monkeypatch.setenv("ROLLPROOF_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("ROLLPROOF_REFERENCE", "postgresql://nobody@127.0.0.1:1/none")
    with rollproof.unchanged(url):
        execute(url, "INSERT INTO customers VALUES (21, 'x')")
    assert "public.customers" in failure(url, "DELETE FROM customers WHERE id = 1")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["rollproof.toml"]


def test_it_works_in_threads(database_from):
    """Two tests of a suite that runs its tests in threads, each with a database of its own."""
    caught = {}

    def run(url, statement):
        try:
            with rollproof.unchanged(url):
                execute(url, statement)
        except rollproof.NotRestored as error:
            caught[statement] = str(error).splitlines()[0]

    statements = ("DELETE FROM customers", "ALTER TABLE customers ADD note text", "ANALYZE customers")
    threads = [threading.Thread(target=run, args=(database_from(_filled), each)) for each in statements]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert caught == {
        "DELETE FROM customers": "NOT RESTORED: rows: public.customers changed from 20 to 0",
        "ALTER TABLE customers ADD note text": "NOT RESTORED: columns: public.customers.note was left behind",
    }


def test_it_works_where_a_pytest_inside_has_forgotten_modules(url, monkeypatch):
    """After a run by pytester `sys.modules` lacks what was imported within, and the packages still have it."""
    assert "public.customers" in failure(url, "DELETE FROM customers WHERE id = 1")
    known = [name for name in sys.modules if name.startswith("rollproof.plugin.")]
    for name in known:  # but those that change pytest and the process when they are imported
        if not name.endswith((".terminal_output", ".signals")):
            monkeypatch.delitem(sys.modules, name)

    with rollproof.unchanged(url):
        execute(url, "ANALYZE customers")


def test_without_a_block_it_proves_nothing_and_says_so(url):
    with pytest.warns(RuntimeWarning, match="by itself proves nothing: write `with"):
        rollproof.unchanged(url)


def test_what_the_database_holds_commands_no_ci_and_no_terminal(url):
    """Pytest prints the text of an exception as it is, beyond the reach of our own doors."""
    said = failure(
        url,
        'CREATE TABLE "a\n::error::b\x1b[2J ##[error]c" (id int)',
        "ALTER TABLE customers ALTER name SET DEFAULT E'a\n::error::b ##[error]c'",
    )

    assert "DEFAULT 'a" in said
    assert obeyed(said) == []
    assert "\x1b" not in said


def test_the_password_is_in_no_text():
    with pytest.raises(rollproof.Inconclusive) as raised:
        rollproof.unchanged("postgresql://me:hunter22@127.0.0.1:1/shop").__enter__()

    assert "hunter22" not in f"{raised.value!r} {raised.value}"
    assert raised.value.__cause__ is None

"""`rollproof repair --prove`: the script is run on a clone, which says what it heals; the database is only read."""

import os
import signal
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest

from rollproof.commands.prepare import prepare
from rollproof.commands.repair_request import RepairRequest
from rollproof.commands.repair_script import RepairScript
from rollproof.commands.repair_trial import prove
from rollproof.commands.request import Request
from rollproof.model.errors import Misuse
from rollproof.model.phase import DEFAULT_PHASE
from rollproof.repair.planning.order import Ordered
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.throwaway.servers import binaries
from rollproof.throwaway.servers.provide import NoServer

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")  # the children touch no thread
SHOP = Path(__file__).parents[2] / "scenarios" / "cases" / "shop.sql"
VIEW = "CREATE VIEW open_orders AS SELECT id, total FROM orders"
DAMAGE = "DROP VIEW open_orders; CREATE VIEW left_over AS SELECT 1 AS one"
MOMENTS = [("rollproof.throwaway.psql:Psql.run", 2)]
MORE = [
    ("rollproof.throwaway.clone:Clone.make", 1),
    ("rollproof.commands.repair_trial:_Trial.definitions", 2),
    ("rollproof.commands.repair_trial:started", 1),
    ("rollproof.throwaway.cloned_rows:ClonedRows.fill", 1),
    ("rollproof.throwaway.psql:Psql.run", 3),
]
EVERY = bool(os.environ.get("ROLLPROOF_SIGNALS"))  # every moment; by default a sample for every day


@pytest.fixture(scope="session")
def where(pytestconfig):
    """Where clones are made: the same kind of server as that of the tests."""
    named = pytestconfig.option.server or os.environ.get("ROLLPROOF_SERVER") or "auto"
    return "auto" if "://" in named else named


def run(url, *statements):
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def damaged(command, database_from, tmp_path):
    """The URL of a shop whose baseline lies in the folder, and which was damaged since."""
    url = database_from(SHOP)
    run(url, VIEW)
    taken = command(tmp_path, "capture", "--database-url", url)
    assert taken.returncode == 0, taken.output
    run(url, *DAMAGE.split("; "))
    return url


@pytest.fixture
def proven(damaged, where, tmp_path):
    """Call it with what changes the plan for the proof."""

    def make(change=lambda plan: plan, **settings):
        asked = Settings(
            database_url=damaged, reference=str(tmp_path / "baseline.json"), **{"server": where, **settings}
        )
        with ExitStack() as keep:
            prepared = prepare(Request(Configured(asked, None), DEFAULT_PHASE, os.environ), keep)
            made = RepairScript(prepared.sides, RepairRequest())
            made.__dict__["plan"] = change(made.plan)
            return prove(prepared, made)

    return make


def doing(statement):
    """Return what makes a plan do nothing but this, in the name of what it creates."""

    def change(plan):
        made = (replace(step, statements=(statement,)) for step in plan.steps if step.verb == "create")
        return replace(plan, ordered=Ordered((tuple(made),), (frozenset(),)))

    return change


def running(*words):
    """Return the command lines of processes in which one of these words stands."""
    lines = [" ".join(each.info["cmdline"] or []) for each in psutil.process_iter(["cmdline"])]
    return [line for line in lines if any(word in line for word in words)]


@pytest.mark.promise
def test_the_script_begins_with_what_it_heals_and_the_database_is_only_read(command, damaged, where, tmp_path):
    asked = ("repair", "--database-url", damaged, "--server", where)
    plain, proof = command(tmp_path, *asked), command(tmp_path, *asked, "--prove")

    assert (plain.returncode, proof.returncode) == (0, 0), proof.output
    assert proof.stdout.startswith("-- Proven on a clone (")
    assert "left behind, and what removes it is a comment below: views public.left_over" in proof.stdout
    assert proof.stdout.partition("BEGIN;")[2] == plain.stdout.partition("BEGIN;")[2]
    assert "the script was run on it, and verified, after" in proof.stderr
    run(damaged, "SELECT one FROM left_over")
    with pytest.raises(psycopg.errors.UndefinedTable):
        run(damaged, "SELECT FROM open_orders")


def test_rows_are_proven_where_the_clone_has_all_of_their_table(command, database, where, tmp_path):
    (tmp_path / "rollproof.toml").write_text('[backup]\nschema = "kept"\n')
    users = "CREATE TABLE users (id integer PRIMARY KEY, email text); INSERT INTO users SELECT n, n FROM generate_series(1, 9) AS n"
    run(database, users, "CREATE SCHEMA kept; CREATE TABLE kept.users_backup AS TABLE users; ANALYZE")
    assert command(tmp_path, "capture", "--database-url", database).returncode == 0
    run(
        database,
        "DELETE FROM users WHERE id < 4; UPDATE users SET email = 'x' WHERE id = 7; INSERT INTO users VALUES (10, '')",
    )

    done = command(tmp_path, "repair", "--database-url", database, "--server", where, "--prove")

    assert done.returncode == 0, done.output
    assert "with 16 rows of 2 tables): heals 1 of 1 difference" in done.stdout
    assert "what removes it is a comment below: content public.users" in done.stdout


def test_where_nothing_differs_nothing_is_proven(command, database_from, tmp_path):
    url = database_from(SHOP)
    assert command(tmp_path, "capture", "--database-url", url).returncode == 0

    done = command(tmp_path, "repair", "--database-url", url, "--prove")

    assert done.returncode == 0
    assert done.stdout.startswith("-- every definition")
    assert "clon" not in done.output


@pytest.mark.promise
def test_a_statement_that_does_harm_is_seen(proven):
    """And what it does not mend."""
    proof = proven(doing("CREATE TABLE public.oh (a integer);"))

    assert proof.exit_code == 1
    assert ("views", "public.open_orders") in {(each.facet, each.identity) for each in proof.stays}
    assert "new: tables public.oh" in proof.harm()


def test_a_statement_that_is_refused_is_named_with_postgresqls_own_words(proven):
    proof = proven(doing("SELECT FROM public.nowhere;"))

    assert proof.exit_code == 1
    said = "\n".join(proof.lines())
    assert 'relation "public.nowhere" does not exist' in said
    assert "the statement: SELECT FROM public.nowhere;" in said


def test_psqls_own_commands_are_not_obeyed_where_no_step_needs_them(proven, tmp_path):
    proof = proven(doing(f"SELECT 1 \\! touch {tmp_path / 'ran'}\n;"))

    assert proof.refused
    assert not (tmp_path / "ran").exists()


@pytest.mark.promise
@pytest.mark.parametrize("trusted", [False, True])
def test_code_in_a_definition_reaches_nothing_but_the_clone(trusted, command, database, where, open_folder):
    """A check that runs a program: a superuser's would run on this machine, which is seen where functions are trusted."""
    open_folder.chmod(0o777)
    plant = f"COPY (SELECT 1) TO PROGRAM 'touch {open_folder}/ran'"
    power = "GRANT pg_execute_server_program TO CURRENT_USER"  # which a creator of roles could until 16
    granted = f"BEGIN EXECUTE '{power}'; EXCEPTION WHEN OTHERS THEN NULL; END"
    body = f"BEGIN {'' if trusted else f'{granted};'} EXECUTE $run${plant}$run$; RETURN true; END"
    run(
        database,
        "CREATE FUNCTION planted(integer) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN true; END'",
        "CREATE TABLE t AS SELECT 1 AS a; ALTER TABLE t ADD CONSTRAINT c CHECK (planted(a)); ANALYZE",
        f"CREATE OR REPLACE FUNCTION planted(integer) RETURNS boolean LANGUAGE plpgsql AS $body${body}$body$",
    )
    assert command(open_folder, "capture", "--database-url", database).returncode == 0
    run(database, "ALTER TABLE t DROP CONSTRAINT c")
    more = ["--trust-functions"] if trusted else []

    done = command(open_folder, "repair", "--prove", "--database-url", database, "--server", where, *more)

    assert (open_folder / "ran").exists() == trusted, done.output
    assert done.returncode == (0 if trusted else 7), done.output
    if not trusted:
        assert "PostgreSQL refused a statement of it" in done.stdout
        assert "--trust-functions" in done.stdout


def test_without_a_server_it_is_said_what_to_type(proven, monkeypatch):
    monkeypatch.setattr(
        binaries, "everywhere", lambda: iter([binaries.Programs("local", "local", missing="none here")])
    )
    monkeypatch.setattr(binaries, "local", lambda: iter(()))
    with pytest.raises(NoServer, match="name its folder with --server local:BINDIR"):
        proven(server="auto")


def test_a_running_server_of_somebody_elses_is_not_used(command, damaged, tmp_path):
    done = command(
        tmp_path, "repair", "--database-url", damaged, "--server", "postgresql://me@127.0.0.1:1/d", "--prove"
    )

    assert done.returncode == 4
    assert "a server of its own" in done.stderr


@pytest.mark.promise
@pytest.mark.parametrize("moment", [*MOMENTS, *(MORE if EVERY else [])], ids=str)
def test_told_to_end_it_leaves_nothing_behind(moment, command, damaged, where, tmp_path):
    told = {"number": signal.SIGTERM, "at": moment[0], "nth": moment[1], "environment": {"TMPDIR": str(tmp_path)}}

    done = command(tmp_path, "repair", "--database-url", damaged, "--server", where, "--prove", **told)

    assert done.returncode == 128 + signal.SIGTERM, done.output
    assert done.stdout == ""
    assert not running(f"rollproof-server-{done.pid}-", str(tmp_path))
    assert not list(tmp_path.glob("rollproof-*"))


def test_nonsense_together_is_refused(command, tmp_path):
    for words in (("--recreate", "--only", "public.t"), ("--recreate", "--online"), ("--only", "")):
        done = command(tmp_path, "repair", "--database-url", "postgresql://127.0.0.1:1/d", *words)

        assert done.returncode == 4
        assert done.stderr.count("\n") == 1

    with pytest.raises(Misuse):
        RepairRequest(definitions_only=True, values_dir=tmp_path)

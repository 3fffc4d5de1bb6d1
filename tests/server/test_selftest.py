"""The engine of the self-test: faults planted, verified and taken away; runs that are bounded, interrupted, and gone on with."""

import os
from contextlib import nullcontext
from dataclasses import replace

import psycopg
import pytest

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.rehearsal.faults.fault import Fault
from rollproof.rehearsal.faults.listing import faults_of
from rollproof.rehearsal.selftest import course as course_module
from rollproof.rehearsal.selftest import run
from rollproof.rehearsal.selftest.asked import Asked
from rollproof.rehearsal.selftest.batches import Batch
from rollproof.rehearsal.selftest.course import Course
from rollproof.rehearsal.selftest.ground import ground
from rollproof.rehearsal.selftest.journal import NAME
from rollproof.rehearsal.selftest.run import self_tested
from rollproof.rehearsal.selftest.sight import Sight
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.system.deadline import Deadline

SHOP = """
CREATE TABLE item (id integer PRIMARY KEY, name text NOT NULL DEFAULT 'x', price integer CHECK (price > 0));
CREATE TABLE sale (id integer PRIMARY KEY, item integer REFERENCES item, at timestamptz DEFAULT now());
CREATE VIEW sold AS SELECT name, at FROM sale JOIN item ON item.id = sale.item;
INSERT INTO item SELECT n, 'n' || n, n FROM generate_series(1, 5) AS n;
INSERT INTO sale SELECT n, n FROM generate_series(1, 5) AS n
"""
DEFAULT = Fault(
    *("columns", "default lost", "columns", "public.item.name", "ALTER TABLE public.item ALTER name DROP DEFAULT"),
    frozenset({"public.item.name"}),
)
NOT_NULL = Fault(
    *("columns", "NOT NULL lost", "columns", "public.sale.at", "ALTER TABLE public.sale ALTER at DROP DEFAULT"),
    frozenset({"public.sale.at"}),
)


FEW = ("lost", "renamed", "default left behind", "storage changed")
"""Faults of one column, which cannot be planted together."""
REFUSED = replace(DEFAULT, name="refused", statement="ALTER TABLE public.missing DROP x", touches=frozenset())
OF_ANNA = ("INSERT INTO public.item VALUES (1, 'anna')", "SELECT 'anna'::integer")


def other(statement, **more):
    """Return a fault that does this, under a name that no finding has."""
    return Fault("other", statement, "tables", "public.nowhere", statement, frozenset({"elsewhere"}), **more)


BY_NIGHT = pytest.mark.skipif("ROLLPROOF_SELFTEST" not in os.environ, reason="by night, or with ROLLPROOF_SELFTEST")
NO_DDL = """
CREATE FUNCTION public.no() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END';
CREATE EVENT TRIGGER no ON ddl_command_start EXECUTE FUNCTION public.no(); ALTER EVENT TRIGGER no ENABLE ALWAYS
"""


@pytest.fixture(scope="module")
def where(server):
    """The URL of a small shop."""
    name = run.__name__.replace(".", "_")
    server.create(name)
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        connection.execute(SHOP)
    yield server.dsn(name)
    server.drop(name)


@pytest.fixture(scope="module")
def made(where):
    """A throw-away copy of it."""
    with ground(Configured(Settings(database_url=where), None), where, 50, lambda _: None) as made:
        yield made


@pytest.fixture(scope="module")
def sight(where, made):
    """What the user sees with."""
    made.renew()
    seen = Sight.of(Configured(Settings(database_url=where), None), made)
    assert seen.unharmed.verdict == "VERIFIED"
    return seen


@pytest.fixture(scope="module")
def along(made, sight):
    """Call it with faults that are planted together, for what became of them."""

    def along(*faults):
        course = Course(made, sight)
        found = {each.fault.name: each for each in course.along([Batch(faults, is_first=True)])}
        assert course.notes == []
        return found

    return along


@pytest.fixture(scope="module")
def mixed(along):
    """What became of a fault beside one that is told as something else, and some that cannot be planted."""
    many = ["DROP VIEW public.sold", "DROP TABLE public.missing", "SELECT 1/0", *OF_ANNA]
    return along(DEFAULT, REFUSED, *map(other, many))


@pytest.fixture(scope="module")
def faults(made):
    """Some faults of the copy."""
    made.renew()
    with psycopg.connect(made.world.url, autocommit=True) as connection:
        of_price = (each for each in faults_of(connection) if each.kind == "columns" and "item.price" in each.identity)
        return tuple(each for each in of_price if each.name in FEW)


@pytest.fixture
def tested(where, made, faults, tmp_path, monkeypatch):
    """Call it for a whole self-test on the copy that is there."""
    monkeypatch.setattr(run, "faults_of", lambda _: faults)
    monkeypatch.setattr(run, "ground", lambda *_: nullcontext(made))
    monkeypatch.setattr(run, "harmless", lambda *_: ())

    def tested(*, only=("columns",), seconds=None, **settings):
        known = Configured(Settings(database_url=where, report_dir=str(tmp_path), **settings), None)
        return self_tested(known, Asked(where, only=only, seconds=seconds), lambda _: None)

    return tested


def test_faults_are_seen_together_and_taken_away(along, made):
    found = along(DEFAULT, NOT_NULL)

    assert {each.word for each in found.values()} == {"seen"}
    assert {each.checks for each in found.values()} == {("columns",)}
    with psycopg.connect(made.world.url) as connection:
        asked = "SELECT count(*) FROM pg_attrdef AS d JOIN pg_class AS c ON c.oid = d.adrelid WHERE relname IN ('item', 'sale')"
        assert connection.execute(asked).fetchone() == (2,)


def test_what_is_told_as_something_else_is_seen_and_says_as_what(mixed):
    found = mixed["DROP VIEW public.sold"]

    assert found.word == "seen"
    assert found.reason.startswith("told as")
    assert "public.sold" in found.reason


def test_what_cannot_be_planted_is_no_fault_of_the_others(mixed):
    assert (mixed["default lost"].word, mixed["default lost"].reason) == ("seen", "")
    assert mixed["DROP TABLE public.missing"].word == "not planted"
    assert "does not exist" in mixed["DROP TABLE public.missing"].reason
    assert mixed["SELECT 1/0"].word == "not planted"


def test_what_is_refused_is_not_seen_by_the_finding_of_another(mixed):
    assert mixed["refused"].word == "not planted"


def test_trouble_that_stays_when_the_fault_is_gone_tells_of_no_fault(along, monkeypatch):
    def lost(_):
        raise Inconclusive("the disk is full")

    monkeypatch.setattr(Sight, "verified", lost)
    with pytest.raises(Inconclusive, match="cannot be verified any more: the disk is full"):
        along(DEFAULT)


def test_no_value_of_a_row_is_told(mixed):
    assert {mixed[each].word for each in OF_ANNA} == {"not planted"}
    assert not any("anna" in mixed[each].reason for each in OF_ANNA)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER DATABASE {database} ALLOW_CONNECTIONS false",
        "ALTER DATABASE {database} RENAME TO elsewhere",
        "SELECT pg_terminate_backend(pg_backend_pid())",
        pytest.param(NO_DDL, marks=BY_NIGHT),
    ],
    ids=["closed", "renamed", "session ended", "event trigger"],
)
def test_nothing_that_is_planted_ends_the_run(along, made, statement):
    bad = other(statement.format(database=made.world.database))
    found = along(bad, DEFAULT)

    assert found[bad.name].word in ("seen", "not planted")
    assert found["default lost"].word == "seen"
    assert found["default lost"].reason == "" or "event trigger" in statement


def test_what_is_interrupted_is_gone_on_with_and_nothing_tried_twice(tested, monkeypatch, tmp_path):
    planted = []
    plain = course_module.tried

    def tried(ground, sight, faults):
        if len(planted) >= 2:
            raise KeyboardInterrupt
        planted.extend(faults)
        return plain(ground, sight, faults)

    monkeypatch.setattr(course_module, "tried", tried)
    with pytest.raises(KeyboardInterrupt):
        tested()
    first, planted[:] = [*planted], []
    assert (tmp_path / NAME).exists()
    monkeypatch.setattr(
        course_module, "tried", lambda ground, sight, faults: planted.extend(faults) or plain(ground, sight, faults)
    )
    done = tested(resume=True)

    assert done.resumed >= 2
    assert {*planted}.isdisjoint(each.fault for each in done.tried[: done.resumed])
    assert len({each.fault for each in done.tried}) == len(done.tried) == done.listed
    assert {*first} - {*planted} == {each.fault for each in done.tried[: done.resumed]}
    assert not (tmp_path / NAME).exists(), "all of it is in the reports"


def test_time_that_is_up_ends_it_and_the_rest_can_be_tried_later(tested, tmp_path):
    done = tested(seconds=0.1)

    assert len(done.tried) < done.listed
    assert (tmp_path / NAME).exists()


def test_what_ends_a_run_loses_nothing_of_what_was_tried(tested, monkeypatch):
    def refused(*_):
        raise Misuse("nobody can verify so")

    monkeypatch.setattr(course_module, "tried", refused)
    done = tested()

    assert (done.exit_code, done.listed > 0) == (7, True)
    assert "nobody can verify so" in done.verdict.sentence


def test_what_is_red_before_anything_is_planted_is_told(tested, monkeypatch):
    monkeypatch.setattr(Sight, "trouble", "the unharmed copy differs from itself: columns: public.item.id")
    done = tested()

    assert (done.tried, done.exit_code) == ((), 7)
    assert "differs from itself" in done.verdict.sentence


def test_of_a_bounded_run_a_part_is_kept_for_what_is_not_told(made, sight):
    course = Course(made, sight, Deadline(1000.0))
    course.deadline.began -= 800

    assert [*course.along([Batch((DEFAULT,), is_first=True)])] == []

"""Faults of everything but tables: each is planted, and the very fact that it names differs; and no object is forgotten.

They are planted in a transaction that is taken back, in the batches in which a self-test plants them. By day each fault is planted
on one object of the museum; ROLLPROOF_FAULTS=each plants all of them, in the base of the mutations and among hostile names, too.
"""

import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from fixtures.catalogue import facts
from fixtures.hostile_names import hostile
from fixtures.museum import filled, furnished
from rollproof.rehearsal.faults.coverage import uncovered
from rollproof.rehearsal.faults.grammar import grammar
from rollproof.rehearsal.faults.listing import faults_of
from rollproof.rehearsal.faults.uncovered import Uncovered
from rollproof.rehearsal.selftest.batches import batches, in_order
from rollproof.throwaway.servers.server import fresh_name

DATA = Path(__file__).parents[1] / "data"
ALL = os.environ.get("ROLLPROOF_FAULTS") == "each"
NAMES = ("museum", "base", "hostile") if ALL else ("museum",)
OF_TABLES = (
    *("columns", "constraints", "foreign_key_triggers", "foreign_tables", "indexes", "inheritance", "partitions"),
    *("policies", "row_security", "rows", "rules", "statistics_objects", "tables", "triggers", "view_columns", "views"),
)
"""Kinds that test_fault_grammar_tables.py plants, and those of rows."""
NOT_HERE = {
    ("aggregates", "packing of states lost"),
    ("comments", "comment on what the server keeps left behind"),
    ("extensions", "rows of the user forgotten"),
    ("foreign_data_wrappers", "handler lost"),
    ("new_things", "logical slot left behind"),
    ("new_things", "transaction left prepared"),
    ("ranges", "its canonical form lost"),
    *(("collations", rule.name) for rule in grammar()["collations"].fault if "is_icu" in rule.when),
}
"""What no object of the museum has, or not on every server: extensions, functions in C, and what the server was built with."""
AS_PLANTED = """SET LOCAL search_path = ''; SET LOCAL check_function_bodies = off; SET LOCAL session_replication_role = replica"""


@dataclass
class Sweep:
    """What came of planting."""

    listed: tuple = ()
    bare: tuple = ()
    bare_without_some: tuple = ()
    refused: dict = field(default_factory=dict)
    unseen: list = field(default_factory=list)


@pytest.fixture(scope="module")
def swept(server):
    """What came of all faults that are planted, database by database."""
    with ExitStack() as keep:
        yield {name: _swept(keep.enter_context(_made(server, name))) for name in NAMES}


@contextmanager
def _made(server, name):
    if name == "museum":
        with furnished(server) as database, psycopg.connect(server.dsn(database), autocommit=True) as connection:
            connection.execute(filled(DATA / "faults" / "objects.sql", connection))
            yield connection
    elif name == "hostile":
        with hostile(server) as (url, _), psycopg.connect(url, autocommit=True) as connection:
            yield connection
    else:
        database = fresh_name()
        server.create(database)
        with psycopg.connect(server.dsn(database), autocommit=True) as connection:
            connection.execute((DATA / "mutations" / "base.sql").read_text("utf-8"))
            yield connection
        server.drop(database)


def _swept(connection):
    listed = faults_of(connection)
    some = [fault for fault in listed if fault.kind not in ("casts", "sequences", "schemas")]
    done = Sweep(listed, uncovered(connection, listed), uncovered(connection, some))
    faults = [
        fault
        for fault in listed
        if fault.kind not in OF_TABLES
        and not fault.alone
        and " slot " not in fault.name  # which no rollback takes back
    ]
    chosen = faults if ALL else [fault for fault, rank in in_order(faults) if rank == 0]
    before = facts(connection, prepare=True)
    for batch in batches(chosen):
        with connection.transaction(force_rollback=True):
            refused = _planted(connection, batch.faults)
            after = facts(connection, prepare=True)
        done.refused |= refused
        for fault in (each for each in batch.faults if each.key not in refused):
            if before.get((fault.facet, fault.identity)) == after.get((fault.facet, fault.identity)):
                done.unseen.append(fault.key)
    return done


def _planted(connection, faults):
    """Plant faults; return those that cannot be, and why."""
    connection.execute(AS_PLANTED)
    refused = {}
    for fault in faults:
        try:
            with connection.transaction():
                connection.execute(fault.statement.encode())
        except psycopg.Error as error:
            refused[fault.key] = str(error)
    return refused


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_can_be_planted(name, swept):
    assert swept[name].refused == {}


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_makes_the_fact_differ_that_it_names(name, swept):
    assert swept[name].unseen == []


def test_every_fault_of_the_grammar_has_an_object_to_be_planted_on(swept, server):
    major = server.version // 10_000
    listed = {(fault.kind, fault.name) for each in swept.values() for fault in each.listed}
    there = {
        (kind, rule.name)
        for kind, of_kind in grammar().items()
        for rule in of_kind.fault
        if kind not in OF_TABLES and max(of_kind.since, rule.since) <= major <= rule.until
    }

    assert sorted(there - listed - NOT_HERE) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_object_that_postgresql_can_name_has_a_fault(name, swept):
    """The witness is PostgreSQL's own: it walks over every catalogue of the server."""
    assert swept[name].bare == ()


def test_objects_without_a_fault_are_counted_by_kind(swept):
    found = swept["museum"].bare_without_some

    assert {each.kind for each in found} == {"cast", "schema", "sequence"}
    assert Uncovered("schema", 4, "hall") in found

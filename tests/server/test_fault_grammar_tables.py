"""Faults of tables, and of what hangs on them: each is planted, and the very fact that it names differs.

They are planted in a transaction that is taken back, in the batches in which a self-test plants them. By day each fault is planted
on one object of each database; ROLLPROOF_FAULTS=each plants all of them, in the museum and among hostile names, too.
"""

import os
from collections import Counter, defaultdict
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg import RawCursor

from fixtures.catalogue import parameters, schemas
from fixtures.hostile_names import hostile
from fixtures.museum import furnished
from rollproof.catalog.queries import for_version, not_compared, queries
from rollproof.rehearsal.faults.grammar import grammar
from rollproof.rehearsal.faults.listing import faults_of
from rollproof.rehearsal.selftest.batches import batches
from rollproof.throwaway.servers.server import fresh_name

DATA = Path(__file__).parents[1] / "data"
ALL = os.environ.get("ROLLPROOF_FAULTS") == "each"
KINDS = (
    *(
        "columns",
        "constraints",
        "foreign_key_triggers",
        "foreign_tables",
        "indexes",
        "inheritance",
        "partitions",
        "policies",
    ),
    *("row_security", "rules", "statistics_objects", "tables", "triggers", "view_columns", "views"),
)
BY_DAY = ("tables", "museum")
FACETS = {rule.facet or grammar()[kind].facet for kind in KINDS for rule in grammar()[kind].fault}
AS_A_SUBSCRIBER = """SET LOCAL search_path = ''; SET LOCAL check_function_bodies = off;
    SET LOCAL session_replication_role = replica"""

# What the catalogue itself has of each object, by the names of the objects: the witness that no property was forgotten.
WITNESS = """
SELECT 'pg_class', c.oid::regclass::text, to_jsonb(c) FROM pg_class AS c WHERE c.oid >= 16384 AND c.relkind <> 't'
UNION ALL SELECT 'pg_attribute', concat(a.attrelid::regclass, ' ', a.attname), to_jsonb(a) FROM pg_attribute AS a
    JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'i')
    WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL SELECT 'pg_attrdef', concat(d.adrelid::regclass, ' ', a.attname), to_jsonb(d)
    FROM pg_attrdef AS d JOIN pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
UNION ALL SELECT 'pg_constraint', concat(c.conrelid::regclass, ' ', c.conname), to_jsonb(c)
    FROM pg_constraint AS c WHERE c.conrelid >= 16384
UNION ALL SELECT 'pg_index', i.indexrelid::regclass::text, to_jsonb(i) FROM pg_index AS i WHERE i.indexrelid >= 16384
UNION ALL SELECT 'pg_trigger', concat(t.tgrelid::regclass, ' ', t.tgname), to_jsonb(t) FROM pg_trigger AS t WHERE NOT t.tgisinternal
UNION ALL SELECT 'pg_policy', concat(p.polrelid::regclass, ' ', p.polname), to_jsonb(p) FROM pg_policy AS p
UNION ALL SELECT 'pg_rewrite', concat(r.ev_class::regclass, ' ', r.rulename), to_jsonb(r)
    FROM pg_rewrite AS r WHERE r.ev_class >= 16384
UNION ALL SELECT 'pg_statistic_ext', concat(s.stxrelid::regclass, ' ', s.stxname), to_jsonb(s) FROM pg_statistic_ext AS s
UNION ALL SELECT 'pg_inherits', concat(i.inhrelid::regclass, ' ', i.inhparent::regclass), to_jsonb(i) FROM pg_inherits AS i
UNION ALL SELECT 'pg_foreign_table', f.ftrelid::regclass::text, to_jsonb(f) FROM pg_foreign_table AS f
UNION ALL SELECT 'pg_partitioned_table', p.partrelid::regclass::text, to_jsonb(p) FROM pg_partitioned_table AS p
"""


@dataclass
class Sweep:
    """What came of planting: the faults that could not be, or did not show; their effects on facts and on the catalogue."""

    listed: set = field(default_factory=set)
    keys: list = field(default_factory=list)
    refused: dict = field(default_factory=dict)
    unseen: list = field(default_factory=list)
    effects: dict = field(default_factory=lambda: defaultdict(set))
    known: set = field(default_factory=set)
    changed: set = field(default_factory=set)


@pytest.fixture(scope="module")
def databases(server):
    """Databases to plant in: call it with the name of one."""
    with ExitStack() as keep:
        made = {name: keep.enter_context(_made(server, name)) for name in NAMES}
        yield made


NAMES = (*BY_DAY, "base", "hostile") if ALL else BY_DAY


@contextmanager
def _made(server, name):
    if name == "museum":
        with furnished(server) as database, psycopg.connect(server.dsn(database), autocommit=True) as connection:
            yield connection
    elif name == "hostile":
        with hostile(server) as (url, _), psycopg.connect(url, autocommit=True) as connection:
            yield connection
    else:
        database, script = fresh_name(), DATA / {"base": "mutations/base.sql", "tables": "faults/tables.sql"}[name]
        server.create(database)
        with psycopg.connect(server.dsn(database), autocommit=True) as connection, _tablespace(connection):
            connection.execute(for_version(script.read_text("utf-8"), server.version))
            yield connection
        server.drop(database)


@contextmanager
def _tablespace(connection):
    """Another tablespace, in the server's own folder."""
    if not _has_places(connection.info.server_version):
        yield
        return
    connection.execute("SET allow_in_place_tablespaces = on")
    name = f"faults_of_{connection.info.dbname}"
    connection.execute(f"CREATE TABLESPACE {name} LOCATION ''")
    yield
    connection.execute(f"DROP TABLESPACE {name}")


def _has_places(version):
    """Whether a tablespace can be made without a folder for it."""
    return version >= 150_000


@pytest.fixture(scope="module")
def swept(databases):
    """What came of all faults that are planted, database by database."""
    return {name: _swept(connection) for name, connection in databases.items()}


@pytest.mark.skipif(not ALL, reason="by night: ROLLPROOF_FAULTS=each")
@pytest.mark.parametrize("name", NAMES)
def test_no_fault_is_seen_by_what_another_of_its_batch_does(name, databases):
    """Of each batch one half is planted at a time: no fact of the other half's differs."""
    connection = databases[name]
    faults, before, seen = [each for each in faults_of(connection) if each.kind in KINDS], _facts(connection), []
    for batch in batches(faults):
        for half in (0, 1):
            with connection.transaction(force_rollback=True):
                _planted(connection, batch.faults[half::2])
                after = _facts(connection)
            facts = {each.key: (each.facet, each.identity) for each in batch.faults[1 - half :: 2]}
            seen += [key for key, fact in facts.items() if before.get(fact) != after.get(fact)]

    assert seen == []


def _swept(connection):
    listed = faults_of(connection)
    faults = [fault for fault in listed if fault.kind in KINDS]
    done = Sweep({(fault.kind, fault.name) for fault in faults}, [fault.key for fault in listed])
    before, was = _facts(connection), _catalogue(connection)
    done.known = {f"{table}.{column}" for (table, _), row in was.items() for column in row}
    for batch in batches(faults if ALL else _one_of_each(faults)):
        with connection.transaction(force_rollback=True):
            refused = _planted(connection, batch.faults)
            after, now = _facts(connection), _catalogue(connection)
        done.refused |= refused
        _note(done, [fault for fault in batch.faults if fault not in refused], before, after)
        done.changed |= set(_changed(was, now))
    return done


def _note(done, faults, before, after):
    """Note of each fault whether its fact differs, and how."""
    for fault in faults:
        fact = fault.facet, fault.identity
        if before.get(fact) == after.get(fact):
            done.unseen.append(fault.key)
        else:
            done.effects[fault.facet].add(_effect(fact in before, fact in after))


def _changed(was, now):
    """The columns of the catalogue that are no longer as they were for an object that is still there."""
    for key in was.keys() & now.keys():
        yield from (f"{key[0]}.{column}" for column in was[key] if was[key][column] != now[key][column])


def _one_of_each(faults):
    """One fault of each name, of the objects that the fewest others are of, so that they fit into few batches."""
    of_a_name = defaultdict(list)
    for fault in faults:
        of_a_name[fault.kind, fault.name].append(fault)
    taken, chosen = Counter(), []
    for several in sorted(of_a_name.values(), key=len):
        chosen.append(min(several, key=lambda fault: max(taken[path] for path in fault.touches)))
        taken.update(chosen[-1].touches)
    return chosen


def _planted(connection, faults):
    """Plant faults; return those that cannot be, and why."""
    connection.execute(AS_A_SUBSCRIBER)
    refused = {}
    for fault in faults:
        try:
            with connection.transaction():
                connection.execute(fault.statement.encode())
        except psycopg.Error as error:
            refused[fault] = str(error)
    return refused


def _facts(connection):
    """Return the facts about tables and what hangs on them."""
    with connection.transaction():
        connection.execute("SET LOCAL search_path = ''")
        looked_at = schemas(connection)
        asked = {facet: sql for facet, sql in queries(connection.info.server_version).items() if facet in FACETS}
        return {
            (facet, row[0]): row[1]
            for facet, sql in asked.items()
            for row in RawCursor(connection).execute(sql, parameters(looked_at, sql), prepare=True).fetchall()
        }


def _catalogue(connection):
    with connection.transaction():
        connection.execute("SET LOCAL search_path = ''")
        return {(table, name): row for table, name, row in connection.execute(WITNESS, prepare=True)}


def _effect(was_there, is_there):
    if not was_there:
        return "left behind"
    return "changed" if is_there else "lost"


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_can_be_planted(name, swept):
    assert {fault.key: why for fault, why in swept[name].refused.items()} == {}


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_makes_the_fact_differ_that_it_names(name, swept):
    assert swept[name].unseen == []


@pytest.mark.parametrize("name", NAMES)
def test_no_two_faults_are_of_one_name(name, swept):
    """A journal knows them by it."""
    assert sorted(key for key, number in Counter(swept[name].keys).items() if number > 1) == []


def test_every_fault_of_the_grammar_has_an_object_to_be_planted_on(swept, server):
    major = server.version // 10_000
    listed = set().union(*(each.listed for each in swept.values()))
    there = {(kind, rule.name) for kind in KINDS for rule in grammar()[kind].fault if rule.since <= major <= rule.until}
    if not _has_places(server.version):
        there -= {(kind, "moved to another tablespace") for kind in KINDS}

    assert sorted(there - listed) == []


# Its facts come and go with the table, or with the constraint.
ALWAYS_THERE = {facet: {"changed"} for facet in ("column_order", "planner_statistics", "foreign_key_triggers")}


@pytest.mark.parametrize("facet", sorted(FACETS))
def test_of_every_kind_something_is_lost_changed_and_left_behind(facet, swept):
    effects = set().union(*(each.effects[facet] for each in swept.values()))

    assert effects >= ALWAYS_THERE.get(facet, {"lost", "changed", "left behind"})


def test_every_property_that_the_catalogue_has_is_changed_by_a_fault(swept):
    """What says whose an object is and how it is called apart, and what coverage.toml has as nothing that a rollback restores."""
    known = set().union(*(each.known for each in swept.values()))
    changed = set().union(*(each.changed for each in swept.values()))
    listed = not_compared()
    nothing = {column for group in (*listed.bookkeeping, *listed.not_checked) for column in group.columns}

    assert {each for each in known - changed - nothing if not each.endswith(WHOSE)} <= ELSEWHERE


WHOSE = ("name", "relid", "owner", "namespace", "parent", "acl", ".oid")
ELSEWHERE = {
    "pg_attrdef.adnum",  # the column's place: column_order
    "pg_index.indisexclusion",  # follows from the constraint, which is lost
    "pg_attribute.attisdropped",  # the witness has none that is
    "pg_attribute.atthasmissing",  # how rows are stored
    "pg_attribute.attmissingval",
    "pg_class.relallvisible",  # what VACUUM notes
    "pg_class.relisshared",  # never a user's
    "pg_class.reltablespace",  # on PostgreSQL 14: see _has_places
    "pg_constraint.conpfeqop",  # follows from the columns' types
    "pg_constraint.contypid",  # of domains
    "pg_trigger.tgisinternal",  # the server's own: foreign_key_triggers
    "pg_trigger.tgparentid",  # follows from the partitions
}

"""Every column of the catalogue is read by a question, or stands in not_compared.toml with the reason why not."""

import re

import psycopg
import pytest
from msgspec import structs

from fixtures.readers import reader
from rollproof.catalog.capture import not_checked
from rollproof.catalog.queries import COLUMNS, new_columns, not_compared, queries

BEFORE_COLUMNS = 7
"""PostgreSQL counts the columns a query reads from its first system column (FirstLowInvalidHeapAttributeNumber)."""
GONE_OR_TO_COME = {
    "pg_attribute.attcacheoff": "until 17",
    "pg_auth_members.grantor": "read from 16 on",
    "pg_auth_members.oid": "from 16",
    "pg_class.relallfrozen": "from 18",
    "pg_constraint.confdelsetcols": "from 15",
    "pg_database.dathasloginevt": "from 17",
    "pg_database.datlastsysoid": "until 14",
    "pg_subscription.subskiplsn": "from 15",
}
"""Entries of not_compared.toml that some server between 14 and 18 has no need of."""


@pytest.fixture
def connection(database):
    """A superuser's session, whose work is rolled back."""
    with psycopg.connect(database) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def catalogue(connection):
    """The names of all columns of the server's own catalogue."""
    return {name for (name,) in connection.execute(COLUMNS)}


@pytest.fixture
def read(connection):
    """The columns that the queries read, as the server itself understood them."""
    columns = set()
    for facet, sql in queries(connection.info.server_version).items():
        columns |= columns_read(connection, facet, sql)
    return columns


def columns_read(connection, facet, sql):
    """Return what one question reads, `relation.column`: make it a view and ask which columns its owner must be allowed to see.

    Not pg_depend: PostgreSQL records no dependency on its own catalogue.
    """
    body = re.sub("--.*", "", sql).replace("$1", "'{public}'::text[]").replace("$2", "0").replace("$3", "1")
    connection.execute(f'CREATE TEMPORARY VIEW "{facet}" AS {body}')
    tree = connection.execute(
        "SELECT ev_action::text FROM pg_rewrite WHERE ev_class = %s::regclass", (f'pg_temp."{facet}"',)
    ).fetchone()[0]
    found = re.findall(r":relid (\d+) (?:(?!:relid ).)*?:selectedCols \(b([ \d]*)\)", tree, re.DOTALL)
    pairs = [(int(relation), int(column) - BEFORE_COLUMNS) for relation, columns in found for column in columns.split()]
    assert pairs, "a question that reads nothing is not understood"
    names = connection.execute(
        "SELECT format('%%s.%%s', attrelid::regclass, attname)"
        " FROM pg_attribute JOIN unnest(%s::oid[], %s::int[]) AS wanted (relation, number)"
        " ON attrelid = wanted.relation AND attnum = wanted.number",
        ([relation for relation, _ in pairs], [number for _, number in pairs]),
    )
    return {name for (name,) in names}


def matching(entry, catalogue):
    """Return the columns that an entry means: itself, or all of `relation.*`."""
    return {name for name in catalogue if name == entry or (entry.endswith(".*") and name.startswith(entry[:-1]))}


def test_every_column_of_the_catalogue_is_read_or_named_with_a_reason(catalogue, read):
    """If this fails, PostgreSQL has a fact that nobody looks at: read it in a question, or say in the file why not."""
    named = {name for entry in not_compared().columns for name in matching(entry, catalogue)}

    assert sorted(catalogue - read - named) == []


def test_each_exception_for_a_version_is_an_entry_of_the_file():
    assert not GONE_OR_TO_COME.keys() - not_compared().columns


def test_nothing_is_named_as_not_compared_that_is_compared(catalogue, read):
    stale = {entry for entry in not_compared().columns if not matching(entry, catalogue) - read}

    assert sorted(stale - GONE_OR_TO_COME.keys()) == []


def test_what_renders_a_column_is_called_by_the_facet_it_names(server):
    """`by = "pg_get_indexdef in indexes"` must be true: the function stands in that question."""
    asked = queries(server.version)
    claims = [re.findall(r"(\w+) in (\w+)", group.by) for group in not_compared().rendered]

    wrong = [
        (function, facet) for pairs in claims for function, facet in pairs if function not in asked.get(facet, function)
    ]
    assert wrong == []


def test_a_known_server_has_no_new_columns(catalogue):
    assert new_columns(catalogue) == ()


def test_a_column_that_only_a_newer_server_has_is_noticed(catalogue):
    assert new_columns({*catalogue, "pg_class.relfuture", "pg_future.oid"}) == ("pg_class.relfuture", "pg_future.oid")


def test_what_a_newer_server_has_is_announced_with_the_verdict(database, monkeypatch):
    """Hidden from the file, a column of today is to us what a column of tomorrow would be: said, and no error."""
    file = not_compared()
    hidden = tuple(
        structs.replace(group, columns=tuple(name for name in group.columns if name != "pg_class.relrewrite"))
        for group in file.bookkeeping
    )
    monkeypatch.setattr("rollproof.catalog.queries.not_compared", lambda: structs.replace(file, bookkeeping=hidden))
    view = reader(database)
    try:
        said = not_checked(view)
    finally:
        view.close()

    assert "pg_class.relrewrite (this server has it, this version of rollproof does not know it)" in said
    assert len(said) == len(file.not_checked) + 1

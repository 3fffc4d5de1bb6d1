"""Who may read a copy that may not read its table: by whatever way it was let in."""

import psycopg
import pytest

from fixtures.readers import reader
from rollproof.backup.copies import Copies
from rollproof.backup.privileges import readable_by_too_many
from rollproof.model.finding import Finding, Statement
from rollproof.settings.sections import Backup
from rollproof.throwaway.servers.server import fresh_name

# What is done to a table {t} and its copy {c}, and who reads there what they may not read of the table; {a}, {b} and {m} are
# roles that may read nothing else, {m} a member of {b}, {o} the copies' owner.
WAYS = {
    "nothing": ("", None),
    "the_owner": ("ALTER TABLE {c} OWNER TO {o}", None),
    "member_of_the_owner": ("ALTER TABLE {c} OWNER TO {b}", None),
    "public": ("GRANT SELECT ON {c} TO PUBLIC", "PUBLIC"),
    "public_on_both": ("GRANT SELECT ON {c}, {t} TO PUBLIC", None),
    "role": ("GRANT ALL ON {c} TO {a}", "{a}"),
    "role_on_both": ("GRANT SELECT ON {t} TO {a}; GRANT SELECT ON {c} TO {a}", None),
    "public_where_one_role_may": ("GRANT SELECT ON {t} TO {a}; GRANT SELECT ON {c} TO PUBLIC", "PUBLIC"),
    "group": ("GRANT SELECT ON {c} TO {b}", "{b}, {m}"),
    "group_whose_member_may": ("GRANT SELECT ON {t} TO {m}; GRANT SELECT ON {c} TO {b}", "{b}"),
    "member_of_who_may": ("GRANT SELECT ON {t} TO {b}; GRANT SELECT ON {c} TO {m}", None),
    "column": ('GRANT SELECT ("the id") ON {t} TO {a}; GRANT SELECT (secret, "the id") ON {c} TO {a}', "{a} (secret)"),
    "column_for_all": ("GRANT SELECT (secret) ON {c} TO PUBLIC", "PUBLIC (secret)"),
    "column_on_both": ("GRANT SELECT (secret) ON {t} TO {a}; GRANT SELECT (secret) ON {c} TO {a}", None),
    "column_that_went": ("GRANT SELECT ON {t}, {c} TO {a}; ALTER TABLE {t} DROP secret", None),
    "table_that_went": ("GRANT SELECT ON {t}, {c} TO {a}; DROP TABLE {t}", None),
    "writer": ("GRANT INSERT, UPDATE, DELETE ON {c} TO PUBLIC", None),
    "passed_on": (("GRANT USAGE ON SCHEMA migration_backup TO {a}; GRANT SELECT ON {c} TO {a} WITH GRANT OPTION; SET ROLE {a};"
                  "GRANT SELECT ON {c} TO {b}; RESET ROLE; REVOKE USAGE ON SCHEMA migration_backup FROM {a}"), "{a}, {b}, {m}"),
    "schema": ("CREATE SCHEMA closed; ALTER TABLE {t} SET SCHEMA closed; GRANT SELECT ON closed.{name}, {c} TO {a}", "{a}"),
    "some_rows": ("ALTER TABLE {t} ENABLE ROW LEVEL SECURITY; GRANT SELECT ON {t}, {c} TO {a}", "{a}"),
    "all_rows": (("ALTER TABLE {t} ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON {t} TO {b} USING (true);"
                 "GRANT SELECT ON {t}, {c} TO {b}"), None),
    "less_than_all_rows": (("ALTER TABLE {t} ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON {t} USING (true);"
                           "CREATE POLICY q ON {t} AS RESTRICTIVE USING (secret = ''); GRANT SELECT ON {t}, {c} TO {a}"), "{a}"),
    "rows_hidden_in_both": (("ALTER TABLE {t} ENABLE ROW LEVEL SECURITY; ALTER TABLE {c} ENABLE ROW LEVEL SECURITY;"
                            "GRANT SELECT ON {t}, {c} TO {a}"), None),
    "partition": (("CREATE TABLE whole (LIKE {t}) PARTITION BY LIST (secret); ALTER TABLE whole ATTACH PARTITION {t} DEFAULT;"
                  "GRANT SELECT ON whole, {c} TO {a}"), None),
}  # fmt: skip


@pytest.fixture(scope="module")
def roles(server):
    """Four roles: one, a group and its member, and an owner."""
    names = {key: fresh_name() + key for key in "abmo"}
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        for name in names.values():
            connection.execute(f"CREATE ROLE {name}")
        connection.execute("GRANT {b} TO {m}".format(**names))
        yield names
        for name in names.values():
            connection.execute(f"DROP ROLE {name}")


def said(url):
    """Return, for each table whose copy too many may read, the finding and the statements that mend it."""
    with reader(url) as view:
        copies = Copies(view, Backup())
        copies.adopt([f"public.{name}" for name in WAYS if name != "schema"] + ["closed.schema"])
        found = list(readable_by_too_many(copies, "public.migration_log"))
    statements = [each for each in found if isinstance(each, Statement)]
    return {
        each.subject.rpartition(".")[2]: (each, [one.sql for one in statements if one.mends == each.subject])
        for each in found
        if isinstance(each, Finding)
    }


@pytest.fixture
def ways(database, roles):
    """Every way, each on a table of its own; then what is said of them, before and after somebody may enter the schema."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA migration_backup; CREATE TABLE migration_log (id integer)")
        connection.execute("CREATE TABLE migration_backup.definitions (text text)")
        connection.execute("GRANT SELECT ON migration_backup.definitions TO {a}, {o}".format(**roles))
        for name, (way, _) in WAYS.items():
            names = {"t": f"public.{name}", "c": f"migration_backup.{name}_backup", "name": name, **roles}
            connection.execute(
                'CREATE TABLE {t} ("the id" integer, secret text); CREATE TABLE {c} AS TABLE {t}'.format(**names)
            )
            connection.execute(way.format(**names))

        yield connection, lambda: said(database)
        for name in roles.values():
            connection.execute(f"DROP OWNED BY {name}")


def test_a_copy_is_no_wider_open_than_its_table(ways, roles):
    connection, said = ways
    expected = {name: readers.format(**roles) for name, (_, readers) in WAYS.items() if readers}
    told = {name: found for name, found in said().items() if name in WAYS}
    assert told.keys() == expected.keys()
    assert all(finding.heals for finding, _ in told.values())

    connection.execute("GRANT USAGE ON SCHEMA migration_backup TO PUBLIC")
    found = said()
    assert {name: found[name][0].actual for name in found if name in WAYS} == expected
    assert not any(finding.heals for finding, _ in found.values())

    for sql in {sql for _, statements in found.values() for sql in statements}:
        connection.execute(sql)
    assert said() == {}


def test_what_stands_for_no_table_is_open_to_who_may_read_some(ways, roles):
    connection, said = ways
    connection.execute("GRANT USAGE ON SCHEMA migration_backup TO PUBLIC; REVOKE SELECT ON public_on_both FROM PUBLIC")
    connection.execute("GRANT SELECT ON migration_log TO PUBLIC, {a}".format(**roles))

    found = said()
    assert found["definitions"][0].sentence.startswith(
        "migration_backup.definitions can be read by {o}, who may not read as much of any table".format(**roles)
    )
    assert "REVOKE SELECT ON public.migration_log FROM PUBLIC;" in found["migration_log"][1]


def test_a_schema_that_one_role_may_enter_lets_it_at_what_all_may_read(ways, roles):
    connection, said = ways
    connection.execute("GRANT USAGE ON SCHEMA migration_backup TO {m}".format(**roles))

    assert said()["public"][0].actual == "{m}".format(**roles)
    assert said()["group"][0].actual == "{m}".format(**roles)
    assert said()["role"][0].heals

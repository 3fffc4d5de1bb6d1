"""Cases: by table where readers look for their table, once for the rest of the checks, by groups of many tables, dear ones last."""

import xml.etree.ElementTree as ET
from collections import Counter

import pytest

from fixtures.readers import execute

BY_TABLE = {"columns", "constraints", "indexes", "orphans", "rows", "content", "table_states"}
OF_COPIES = {"backup", "backup_age", "backup_agreement", "backup_columns", "backup_content", "backup_readers"}
LOG = """
CREATE TABLE migration_log (migration text, operation text, status text, started_at timestamptz, finished_at timestamptz);
INSERT INTO migration_log VALUES ('uuid', 'migrate', 'completed', now(), now());
"""


@pytest.fixture
def cases(command, database, tmp_path):
    """Call it with a number of tables: the checks of a verification, one for each case, in the order in which they ran."""

    def verify(tables):
        made = "".join(f"CREATE TABLE t{number:03} (id int PRIMARY KEY);" for number in range(tables))
        copies = "".join(
            f"CREATE TABLE migration_backup.t{number:03}_backup AS TABLE t{number:03};" for number in range(tables)
        )
        execute(database, made + "CREATE SCHEMA migration_backup;" + copies + LOG)
        command(tmp_path, "capture", "--database-url", database)
        verified = command(tmp_path, "verify", "--database-url", database)
        assert verified.returncode in {0, 1}, verified.output
        ran = ET.parse(tmp_path / "rollproof-report" / "junit.xml").iter("testcase")  # noqa: S314 (we wrote it)
        return [case.get("classname").removeprefix("checks.test_") for case in ran]

    return verify


def test_a_check_has_a_case_per_table_or_one(cases):
    number = Counter(cases(3))

    assert {check for check, times in number.items() if times > 1} == BY_TABLE | OF_COPIES
    assert {number[check] for check in (*OF_COPIES, "table_states")} == {3}
    assert {number[check] for check in ("columns", "constraints", "indexes", "orphans", "rows", "content")} == {4}


def test_more_than_a_hundred_tables_are_asked_in_twenty_groups(cases):
    number = Counter(cases(101))

    assert {number[check] for check in ("rows", "content", "backup", "table_states")} <= {17, 20}
    assert sum(number.values()) < 400


def test_what_waits_for_pg_dump_and_scans_comes_after_what_does_not(cases):
    order = list(dict.fromkeys(cases(1)))

    assert order.index("triggers") < order.index("pg_dump") < order.index("rows") < order.index("backup_content")
    assert order[-1] == "waivers"

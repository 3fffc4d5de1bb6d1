"""A night with an incident: every phase and command is entered, the record is kept, people are told, no verdict changes by it."""

import json
import re
from pathlib import Path

import psycopg
import pytest

from rollproof.throwaway.servers.server import fresh_name

SHOP = Path(__file__).parents[2] / "scenarios" / "cases" / "shop.sql"
TOKEN, VALUE = "t0kenCanary", "row-value-canary"
PEOPLE = """
[contacts]
database = "Ann, +49 30 1234"
board = "Cem <b>"
[[escalation]]
level = "DBA on call"
contact = "database"
after_minutes = 0
[[escalation]]
level = "CTO"
contact = "board"
after_minutes = 60
"""
BROKEN = f"DROP INDEX orders_customer_idx; UPDATE customers SET email = '{VALUE}' WHERE id = 'ID-7'"
MENDED = """
    CREATE INDEX orders_customer_idx ON orders (customer_id) WHERE state <> 'sent';
    UPDATE customers SET email = 'c7@example.org' WHERE id = 'ID-7'
"""
LESSONS = {"Root cause": "a cast", "Prevention": "rehearse", "Improvements": "## none\n- or one"}
MARK = "<!-- yours: what you write between this line and the next heading is kept -->\n"


@pytest.fixture(scope="module")
def subject(server):
    """A database of the shop, of which an index goes and comes."""
    name = fresh_name()
    server.create(name)
    run(server.dsn(name), SHOP.read_text())
    yield server.dsn(name)
    server.drop(name)


def run(url, sql):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql)


@pytest.fixture
def folder(tmp_path):
    """A folder with a configuration that names people."""
    (tmp_path / "rollproof.toml").write_text(PEOPLE)
    return tmp_path


@pytest.fixture
def typed(command, folder):
    """Call it with words to run `rollproof` with these in the folder; it returns what was printed. It must end with the code."""

    def call(*words, code=0, **when):
        ended = command(folder, *words, **when)
        assert ended.returncode == code, ended.output
        return ended.output

    return call


def events(folder):
    """Return what was entered: kind, what and verdict."""
    lines = (folder / "rollproof-report" / "timeline.jsonl").read_text().splitlines()
    told = [json.loads(line)["entry"]["event"] for line in lines]
    return [(each["kind"], each["what"], each["verdict"]) for each in told]


def test_a_night_is_recorded_from_the_opening_to_what_was_learned(typed, folder, subject, httpserver):
    httpserver.expect_request(re.compile(".*")).respond_with_data("")
    hook = f"json://127.0.0.1:{httpserver.port}/{TOKEN}"
    (folder / "rollproof.toml").write_text(f'{PEOPLE}[notify]\nurls = ["{hook}"]\n')
    report, asked = folder / "rollproof-report", ("--database-url", subject)
    typed("capture", *asked)
    opened = ("--issue", "MIG-412", "--severity", "critical", "--decided", "Ann: roll back", "--stakeholder", "Sales")
    typed("incident", "open", "logins", "fail", *opened)
    run(subject, BROKEN)
    said = typed("verify", *asked, code=1)

    assert re.search(
        r"incident: post_rollback is red since \d\d:\d\dZ, \d seconds?: call DBA on call\s+\(database: Ann", said
    )
    for name in ("report.html", "summary.md", "record.md"):
        assert "MIG-412" in (report / name).read_text()
        assert "Sales" in (report / name).read_text() or name == "summary.md"
    record = json.loads((report / "result.json").read_text())["record"]
    assert record["next_call"].startswith("post_rollback is red since")
    assert [each["event"]["what"] for each in record["entries"]] == [
        *("opened", "decision", "notice of opened", "post_rollback"),
    ]

    text = (report / "record.md").read_text()
    for heading, lesson in LESSONS.items():
        text = text.replace(f"### {heading}\n\n{MARK}", f"### {heading}\n\n{MARK}{lesson}\n")
    (report / "record.md").write_text(text)
    run(subject, MENDED)
    typed("verify", *asked)
    typed("repair", *asked)
    typed("incident", "close", "rolled", "back")
    typed("incident", "note", "--post-mortem")

    assert events(folder) == [
        ("opened", "opened", ""),
        ("note", "decision", ""),
        ("notice", "notice of opened", "sent"),
        ("phase", "post_rollback", "NOT RESTORED"),
        ("notice", "notice of post_rollback", "sent"),
        ("phase", "post_rollback", "VERIFIED"),
        ("notice", "notice of post_rollback", "sent"),
        ("command", "repair", "done"),
        ("closed", "closed", ""),
        ("notice", "notice of closed", "sent"),
        ("note", "post-mortem", ""),
        ("notice", "notice of post-mortem", "sent"),
    ]
    assert typed("incident", "verify").startswith(
        "rollproof-report/timeline.jsonl: 12 entries of 1 incident, each follows"
    )
    assert all(lesson in (report / "record.md").read_text() for lesson in LESSONS.values())
    told = [json.loads(asked.data) for asked, _ in httpserver.log]
    assert [each["title"] for each in told] == [
        "[MIG-412] incident opened: logins fail",
        "[MIG-412] post_rollback: NOT RESTORED",
        "[MIG-412] post_rollback: VERIFIED",
        "[MIG-412] incident closed: rolled back",
        "[MIG-412] post-mortem: logins fail",
    ]
    assert "decided by Ann: roll back" in told[0]["message"]
    assert "call DBA on call (database: Ann, +49 30 1234), level 1 of 2" in told[1]["message"]
    assert "a cast" in told[4]["message"]
    whole = b"".join(path.read_bytes() for path in report.rglob("*") if path.is_file())
    for canary in (TOKEN, VALUE, psycopg.conninfo.conninfo_to_dict(subject)["password"]):
        assert canary not in str(told)
        assert canary.encode() not in whole

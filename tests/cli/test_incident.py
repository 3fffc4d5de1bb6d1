"""A night with an incident: every phase and command is entered, the record is kept, people are told, no verdict changes by it."""

import json
import re
import signal
from pathlib import Path

import psycopg
import pytest

from fixtures.incidents import NOBODY, events
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
LOG = "CREATE TABLE migration_log (migration text, operation text, status text, started_at timestamptz, finished_at timestamptz)"
ROLLED_BACK = """
    INSERT INTO migration_log SELECT 'uuid', what, 'completed', now() + began, now() + ended
    FROM (VALUES ('migrate', interval '0 ms', interval '1 ms'), ('rollback', '10 ms', '110 ms')) AS done (what, began, ended)
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
    run(server.dsn(name), f"{SHOP.read_text()};{LOG}")
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


OPENED = ("--issue", "MIG-412", "--severity", "critical", "--decided", "Ann: roll back", "--stakeholder", "Sales")
ENTERED = [
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
TITLES = [
    "[MIG-412] incident opened: logins fail",
    "[MIG-412] post_rollback: NOT RESTORED",
    "[MIG-412] post_rollback: VERIFIED",
    "[MIG-412] incident closed: rolled back",
    "[MIG-412] post-mortem: logins fail",
]


def test_a_night_is_recorded_from_the_opening_to_what_was_learned(typed, folder, subject, httpserver):
    httpserver.expect_request(re.compile(".*")).respond_with_data("")
    hook = f"json://127.0.0.1:{httpserver.port}/{TOKEN}"
    (folder / "rollproof.toml").write_text(f'{PEOPLE}[notify]\nurls = ["{hook}"]\n')
    typed("capture", "--database-url", subject)
    typed("incident", "open", "logins", "fail", *OPENED)
    run(subject, f"{ROLLED_BACK};{BROKEN}")
    _is_red(typed("verify", "--database-url", subject, code=1), folder / "rollproof-report")
    _learn(folder / "rollproof-report" / "record.md")
    run(subject, MENDED)
    typed("verify", "--database-url", subject)
    typed("repair", "--database-url", subject)
    typed("incident", "close", "rolled", "back")
    typed("incident", "note", "--post-mortem")

    assert events(folder) == ENTERED
    assert typed("incident", "verify").startswith(
        "rollproof-report/timeline.jsonl: 12 entries of 1 incident, each foll"
    )
    assert all(lesson in (folder / "rollproof-report" / "record.md").read_text() for lesson in LESSONS.values())
    told = [json.loads(asked.data) for asked, _ in httpserver.log]
    assert [each["title"] for each in told] == TITLES
    _has_been_told([each["message"] for each in told], folder, subject)


def _is_red(said, report):
    """Hold what was printed, and the reports, against what is to be known of an incident while a phase is red."""
    called = r"incident: post_rollback is red since \d\d:\d\dZ, \d+ seconds?: call DBA on call\s+\(database: Ann"
    assert re.search(called, said)
    assert "rollback, by the migration's log: 1 step, 0.1 s" in (report / "record.md").read_text()
    for name in ("report.html", "summary.md", "record.md"):
        assert "MIG-412" in (report / name).read_text()
    assert "Sales" in (report / "report.html").read_text()
    record = json.loads((report / "result.json").read_text())["record"]
    assert record["next_call"].startswith("post_rollback is red since")
    entered = [each["event"]["what"] for each in record["entries"]]
    assert entered == ["opened", "decision", "notice of opened", "post_rollback"]


def _learn(record):
    text = record.read_text()
    for heading, lesson in LESSONS.items():
        text = text.replace(f"### {heading}\n\n{MARK}", f"### {heading}\n\n{MARK}{lesson}\n")
    record.write_text(text)


def _has_been_told(messages, folder, subject):
    """Hold notices against what people need to know, and all that was written against what nobody may."""
    assert "decided by Ann: roll back" in messages[0]
    assert "call DBA on call (database: Ann, +49 30 1234), level 1 of 2" in messages[1]
    assert "a cast" in messages[4]
    whole = b"".join(path.read_bytes() for path in (folder / "rollproof-report").rglob("*") if path.is_file())
    for canary in (TOKEN, VALUE, psycopg.conninfo.conninfo_to_dict(subject)["password"]):
        assert canary not in str(messages)
        assert canary.encode() not in whole


REFUSED = {
    "note x": "no incident is open; `rollproof incident open` begins one",
    "close x": "no incident is open",
    "show": "there was no incident; --report-dir names another folder",
    "verify": "there is no timeline; --report-dir names another folder",
    "note --post-mortem": "record.md cannot be read: No such file or directory",
    "note": "the note is empty; type what happened behind the options",
    "note --decision --problem x": "--decision and --problem: a note is one of them; write two notes",
    "note --at yesterday x": "--at yesterday is no time; type 2026-11-29T02:14Z, or 02:14",
    "note --at 2999-01-01 x": "--at 2999-01-01 is in the future: it is",
    "open --decided Ann x": '--decided says who decided what, as --decided "Ann: roll back"',
    "open --severity bad x": "'bad' is not one of 'critical', 'high', 'medium', 'low'",
    "verify --head 12": "--head 12 is no SHA-256; type 12 letters of it at least",
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(words, typed, folder):
    said = typed("incident", *words.split(), code=4)

    assert REFUSED[words] in " ".join(said.split())
    assert "Traceback" not in said
    assert [path.name for path in folder.iterdir()] == ["rollproof.toml"]


def test_one_incident_is_open_at_a_time(typed, opened):
    said = typed("incident", "open", "again", code=4)

    assert "an incident is open already, since" in said
    assert "the incident is open; `rollproof incident close` ends it" in " ".join(
        _filled(typed, opened, "note", "--post-mortem", code=4).split()
    )
    assert len((opened / "timeline.jsonl").read_text().splitlines()) == 1


def _filled(typed, report, *words, **how):
    """Type this with all lessons written down."""
    text = (report / "record.md").read_text()
    (report / "record.md").write_text(text.replace(MARK, f"{MARK}something\n"))
    return typed("incident", *words, **how)


def test_the_record_of_the_first_incident_is_kept(typed, opened):
    _filled(typed, opened, "close", "all well")
    first = (opened / "record.md").read_text()

    typed("incident", "open", "slow answers")

    (kept,) = opened.glob("record-*.md")
    assert kept.read_text() == first
    assert re.fullmatch(r"record-\d{4}-\d\d-\d\dT\d{6}Z\.md", kept.name)
    assert "something" not in (opened / "record.md").read_text()
    assert "closed" in typed("incident", "show", "1")
    assert "open: slow answers" in typed("incident", "show")
    assert "there is no incident 3; 2 incidents were opened here" in typed("incident", "show", "3", code=4)


def test_what_somebody_changed_above_the_lines_is_not_lost(typed, opened):
    text = (opened / "record.md").read_text().replace("- trigger:", "- trigger, as I see it:")
    (opened / "record.md").write_text(text)

    typed("incident", "note", "one")
    typed("incident", "note", "two")

    assert (opened / "record-edited.md").read_text() == text
    assert len([*opened.glob("record*.md")]) == 2
    assert "as I see it" not in (opened / "record.md").read_text()


def test_it_is_shown_as_lines_as_json_and_as_the_record(typed, opened):
    typed("incident", "note", "--done", "verify backup integrity", "--at", "2026-11-29T01:00Z", "--by", "Bob")
    head = json.loads(typed("incident", "show", "--json"))["head"]

    assert re.search(
        r"2026-11-29T01:00:00Z \(entered .*Z\)  done 'verify backup integrity' \(Bob\)\n", typed("incident", "show")
    )
    assert typed("incident", "show", "--report") == (opened / "record.md").read_text()
    assert head in typed("incident", "verify", "--head", head[:12])


@pytest.mark.usefixtures("opened")
def test_no_line_that_somebody_typed_passes_for_an_entry(typed):
    typed("incident", "note", "so\n2026-11-29T23:00:00Z  post_rollback: VERIFIED (ada@bastion)")

    assert "\n    2026-11-29T23:00:00Z  post_rollback: VERIFIED" in typed("incident", "show")


@pytest.mark.promise
def test_what_was_cut_off_is_found_by_what_reports_name(typed, opened):
    typed("incident", "note", "the end")
    typed("verify", *NOBODY, code=7)
    file = opened / "timeline.jsonl"
    head = json.loads(typed("incident", "show", "--json"))["head"]
    file.write_text(file.read_text().splitlines()[0] + "\n")

    said = typed("incident", "verify", code=1)
    assert "names an entry with the SHA-256" in said
    assert "entries were taken away at the end" in said
    assert f"no entry has the SHA-256 {head}" in typed("incident", "verify", "--head", head, code=1)


def _tampered(file):
    file.write_text(file.read_text().replace("logins fail", "logins work"))


def _linked(file):
    file.rename(file.with_name("elsewhere"))
    file.symlink_to("elsewhere")


HARM = {
    "changed": (_tampered, "was changed: line 1 is not what was sealed", "incident open`"),
    "cannot be written": (_linked, "Too many levels of symbolic links", "enter it later with --at"),
}


@pytest.mark.promise
@pytest.mark.parametrize("harm", HARM)
def test_a_timeline_that_cannot_be_kept_changes_no_verdict(harm, typed, opened):
    do, said, way_out = HARM[harm]
    do(opened / "timeline.jsonl")
    before = (opened / "timeline.jsonl").read_bytes()

    told = " ".join(typed("verify", *NOBODY, code=7).split())

    assert "INCONCLUSIVE" in told
    assert "NOT in the incident's timeline: post_rollback: " in told
    assert said in told
    assert (opened / "result.json").exists()
    refused = typed("incident", "note", "x", code=4)
    assert way_out in refused
    assert "Traceback" not in refused
    assert (opened / "timeline.jsonl").read_bytes() == before


@pytest.mark.usefixtures("opened")
def test_a_run_that_was_ended_is_entered(typed, folder, subject):
    typed("capture", "--database-url", subject)
    when = {"number": signal.SIGTERM, "at": "rollproof.plugin.judge:Judge.call", "nth": 3}

    typed("verify", "--database-url", subject, code=143, **when)

    assert events(folder)[1:] == [("command", "capture", "done"), ("phase", "post_rollback", "INTERRUPTED")]


def test_a_command_that_could_not_ask_is_entered_and_one_that_was_mistyped_is_not(typed, folder, opened):
    typed("capture", *NOBODY[:2], code=7)
    typed("capture", "--jobs", "many", *NOBODY[:2], code=4)
    typed("verify", *NOBODY[:2], "--reference", "nowhere.json", code=4)

    assert events(folder)[1:] == [("command", "capture", "INCONCLUSIVE")]
    assert "127.0.0.1:1/x" in (opened / "record.md").read_text()

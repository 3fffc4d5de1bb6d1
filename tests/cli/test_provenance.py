"""What every report's head tells is what the server, the file and the operating system say themselves; and the role's advice."""

import datetime
import hashlib
import json
import os
import pwd
import re
import socket
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from types import SimpleNamespace

import msgspec
import psycopg
import pytest

from rollproof.probes.role_privileges import READER
from rollproof.server.reader import Target
from rollproof.sources.baseline import load, save
from rollproof.throwaway.servers.server import fresh_name

GROUND = """
CREATE TABLE people (id integer PRIMARY KEY, name text);
CREATE TABLE notes (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person integer REFERENCES people (id), said text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes USING (said = current_user);
CREATE SCHEMA closed CREATE TABLE kept (id integer PRIMARY KEY) CREATE VIEW seen AS SELECT * FROM kept;
INSERT INTO people SELECT n, 'p' || n FROM generate_series(1, 50) AS n;
INSERT INTO notes (person, said) SELECT n, 'x' FROM generate_series(1, 50) AS n;
SELECT lo_from_bytea(0, 'bytes');
REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC;
CREATE PUBLICATION all_of_it FOR TABLE people;
ANALYZE;
"""
AT_LOGIN = """
CREATE FUNCTION greet() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER at_the_door ON login EXECUTE FUNCTION greet();
"""
ITSELF = """
SELECT version(), (SELECT system_identifier::text FROM pg_control_system()) AS system, now() AS now, pg_is_in_recovery() AS standby,
       current_user AS role, inet_server_addr()::text AS address, inet_server_port() AS port, current_database() AS database
"""


def itself(url):
    """Ask the server, not our code."""
    with psycopg.connect(url, row_factory=psycopg.rows.namedtuple_row) as connection:
        return connection.execute(ITSELF).fetchone()


@pytest.fixture(scope="module")
def ground(server, tmp_path_factory):
    """A database, its baseline, and where both are; nobody but the superuser may enter it."""
    name, folder = fresh_name(), tmp_path_factory.mktemp("ground")
    server.create(name)
    url = server.dsn(name)
    with psycopg.connect(url, autocommit=True) as connection:
        made = GROUND + (AT_LOGIN if server.version >= 170000 else "")
        connection.execute(made)
        connection.execute(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")
    yield SimpleNamespace(url=url, folder=folder, name=name, made=made, baseline=folder / "baseline.json")
    server.drop(name)


@pytest.fixture(scope="module")
def verify(command, ground):
    """Call it with a URL and options to verify that database, with the folder's own modules at hand."""
    more = {"PYTHONPATH": str(ground.folder)}
    return lambda url, *options: command(ground.folder, "verify", "--database-url", url, *options, environment=more)


@pytest.fixture(scope="module")
def reader(command, ground):
    """The role that `capture` advises, made by the very statements it prints; its URL, and what was printed."""
    said = command(ground.folder, "capture", "--database-url", ground.url).output
    line = next(line for line in said.splitlines() if f"CREATE ROLE {READER}" in line)
    statements = re.findall(r"(?:CREATE ROLE|GRANT|ALTER ROLE)[^;]+;", line)
    with psycopg.connect(ground.url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.execute(f"ALTER ROLE {READER} PASSWORD 'reads-0nly'")
    target = Target.parse(ground.url).parameters
    yield SimpleNamespace(
        url=psycopg.conninfo.make_conninfo(**{**target, "user": READER, "password": "reads-0nly"}),
        said=said,
        statements=statements,
    )
    with psycopg.connect(ground.url, autocommit=True) as connection:
        connection.execute(f"DROP OWNED BY {READER}")
        connection.execute(f"DROP ROLE {READER}")


@pytest.fixture(scope="module")
def run(command, ground, reader, verify):
    """One verification by the superuser, with the baseline that the reader took, and what the server said before and after."""
    assert command(ground.folder, "capture", "--database-url", reader.url).returncode == 0
    before = itself(ground.url)
    done = verify(ground.url, "-v")
    assert done.returncode == 0, done.stdout + done.stderr
    return SimpleNamespace(before=before, after=itself(ground.url), said=done.stdout, reports=reports(ground.folder))


def reports(folder):
    at = folder / "rollproof-report"
    suite = ET.parse(at / "junit.xml").getroot().find("testsuite")  # noqa: S314 (we wrote it)
    page = Text((at / "report.html").read_text("utf-8"))
    return SimpleNamespace(
        properties={each.get("name"): each.get("value") for each in suite.find("properties")},
        page=page.all,
        summary=(at / "summary.md").read_text("utf-8").replace("\\", ""),
        result=json.loads((at / "result.json").read_bytes()),
    )


class Text(HTMLParser):
    """A page's text."""

    def __init__(self, html):
        super().__init__()
        self.all = ""
        self.feed(html)

    def handle_data(self, data):
        self.all += data


def moment(text):
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text), text
    return datetime.datetime.fromisoformat(text)


def sealed(path):
    """Return the SHA-256 of the snapshot part of a baseline as it stands in the file."""
    file = path.read_bytes()
    body = file[file.index(b'"snapshot":') + len(b'"snapshot":') : -1]
    assert json.loads(body)["origin"]
    return hashlib.sha256(body).hexdigest()


@pytest.mark.promise
def test_every_output_says_what_was_held_against_what_as_the_servers_and_the_file_say_it(run, ground):
    """Nothing here is asked of our own code: the server's word, `hashlib` over the file, and the operating system's."""
    told = {name.removeprefix("rollproof."): value for name, value in run.reports.properties.items()}
    second = datetime.timedelta(seconds=1)

    assert f"PostgreSQL {told['subject.server_version']}" in run.before.version
    assert told["subject.system"] == told["reference.system"] == run.before.system
    assert told["subject.standby"] == str(run.before.standby).lower()
    assert told["subject.role"] == told["subject.session_role"] == run.before.role
    assert told["subject.database"] == told["reference.database"] == ground.name
    assert (told["subject.host"], told["subject.port"]) == ("127.0.0.1", str(run.before.port))
    assert run.before.now - second <= moment(told["subject.instant"]) <= run.after.now
    assert told["reference.sha256"] == sealed(ground.baseline)
    assert told["reference.path"] == str(ground.baseline)
    assert (told["reference.role"], told["reference.signed"]) == (READER, "no")
    assert moment(told["reference.taken"]) <= run.before.now
    assert (
        0 <= float(told["reference.age_seconds"]) <= (run.after.now - moment(told["reference.taken"])).total_seconds()
    )
    assert (told["run.user"].partition(" ")[0], told["run.host"]) == (
        pwd.getpwuid(os.geteuid())[0],
        socket.gethostname(),
    )
    assert moment(told["run.started"]) <= moment(told["run.ended"])
    assert told["run.options"].startswith("--database-url ")

    shown = [value for name, value in told.items() if name.startswith(("subject.", "reference.", "run.")) and value]
    password = Target.parse(ground.url).parameters["password"]
    for text in (run.reports.page, run.reports.summary):
        assert [value for value in shown if value not in text] == []
    for text in (run.said, run.reports.page, run.reports.summary, json.dumps(run.reports.result), str(told)):
        assert told["reference.sha256"][:12] in text
        assert password not in text
    for text in (run.said, run.reports.page, run.reports.summary):
        assert [told[f"reference.{name}"] for name in ("taken", "host") if told[f"reference.{name}"] not in text] == []
        assert told["subject.instant"] in text
    of_json = run.reports.result["provenance"]
    assert of_json["reference"]["sha256"] == told["reference.sha256"]
    assert of_json["subject"]["system"] == run.before.system
    assert of_json["subject"]["instants"] == [told["subject.instant"]]


def test_the_head_on_the_terminal_is_three_lines(run):
    head = run.said[run.said.index("VERIFIED: all") :].split("\n", 1)[1].lstrip().splitlines()

    assert [line.partition(" ")[0] for line in head[:3]] == ["database", "reference", "run"]
    assert any(" verified" in line for line in head)


@pytest.mark.promise
def test_the_reader_that_is_advised_can_verify_all_that_the_superuser_can(run, ground, reader, verify):
    """Made by the printed statements alone, where row security, closed schemas and taken-back grants are in its way."""
    before = {(each["check"], each["parameter"]): each["kind"] for each in run.reports.result["outcomes"]}
    done = verify(reader.url)
    found = reports(ground.folder).result
    after = {(each["check"], each["parameter"]): each["kind"] for each in found["outcomes"]}

    assert [word.split()[0] for word in reader.statements] == ["CREATE", "GRANT", "GRANT", "GRANT", "ALTER"]
    assert (done.returncode, found["verdict"]) == (0, "VERIFIED"), done.stdout
    assert after == before
    assert "CREATE ROLE" not in done.stdout
    assert READER in run.said.partition("VERIFIED: all")[2]  # as a superuser


@pytest.mark.promise
def test_a_superuser_is_advised_once_and_a_login_event_trigger_is_named_in_every_report(command, run, ground, reader):
    doctor = command(ground.folder, "doctor", "--database-url", ground.url)
    notes = "\n".join(run.reports.result["notes"])
    outputs = [doctor.output, reader.said, run.said, run.reports.page, run.reports.summary, notes]

    assert [text.count("postgres is a superuser, and code") for text in outputs] == [1] * 6
    if AT_LOGIN in ground.made:  # from PostgreSQL 17
        assert [text.count("at_the_door of postgres calls public.greet()") for text in outputs] == [1] * 6


@pytest.mark.usefixtures("run")
def test_another_database_as_the_reference_is_told_with_its_own_instant(ground, database_from, verify):
    other = database_from(two_tables)
    before = itself(other)
    done = verify(ground.url, "--reference", other, "-k", "test_access_methods")
    told = reports(ground.folder).properties

    assert done.returncode == 0, done.stdout
    assert told["rollproof.reference.kind"] == "database"
    assert told["rollproof.reference.database"] == before.database != told["rollproof.subject.database"]
    assert before.now - datetime.timedelta(seconds=1) <= moment(told["rollproof.reference.instant"])
    assert told["rollproof.reference.where"] == str(Target.parse(other))
    assert "rollproof.reference.taken" not in told
    assert " ".join(reports(ground.folder).result["notes"]).count("role postgres is a superuser") == 1  # on both sides


def two_tables(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE people (); CREATE TABLE notes ()")


@pytest.mark.promise
def test_an_old_baseline_proves_nothing_beyond_the_limit_whatever_the_clients_clock_says(
    run, ground, wrong_clock, verify, monkeypatch
):
    """The age is between two clocks of servers: a client that lives 400 days later changes nothing of it."""
    wrong_clock(ground.folder)
    monkeypatch.setenv("WRONG_BY", str(400 * 86_400))
    only = ("-k", "test_tables or test_baseline_age", "-p", "wrong_clock")
    lately = verify(ground.url, "--max-baseline-age", "1", *only)
    young = reports(ground.folder)
    aged(ground.baseline, days=40)
    warned = verify(ground.url, *only)
    old = reports(ground.folder)
    refused, left_out = (
        verify(ground.url, "--max-baseline-age", "7", *words) for words in (only, ("-k", "test_access_methods"))
    )

    started = moment(young.properties["rollproof.run.started"])
    assert (started - run.before.now).days >= 399
    assert (lately.returncode, "baseline_age: " in lately.stdout) == (0, False), lately.stdout
    assert float(young.properties["rollproof.reference.age_seconds"]) < 3600
    assert warned.returncode == 0, warned.stdout
    assert "1 warning" in warned.said
    assert "baseline.json, 40 days old" in warned.said
    assert old.properties["rollproof.reference.age"] == "40 days earlier"
    assert refused.returncode == 7, refused.stdout
    assert "too old to prove anything" in refused.said
    assert "WARNING: the check baseline_age was left out, and the baseline baseline.json is too old" in left_out.said


def aged(path, days):
    """Seal the baseline again as if it had been taken so many days earlier."""
    snapshot = load(path)
    taken = datetime.datetime.fromisoformat(snapshot.origin.taken) - datetime.timedelta(days=days)
    origin = msgspec.structs.replace(snapshot.origin, taken=str(taken))
    save(msgspec.structs.replace(snapshot, origin=origin), path)

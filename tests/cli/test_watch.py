"""`rollproof watch`, as it is typed: steady, red, interrupted, refused; against a real database and a real application."""

import re
import signal

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from rollproof.incident import timeline
from rollproof.throwaway.servers.server import fresh_name

GROUND = """
CREATE TABLE orders (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);
INSERT INTO orders (note) VALUES ('first'), ('second');
"""
LINE = re.compile(
    r"\d\d:\d\d:\d\dZ round \d, \d+\.\d s: \d+ cases of definitions as they were; 1 of 1 endpoint good in \d\.\d\d s; "
    r"\d+ of \d+ connections; longest transaction (none|\d+\.\d s)"
)


@pytest.fixture(scope="module")
def night(server, command, tmp_path_factory):
    """A folder with a baseline, the URL of the database, and its name."""
    name, folder = fresh_name(), tmp_path_factory.mktemp("night")
    server.create(name)
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        connection.execute(GROUND)
    assert command(folder, "capture", "--database-url", server.dsn(name)).returncode == 0
    yield folder, server.dsn(name)
    server.drop(name)


@pytest.fixture
def watch(night, command, httpserver):
    """Call it with what the application answers, and words to type."""
    folder, url = night

    def watched(status, *typed, more="", **when):
        httpserver.expect_request("/health").respond_with_json({}, status=status)
        endpoint = f'[[endpoints]]\nname = "health"\nurl = "{httpserver.url_for("/health")}"\nmax_seconds = 20\n'
        (folder / "rollproof.toml").write_text(
            f'[watch]\nrounds = 2\nlasts = "0.6s"\nevery = "0.3s"\n{more}\n{endpoint}'
        )
        return command(folder, "watch", "--database-url", url, *typed, **when)

    return watched


def metrics(file):
    found = [each for family in text_string_to_metric_families(file.read_text()) for each in family.samples]
    return {each.name.removeprefix("rollproof_"): each.value for each in found if each.value or len(each.labels) == 3}


def test_nothing_is_red(watch, night, command):
    folder, _ = night
    command(folder, "incident", "open", "orders were gone")
    ended = watch(200, "--metrics-file", "shop.prom")
    last = timeline.read(folder / "rollproof-report")[-1].event
    values = metrics(folder / "shop.prom")
    command(folder, "incident", "close", "all is well")

    assert ended.returncode == 0, ended.output
    assert "not asked: rows (rollproof verify reads them)" in ended.stdout
    assert len([each for each in ended.stdout.splitlines() if LINE.fullmatch(each)]) == 2, ended.output
    assert "STEADY: nothing was red in 2 rounds" in ended.stdout
    assert (last.kind, last.verdict, last.exit_code, last.facts["rounds"][:2]) == ("watch", "STEADY", 0, "2,")
    assert last.facts["endpoints"] == "0.0% errors in 2 answers"
    assert (values["run_good"], values["watch_rounds"], values["database_up"], values["endpoint_up"]) == (1, 2, 1, 1)
    assert not (folder / "rollproof-report" / "report.html").exists()
    assert (folder / "rollproof-report" / "watch" / "report.html").is_file()
    assert len([*(folder / "rollproof-report" / "watch" / "runs").glob("*-steady")]) == 1


def test_a_definition_that_changes_ends_it(watch, night):
    with psycopg.connect(night[1], autocommit=True) as connection:
        connection.execute("ALTER TABLE orders ADD COLUMN later text")
        ended = watch(200, "--metrics-file", "shop.prom", "--for", "1h")
        connection.execute("ALTER TABLE orders DROP COLUMN later")
    values = metrics(night[0] / "shop.prom")

    assert ended.returncode == 1, ended.output
    assert "RED: leftovers: public.orders.later (column) was left behind" in ended.said
    assert (
        "NOT STEADY: red in round 1: column_order: public.orders changed; columns: public.orders.later was"
        in ended.said
    )
    assert (values["run_good"], values["exit_code"], values["watch_integrity_findings"]) == (0, 1, 3)
    assert values["last_good_run_timestamp_seconds"] == 0


def test_an_application_that_stays_down_ends_it(watch):
    ended = watch(503, "--for", "1h")

    assert ended.returncode == 1, ended.output
    assert "WARNING, 1 of 2 rounds in a row that make it red: endpoint 'health'" in ended.said
    assert re.search(
        r"NOT STEADY: red in round 2: endpoint 'health' \(http://\S+\): expected status 200, seen 503, in 2 rounds in a row",
        ended.said,
    )


def test_a_database_that_stays_away_ends_it(watch):
    ended = watch(200, "--for", "1h", "--database-url", "postgresql://nobody:s3cr3tCanary@127.0.0.1:9/shop")

    assert ended.returncode == 1, ended.output
    assert "DATABASE NOT ASKED; 1 of 1 endpoint good" in ended.stdout
    assert "red in round 2: the database cannot be asked: cannot connect to nobody@127.0.0.1:9/shop" in ended.said
    assert "s3cr3tCanary" not in ended.output


def test_a_session_that_idles_in_its_transaction_ends_it(watch, night):
    with psycopg.connect(night[1]) as forgotten:
        forgotten.execute("SELECT 1")
        ended = watch(200, "--for", "1h", more="max_idle_in_transaction_seconds = 0.001")

    assert ended.returncode == 1, ended.output
    assert re.search(
        r"red in round 2: a session is idle in a transaction for \d+ s, above the limit of 0.001 s", ended.said
    )


LOGIN = """min_answers = 1
max_error_rate = 1
[[endpoints]]
name = "login"
url = "{url}"
method = "POST"
token = "token"
max_seconds = 20
"""
SERVICE = """[[services]]
name = "backend"
manager = "supervisor"
unit = "{unit}"
control = "{control}"
"""


def test_logins_that_fail_end_it(watch, httpserver):
    httpserver.expect_request("/login").respond_with_json({"error": "no such user"}, status=401)
    ended = watch(200, "--for", "1h", more=LOGIN.format(url=httpserver.url_for("/login")))

    assert ended.returncode == 1, ended.output
    assert "NOT STEADY: red in round 1: 0.0% of 1 logins succeeded, below the limit of 95.0%" in ended.said
    assert "logins: 0.0% of 1 successful" in ended.stdout


def test_a_service_that_starts_again_and_again_ends_it(watch, supervised):
    ended = watch(200, "--for", "1h", "--every", "0.5s", more=SERVICE.format(unit="ends", control=supervised.control))

    assert ended.returncode == 1, ended.output
    assert "0 of 1 service good" in ended.stdout
    assert re.search(
        r"NOT STEADY: red in round \d: service 'backend'.* was started again within \d s: .*, in 2 rounds in a row",
        ended.said,
    )


def test_services_that_run_are_good(watch, supervised):
    more = SERVICE.format(unit="steady", control=supervised.control)
    ended = watch(200, more=more)

    assert ended.returncode == 0, ended.output
    assert "1 endpoint, 1 service\nnot asked: rows (rollproof verify reads them)\n" in ended.stdout
    assert ended.stdout.count("1 of 1 service good; ") == 2


def test_ctrl_c_ends_it_with_what_was_seen(watch, night):
    ended = watch(200, "--for", "1h", "--every", "30s", number=signal.SIGINT, after=0, at="time:sleep")

    assert ended.returncode == 130, ended.output
    assert "INTERRUPTED: ended by a signal after 1 round; nothing was red until then" in ended.stdout
    assert "rounds: 1, the longest" in ended.stdout
    assert [*(night[0] / "rollproof-report" / "watch" / "runs").glob("*-interrupted")]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("--every", "soon"), "--every is 'soon'; write a number and s, m or h, as in 30s or 30m"),
        (("--every", "2h", "--for", "1h"), "--every is 2h, longer than the whole watch of 1h"),
        (("--reference", "nowhere.json"), "nowhere.json"),
        (("--metrics-file", "shop.txt"), "node_exporter reads only files whose names end in .prom"),
    ],
)
def test_what_cannot_be_meant_is_refused(typed, words, watch):
    ended = watch(200, *typed)

    assert (ended.returncode, words in ended.said) == (4, True), ended.output
    assert "round 1" not in ended.stdout

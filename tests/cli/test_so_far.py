"""Bad news is told while the run goes on: on the terminal, as metrics, in the incident; and no news that is taken back."""

import json
import re
import signal

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from fixtures.incidents import events
from fixtures.waiting import within
from rollproof.system.background import background

# Each table is read by a statement of its own, but for those that are no larger than a page.
GROUND = """
-- It has no index, whose definition nobody could read while it is locked.
CREATE TABLE locked (id integer, note text);
INSERT INTO locked VALUES (1, 'x');
CREATE TABLE first AS TABLE locked;
CREATE TABLE logins AS TABLE locked;
CREATE TABLE orders (id integer PRIMARY KEY, note text);
INSERT INTO orders SELECT i, repeat('x', 400) FROM generate_series(1, 4000) AS i;
CREATE TABLE log AS TABLE orders;
CREATE TABLE kept AS TABLE orders;
ANALYZE;
"""
DAMAGE = """
UPDATE locked SET note = note;
UPDATE orders SET note = 'y' WHERE id = 7;
UPDATE kept SET note = 'y' WHERE id = 7;
INSERT INTO log VALUES (0, 'new');
"""
CONFIGURATION = """
tables."public.log".may_grow = true
[[waiver]]
check = "content"
identity = "public.kept"
reason = "on purpose"
until = 2999-01-01
"""
FIRST = "public.orders: rows changed, as many as before (written to since the baseline)"


def ground(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(GROUND)


@pytest.fixture
def shop(database_from, typed, tmp_path):
    """A damaged shop, and a folder with its baseline, in which an incident is open."""
    url = database_from(ground)
    (tmp_path / "rollproof.toml").write_text(CONFIGURATION)
    typed("capture", "--database-url", url)
    typed("incident", "open", "logins fail")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(DAMAGE)
    return url


@pytest.fixture
def verify(shop, command, tmp_path):
    """Call it to verify while nobody can read one of the tables; returns the future."""
    words = ("verify", "--database-url", shop, "--lock-timeout", "100", "--metrics-file", "shop.prom")
    with psycopg.connect(shop) as other:
        other.execute("LOCK TABLE locked")
        yield lambda **when: (background(lambda: command(tmp_path, *words, **when)), other)


def metrics(folder):
    text = (folder / "shop.prom").read_text("utf-8")
    assert text.endswith("# EOF\n")
    assert text.count("# EOF") == 1
    return {
        each.name.removeprefix("rollproof_"): each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


def so_far(ended):
    return re.findall(r"NOT RESTORED so far: (.*)", ended.output)


@pytest.mark.promise
def test_bad_news_is_told_while_the_run_goes_on_and_none_that_the_end_takes_back(verify, tmp_path):
    (tmp_path / "shop.prom").write_text(
        '# TYPE rollproof_run_good gauge\nrollproof_run_good{command="verify"} 1.0\n# EOF\n'
    )
    running, other = verify()
    told = ("so_far", "post_rollback", "NOT RESTORED so far")
    within(60, lambda: told in events(tmp_path))
    meanwhile = metrics(tmp_path)
    assert not running.done()
    other.rollback()
    ended = running.result(100)

    assert ended.returncode == 1, ended.output
    assert [line.partition(" · ")[0] for line in so_far(ended)] == [FIRST]
    assert re.search(r" · \d of 6 tables read$", so_far(ended)[0])
    assert (meanwhile["run_good"], meanwhile["run_bad_so_far"]) == (1, 1)
    assert meanwhile["run_bad_so_far_timestamp_seconds"] > 1_700_000_000
    assert (metrics(tmp_path)["run_good"], "run_bad_so_far" in metrics(tmp_path)) == (0, False)
    assert events(tmp_path)[1:] == [told, ("phase", "post_rollback", "NOT RESTORED")]
    result = json.loads((tmp_path / "rollproof-report" / "result.json").read_bytes())
    content = [each["parameter"] for each in result["outcomes"] if each["check"] == "content"]
    assert [name.removeprefix("public.") for name in content] == ["kept", "locked", "log", "orders", "first", "logins"]


def test_a_run_that_is_ended_names_what_it_had_found_of_tables_whose_case_had_no_turn(verify, tmp_path):
    running, _ = verify(number=signal.SIGINT, at="rollproof.plugin.run_metrics:Metrics.so_far")
    ended = running.result(100)

    assert ended.returncode == 130, ended.output
    result = json.loads((tmp_path / "rollproof-report" / "result.json").read_bytes())
    assert result["verdict"] == "INTERRUPTED"
    assert f"found before the run was ended: {FIRST}" in result["notes"]
    assert not any(each["check"] == "content" and each["parameter"] == "public.orders" for each in result["outcomes"])

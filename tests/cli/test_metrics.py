"""--metrics-file, as verify writes it: the newest file says what the newest run came to, also where that never began."""

import shutil
import stat
import subprocess

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from rollproof.throwaway.servers.server import fresh_name

GROUND = """
CREATE TABLE orders (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);
INSERT INTO orders (note) VALUES ('first'), ('second');
ANALYZE;
"""


def values(file):
    """Return the values that have no labels of their own, by name, and the verdict."""
    found = [each for family in text_string_to_metric_families(file.read_text()) for each in family.samples]
    word = next(each.labels["verdict"] for each in found if each.name == "rollproof_verdict" and each.value)
    plain = {each.name.removeprefix("rollproof_"): each.value for each in found if len(each.labels) == 3}
    return word, plain


@pytest.fixture(scope="module")
def night(server, command, tmp_path_factory):
    """A folder with a baseline, and the words that verify needs there."""
    name, folder = fresh_name(), tmp_path_factory.mktemp("night")
    server.create(name)
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        connection.execute(GROUND)
    url = ("--database-url", server.dsn(name))
    assert command(folder, "capture", *url).returncode == 0
    (folder / "shown").mkdir()
    yield folder, (*url, "--metrics-file", "shown/shop.prom")
    server.drop(name)


@pytest.fixture(scope="module")
def good(night, command):
    """What a good run wrote."""
    folder, options = night
    ended = command(folder, "verify", *options)
    assert ended.returncode == 0, ended.output
    return values(folder / "shown" / "shop.prom")


def test_a_good_run_is_told(good, night):
    word, plain = good
    file = night[0] / "shown" / "shop.prom"

    assert (word, plain["run_good"], plain["exit_code"]) == ("VERIFIED", 1, 0)
    assert plain["last_run_timestamp_seconds"] == plain["last_good_run_timestamp_seconds"]
    assert plain["baseline_timestamp_seconds"] <= plain["last_run_timestamp_seconds"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert 'rollproof_sequence_headroom_ratio{command="verify"' in file.read_text()
    assert [each.name for each in file.parent.iterdir()] == ["shop.prom"]


@pytest.mark.usefixtures("good")
def test_promtool_has_nothing_to_say(night):
    if not (promtool := shutil.which("promtool")):
        pytest.skip("promtool (Debian's prometheus) is not installed here")
    with (night[0] / "shown" / "shop.prom").open() as file:
        said = subprocess.run([promtool, "check", "metrics"], stdin=file, capture_output=True, text=True, check=False)

    assert (said.returncode, said.stdout + said.stderr) == (0, "")


@pytest.mark.promise
@pytest.mark.usefixtures("good")
def test_no_password_is_in_it(night, server):
    assert server.dsn("x").split(":")[2].split("@")[0] not in (night[0] / "shown" / "shop.prom").read_text()


@pytest.mark.parametrize(
    "came",
    [
        (("--reference", "nowhere.json"), 4, "MISUSE"),
        (("--database-url", "postgresql://nobody@127.0.0.1:9/shop"), 7, "INCONCLUSIVE"),
        (("-m", "post_rollback and types"), 0, "PARTLY VERIFIED"),
    ],
)
def test_what_is_not_good_stands_where_the_good_one_stood(came, good, night, command):
    (typed, code, word), (folder, options) = came, night
    ended = command(folder, "verify", *options, *typed)
    said, plain = values(folder / "shown" / "shop.prom")

    assert (ended.returncode, said, plain["run_good"]) == (code, word, 0), ended.output
    assert plain["last_run_timestamp_seconds"] > good[1]["last_run_timestamp_seconds"]
    last_good = 0 if code == 7 else good[1]["last_good_run_timestamp_seconds"]  # that database never had one
    assert plain["last_good_run_timestamp_seconds"] == pytest.approx(last_good, abs=2)


def test_a_look_writes_none(night, command):
    folder, options = night
    command(folder, "verify", *options, "--metrics-file", "look.prom", "--dry-run")

    assert not (folder / "look.prom").exists()


def test_a_name_that_nobody_reads_is_refused_before_the_run(night, command):
    folder, options = night
    ended = command(folder, "verify", *options, "--metrics-file", "shop.txt")

    assert (ended.returncode, "node_exporter reads only files whose names end in .prom" in ended.said) == (4, True)
    assert not (folder / "shop.txt").exists()

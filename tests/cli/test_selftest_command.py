"""`rollproof selftest` as users type it: what is printed, which files are there, and one sentence for what cannot be meant."""

import json
import os
import re

import jsonschema
import pytest

from fixtures.every import every
from fixtures.hostile_names import hostile
from fixtures.runner_commands import obeyed, shown
from rollproof.model.printable import BLANK
from rollproof.rehearsal.selftest.reports.files import formats
from rollproof.system.bundle import suite_root

SHOP = """
CREATE TABLE orders (id int PRIMARY KEY, total numeric NOT NULL, note text NOT NULL);
INSERT INTO orders VALUES (1, 2, 'a secret of anna''s');
"""
WAIVER = """
metrics_file = "shop.prom"
strict = true
[[waiver]]
check = "columns"
identity = "public.orders.note"
reason = "MIG-412"
until = 2099-06-01
"""
URL = "postgresql://postgres:opensesame@nowhere.example/shop"
ONLY = ("--only", "NOT NULL lost")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A folder with the shop's schema and its configuration, and a report of a run."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.sql").write_text(SHOP)
    (folder / "rollproof.toml").write_text(WAIVER)
    (folder / "rollproof-report").mkdir()
    (folder / "rollproof-report" / "report.html").write_text("of a run")
    return folder


@pytest.fixture(scope="module")
def blind(command, shop):
    """How a self-test ended that a waiver makes blind."""
    github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(shop / "summary"), "ROLLPROOF_DATABASE_URL": URL}
    return command(shop, "selftest", "--source", "shop.sql", *ONLY, environment=github)


def test_a_waiver_is_a_blind_spot_that_strictly_counts(blind):
    assert blind.returncode == 1, blind.output
    assert blind.stdout.startswith("BLIND SPOTS: 1 of 2 planted faults was not seen, each for a reason of yours\n")
    assert "columns      2      1      1        ·          ·      ·       ·" in blind.stdout
    assert "\nexit code 1: BLIND SPOTS\n" in blind.stdout


@pytest.mark.promise
def test_a_waiver_that_hides_a_fault_is_named_in_each_report(blind, shop):
    reports = shop / "rollproof-report"
    told = json.loads((reports / "selftest.json").read_text("utf-8"))

    jsonschema.validate(told, json.loads((suite_root() / "reports" / "selftest.schema.json").read_text("utf-8")))
    assert {(each["identity"], each["word"]) for each in told["faults"]} == {
        ("public.orders.total", "seen"),
        ("public.orders.note", "waived"),
    }
    for text in (blind.stdout, *((reports / name).read_text("utf-8") for name in formats())):
        assert "MIG" in text
        assert "public.orders.note" in text
    assert (reports / "report.html").read_text() == "of a run"


def test_a_runner_is_told_and_so_is_who_measures(blind, shop):
    metrics = dict(line.rsplit(" ", 1) for line in (shop / "shop.prom").read_text("utf-8").splitlines())
    of_it = 'command="selftest",database="postgres@nowhere.example/shop",phase="selftest"'

    assert [each.properties["title"] for each in obeyed(blind.stdout)] == ["BLIND SPOTS", "waived: 1 of columns"]
    assert (shop / "summary").read_text("utf-8").startswith("# BLIND SPOTS")
    assert metrics[f'rollproof_selftest_faults{{{of_it},word="waived"}}'] == "1.0"
    assert metrics[f"rollproof_run_good{{{of_it}}}"] == "0.0"


@pytest.mark.promise
@every("secret", ["opensesame", "a secret of anna"])
def test_no_password_and_no_value_of_a_row_is_printed_or_written(secret, blind, shop):
    files = [path for path in shop.rglob("*") if path.is_file() and path.name != "shop.sql"]

    assert secret not in blind.output
    assert [path for path in files if secret in path.read_bytes().decode("utf-8", "replace")] == []


def test_a_sceptic_reads_what_would_be_planted(command, tmp_path):
    (tmp_path / "shop.sql").write_text(SHOP)
    done = command(tmp_path, "selftest", "--database-url", URL, "--source", "shop.sql", "--list", *ONLY)

    assert done.returncode == 0, done.output
    assert "-- columns: NOT NULL lost: public.orders.total\n" in done.stdout
    assert "\nALTER TABLE public.orders ALTER COLUMN total DROP NOT NULL;\n" in done.stdout
    assert done.stdout.endswith("-- 2 faults; none was planted\n")
    assert not (tmp_path / "rollproof-report").exists()


@every(
    "typed, told",
    [
        ((), "which database? pass --database-url"),
        (("--seconds", "0"), "--seconds takes SECONDS, a number, more than 0; '0' is none"),
        (("--seconds", "soon"), "--seconds takes SECONDS, a number, more than 0; 'soon' is none"),
        (("--sample", "0.5"), "--sample takes ROWS, a whole number, more than 0; '0.5' is none"),
        (("--database-url", URL, "--only", " "), "--only takes a PATTERN"),
        (("--database-url", URL, "--list", "--resume"), "--list tries no fault; leave out --seconds and --resume"),
        (("--database-url", URL, "--source", "nothing.sql"), "there is no file nothing.sql"),
        (("--database-url", URL, "--metrics-file", "x.txt"), "name it x.prom"),
        (("--database-url", URL, "--keep-runs", "3"), "No such option '--keep-runs'"),
        (("--database-url", URL, "all"), "Got unexpected extra argument (all)"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_sentence(typed, told, command, tmp_path):
    done = command(tmp_path, "selftest", *typed)

    assert done.returncode == 4, done.output
    assert told in done.said
    assert "opensesame" not in done.output
    assert not (tmp_path / "rollproof-report").exists()


@pytest.mark.skipif("ROLLPROOF_FAULTS" not in os.environ, reason="by night, or with ROLLPROOF_FAULTS: 1,600 faults")
def test_no_name_moves_a_cursor_or_commands_a_runner(command, server, tmp_path):
    """The list of all that would be planted, and each report of what was."""
    told = {}
    with hostile(server) as (url, _):
        for way in (["--list"], ["--seconds", "30"]):
            done = command(tmp_path, "selftest", "--database-url", url, *way)
            assert done.returncode in (0, 1), done.output
            told[way[0]] = shown(done.output)
    told |= {name: (tmp_path / "rollproof-report" / name).read_text("utf-8") for name in formats()}

    for what, text in told.items():
        odd = {letter for letter in text if letter != "\n" and (letter in BLANK or not letter.isprintable())}
        assert odd == set(), what
        assert obeyed(text) == [], what
        assert not re.search(r"^\s{0,3}FORGED", text, re.MULTILINE) or what.endswith("html"), what

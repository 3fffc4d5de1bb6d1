"""`rollproof selftest` as users type it: what is printed, which files are there, and one sentence for what cannot be meant."""

import json

import jsonschema
import pytest

from fixtures.every import every
from fixtures.runner_commands import obeyed
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


@pytest.fixture
def selftest(command, tmp_path):
    """Call it with arguments for a self-test of the shop's schema, in a folder with its configuration."""
    (tmp_path / "shop.sql").write_text(SHOP)
    (tmp_path / "rollproof.toml").write_text(WAIVER)
    return lambda *typed, **variables: command(
        tmp_path, "selftest", *typed, environment={"ROLLPROOF_DATABASE_URL": URL, **variables}
    )


@pytest.mark.promise
def test_a_waiver_is_a_blind_spot_that_is_told_everywhere_and_strictly_counts(selftest, tmp_path):
    reports, step = tmp_path / "rollproof-report", tmp_path / "summary"
    reports.mkdir()
    (reports / "report.html").write_text("of a run")
    done = selftest("--source", "shop.sql", *ONLY, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(step))

    assert done.returncode == 1, done.output
    assert done.stdout.startswith("BLIND SPOTS: 1 of 2 planted faults was not seen, each for a reason of yours\n")
    assert "columns      2      1      1        ·          ·      ·       ·" in done.stdout
    assert "MIG-412" in done.stdout
    assert "\nexit code 1: BLIND SPOTS\n" in done.stdout
    assert {path.name for path in reports.iterdir() if path.is_file()} >= {"report.html", *formats()}
    assert (reports / "report.html").read_text() == "of a run"
    told = json.loads((reports / "selftest.json").read_text("utf-8"))
    jsonschema.validate(told, json.loads((suite_root() / "reports" / "selftest.schema.json").read_text("utf-8")))
    assert {(each["identity"], each["word"]) for each in told["faults"]} == {
        ("public.orders.total", "seen"),
        ("public.orders.note", "waived"),
    }
    assert [each.properties["title"] for each in obeyed(done.stdout)] == ["BLIND SPOTS", "waived: 1 of columns"]
    assert step.read_text("utf-8").startswith("# BLIND SPOTS")
    metrics = dict(line.rsplit(" ", 1) for line in (tmp_path / "shop.prom").read_text("utf-8").splitlines())
    of_it = 'command="selftest",database="postgres@nowhere.example/shop",phase="selftest"'
    assert metrics[f'rollproof_selftest_faults{{{of_it},word="waived"}}'] == "1.0"
    assert metrics[f"rollproof_run_good{{{of_it}}}"] == "0.0"
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "shop.sql"]
    for secret in ("opensesame", "a secret of anna"):
        assert [path for path in files if secret in path.read_bytes().decode("utf-8", "replace")] == []
        assert secret not in done.output


def test_a_sceptic_reads_what_would_be_planted(selftest, tmp_path):
    done = selftest("--source", "shop.sql", "--list", *ONLY)

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

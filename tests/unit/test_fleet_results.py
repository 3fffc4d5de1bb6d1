"""The folder of a fleet: what stands where, what of an earlier run goes, and what is not believed."""

import json
from dataclasses import replace

import pytest
from psycopg.conninfo import conninfo_to_dict

from fixtures.every import every
from fixtures.sample_fleets import COLUMN, INDEX, fleet, target
from rollproof.commands.kept_runs import kept_runs, report_of
from rollproof.commands.shown_run import shown
from rollproof.fleet.job import Answer
from rollproof.fleet.psql_address import psql_address
from rollproof.fleet.results import Results
from rollproof.fleet.target import FleetTarget
from rollproof.model.errors import Misuse
from rollproof.report.history.listing import lines

SQL = b"BEGIN;\nCREATE INDEX x ON public.a (b);\nCOMMIT;\n"
CANARY = "s3cr3tCanary"
WHERE = {"user": "u", "host": "h", "port": "5433", "dbname": "d"}


@pytest.fixture
def results(tmp_path):
    return Results(tmp_path, "html,json,junit,markdown", 3)


def keep(results, outcome, script=b"", schema=None, **files):
    found = {name.replace("_", "."): text for name, text in files.items()} | ({"repair.sql": script} if script else {})
    url = f"postgresql://u:{CANARY}@db/{'shop' if schema else outcome.name}?sslpassword={CANARY}&passfile=/p"
    return results.keep(Answer(outcome, {"result.json": b"{}", **found}), FleetTarget(outcome.name, url, schema))


def read(path):
    return path.read_text("utf-8")


def test_a_target_has_a_folder_and_the_fleet_one_report(results, tmp_path):
    bad = keep(results, target("a", INDEX, folder="", page=""), SQL, report_html=b"x")
    good = keep(results, target("b"))
    told = fleet(bad, good)

    assert results.publish(told) == ()
    assert (bad.folder, bad.page, good.folder, good.page) == ("targets/a", "report.html", "targets/b", "")
    assert sorted(each.name for each in (tmp_path / "targets" / "a").iterdir()) == [
        "repair.sql",
        "report.html",
        "result.json",
    ]
    assert {each.name for each in tmp_path.iterdir()} == {
        "fleet.html",
        "fleet.json",
        "fleet.md",
        "junit.xml",
        "runs",
        "targets",
    }
    assert [each["folder"] for each in json.loads(read(tmp_path / "fleet.json"))["targets"]] == [
        "targets/a",
        "targets/b",
    ]


def test_what_an_earlier_run_left_of_a_target_or_of_all_is_gone(results, tmp_path):
    """A red page beside a green result would be read by somebody, and a script for what is mended would be run."""
    some = [keep(results, target(name, INDEX), SQL, report_html=b"red", junit_xml=b"red") for name in ("a", "b")]
    results.publish(fleet(*some))
    (tmp_path / "targets" / "a" / "notes.txt").write_text("mine")
    (tmp_path / "report.html").write_text("of a run of one database")

    again = Results(tmp_path, "json", 3)
    again.publish(fleet(keep(again, target("a"))))

    assert sorted(each.name for each in (tmp_path / "targets" / "a").iterdir()) == ["notes.txt", "result.json"]
    assert not [*(tmp_path / "repairs").iterdir()]
    assert {each.name for each in tmp_path.iterdir() if each.is_file()} == {"fleet.json"}


def test_targets_that_the_same_statements_put_right_share_one_script(results, tmp_path):
    some = [keep(results, target(name, INDEX, baseline="b" + name), SQL) for name in ("a", "b", "c")]
    other = keep(results, target("d", INDEX), b"SELECT 1;\n")
    results.publish(fleet(*some, other))
    (script,) = (tmp_path / "repairs").glob("*.sql")

    assert read(script).endswith("\n\n" + SQL.decode())
    assert read(script).startswith(
        "-- For 3 targets of this group: 4 targets lack index orders_x of public.orders\n-- Made of the baselines"
    )
    listed = [conninfo_to_dict(line)["dbname"] for line in read(script.with_suffix(".targets")).splitlines()]
    assert listed == ["a", "b", "c"]
    assert read(tmp_path / "targets" / "d" / "repair.sql").endswith("\n\nSELECT 1;\n")


def test_schemas_of_one_database_stand_in_one_script(results, tmp_path):
    some = [
        keep(results, target(name, INDEX), f"ALTER TABLE {name}.x;\n".encode(), schema=name) for name in ("t1", "t2")
    ]
    results.publish(fleet(*some))
    (script,) = (tmp_path / "repairs").glob("*.sql")

    assert [line for line in read(script).splitlines() if line.startswith("ALTER")] == [
        "ALTER TABLE t1.x;",
        "ALTER TABLE t2.x;",
    ]
    assert len(read(script.with_suffix(".targets")).splitlines()) == 1


def test_a_script_that_somebody_changed_is_not_passed_on(results, tmp_path):
    some = [keep(results, target(name, INDEX), SQL) for name in ("a", "b")]
    for name in ("a", "b"):
        file = tmp_path / "targets" / name / "repair.sql"
        file.write_text(read(file) + "DROP TABLE public.a;\n")
    results.publish(fleet(*some))
    (script,) = (tmp_path / "repairs").glob("*.sql")

    assert "DROP" not in read(script)
    assert "-- left out, for" in read(script)


def test_no_secret_of_an_address_is_in_any_file(results, tmp_path):
    results.publish(fleet(*(keep(results, target(name, INDEX), SQL) for name in ("a", "b"))))
    files = [each for each in tmp_path.rglob("*") if each.is_file()]

    assert len(files) > 8
    assert [each.name for each in files if CANARY in read(each)] == []


@every(("url", "told"), [
    ("service=shop", {"service": "shop"}),
    (f"postgresql://u:{CANARY}@h:5433/d?sslmode=require", {**WHERE, "sslmode": "require"}),
    (f"host=/a dbname='it\\'s' password={CANARY}", {"host": "/a", "dbname": "it's"}),
    (f"host=h scram_client_key={CANARY}", {"host": "h"}),
    (f"postgresql://u:{CANARY}@h/a%0Ab", {}),
    (f"postgresql://u:a@{CANARY}@h/d", {}),
])  # fmt: skip
def test_psql_is_told_where_a_database_is_and_no_secret(url, told):
    address = psql_address(url, {"PGPASSWORD": CANARY})

    assert conninfo_to_dict(address) == told
    assert CANARY not in address
    assert "\n" not in address


@every(("url", "told"), [
    ("dbname=d", {"host": "db-1", "port": "5433", "dbname": "d", "user": "u"}),
    ("postgresql://db-2/d", {"host": "db-2", "port": "5433", "dbname": "d", "user": "u"}),
    ("service=shop", {"service": "shop"}),
])  # fmt: skip
def test_whoever_has_other_variables_meets_the_same_server(url, told):
    environment = {"PGHOST": "db-1", "PGPORT": "5433", "PGUSER": "u", "PGDATABASE": "other"}

    assert conninfo_to_dict(psql_address(url, environment)) == told
    assert conninfo_to_dict(psql_address("dbname=d", {**environment, "PGSERVICE": "s"})) == {
        "service": "s",
        "dbname": "d",
    }


def test_a_folder_that_cannot_be_written_is_said_and_the_others_go_on(results, tmp_path):
    (tmp_path / "targets").mkdir()
    (tmp_path / "targets" / "a").write_text("a file")
    some = [keep(results, target(name, INDEX)) for name in ("a", "b")]

    (problem,) = results.publish(fleet(*some))

    assert problem.startswith(f"NOT written: {tmp_path / 'targets' / 'a'}: ")
    assert (tmp_path / "targets" / "b" / "result.json").exists()


def test_fleets_are_kept_and_listed_among_the_runs(results, tmp_path):
    for roots in ((COLUMN,), (INDEX,), (), ()):
        results.publish(fleet(keep(results, target("a", *roots)), keep(results, target("b"))))
    runs = kept_runs(tmp_path)

    assert {(each.kind, each.database) for each in runs} == {("fleet", "tenants.txt")}
    assert [(each.verdict, each.causes) for each in runs] == [("NOT RESTORED", 1), ("VERIFIED", 0), ("VERIFIED", 0)]
    assert any("VERIFIED" in line for line in lines(runs))
    assert json.loads(shown(runs[0], "json"))["verdict"] == "NOT RESTORED"
    for ask in (lambda: report_of(runs[0]), lambda: shown(runs[0], "text")):
        with pytest.raises(Misuse, match="is of many databases"):
            ask()


@every("content", ["", "[]", '{"format": 1}', '{"format": 99, "verdict": "x", "exit_code": 1}'])
def test_half_a_fleet_is_listed_as_not_read(content, tmp_path):
    place = tmp_path / "runs" / "2026-11-30T080728.971Z-verified"
    place.mkdir(parents=True, exist_ok=True)
    (place / "fleet.json").write_text(content)

    assert kept_runs(tmp_path)[0].problem.startswith("its fleet.json ")


def test_targets_with_the_same_differences_share_them_in_memory(results):
    some = [keep(results, target(name, *(type(INDEX)(*("x" * 3,) * 5),))) for name in ("a", "b")]

    assert some[0].roots[0] is some[1].roots[0]


def test_an_answer_names_neither_another_target_nor_another_place(results, tmp_path):
    lies = Answer(replace(target("../../b"), earlier=True), {"result.json": b"{}", "../../../x": b"x", "a/b": b"x"})

    kept = results.keep(lies, FleetTarget("a", "postgresql://h/a"))

    assert (kept.name, kept.folder, kept.earlier) == ("a", "targets/a", False)
    assert [each.relative_to(tmp_path).as_posix() for each in tmp_path.rglob("*") if each.is_file()] == [
        "targets/a/result.json"
    ]


def test_a_report_of_an_earlier_run_is_there_only_as_it_was_written(results, tmp_path):
    kept = keep(results, target("a"))
    path = tmp_path / "targets" / "a" / "result.json"

    assert results.has(kept)
    path.write_bytes(b'{"verdict": "VERIFIED"}')
    assert not results.has(kept)
    path.unlink()
    assert not results.has(kept)


def test_a_format_that_there_is_not_is_told_before_anybody_is_asked(tmp_path):
    with pytest.raises(Misuse, match="there is no format github"):
        Results(tmp_path, "html,github")

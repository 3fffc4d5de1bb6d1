"""The kept examples: what is told first, how much, and how large each report is; made anew here of the kept runs."""

import importlib.util
from pathlib import Path

import msgspec

from fixtures.every import every
from rollproof.report import json, markdown
from rollproof.report.stored import read
from rollproof.verdict.overview import overview

_SPEC = importlib.util.spec_from_file_location("tools_examples", Path(__file__).parents[2] / "tools" / "examples.py")
examples = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(examples)
RUNS = examples.runs()
HEADLINES = {
    "dropped-table": "1 table differs, 9 do not; 1 cause, 48 consequences",
    "five-mistakes": "4 tables differ, 6 do not; 5 causes, 12 consequences",
    "four-hundred-tables": "400 tables differ; 5 causes, 400 consequences",
    "green": "",
    "inconclusive": "10 tables undecided, 0 decided",
    "not-rolled-back": "4 tables and 1 other object differ; 6 causes, 20 consequences",
}
FIRST = {
    "dropped-table": ("public.reviews", "table missing"),
    "five-mistakes": ("public.orders", "column total: numeric(12,2), was numeric(10,2)"),
    "four-hundred-tables": ("public.table_00000", "1 row more than before"),
    "not-rolled-back": ("public.reminders", "column id: uuid, was varchar(36); default changed"),
}
NEXT = {
    "dropped-table": "rollproof repair",
    "five-mistakes": "rollproof repair",
    "four-hundred-tables": "rollproof repair",
    "inconclusive": "GRANT pg_read_all_data TO verifier;",
    "not-rolled-back": "run the rollback to its end",
}


def test_each_story_is_kept():
    assert {name: overview(run).headline for name, run in RUNS.items()} == HEADLINES


@every("name", [*FIRST])
def test_the_first_screen_names_table_cause_and_next_command(name):
    table, cause = FIRST[name]
    shown = "\n".join(examples.printed(RUNS[name]))

    assert overview(RUNS[name]).places[0].name == table
    assert overview(RUNS[name]).places[0].causes[0].words_at(table) == cause
    assert table in shown
    assert f"next: {NEXT[name]}" in shown


@every("name", [*RUNS])
def test_every_report_is_small(name):
    run = RUNS[name]
    lines = [*examples.printed(run)]

    assert len(lines) <= (12 if name == "green" else 40)
    assert len(markdown.summary(run).encode()) <= 200_000
    assert overview(read(json.result(run))).headline == HEADLINES[name]


def test_what_is_missing_to_decide_is_granted_first():
    assert overview(RUNS["inconclusive"]).next_steps[0] == NEXT["inconclusive"]


def test_nobody_s_host_is_in_a_kept_run():
    for path in examples.EXAMPLES.glob("*/result.json"):
        kept = msgspec.json.decode(path.read_bytes())

        assert {kept["provenance"]["client"]["host"], kept["provenance"]["subject"]["host"]} == {"desk", "db.example"}

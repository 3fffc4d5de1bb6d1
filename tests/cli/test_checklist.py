"""The checklist before a rollback, as a person meets it: printed, ticked in the incident, written into every report."""

import json
import re
from pathlib import Path

import psycopg

SHOP = Path(__file__).parents[2] / "scenarios/cases/shop.sql"
CONFIGURED = """
[contacts]
DBA = "Ann, +49 30 1"
[[checklist]]
item = "call the bank"
[[checklist]]
item = "open the shop"
phase = "post_rollback"
"""


def test_what_a_person_ticked_is_done_in_the_next_run_and_what_was_not_asked_is_not(command, database_from, tmp_path):
    url = database_from(SHOP)
    (tmp_path / "rollproof.toml").write_text(CONFIGURED)
    assert command(tmp_path, "capture", "--database-url", url).returncode == 0
    typed = ("verify", "pre_rollback", "--database-url", url, "--reference", "baseline.json", "-k", "other_sessions")
    for words in (("open", "ids are <b>lower</b> case"), ("note", "--done", "Call the  bank", "at 02:10")):
        assert command(tmp_path, "incident", *words).returncode == 0
    mistyped = command(tmp_path, "incident", "note", "--done", "call the bunk")
    with psycopg.connect(url, application_name="backend"):
        ended = command(tmp_path, *typed)

    assert (mistyped.returncode, ended.returncode) == (4, 1), mistyped.output + ended.output
    assert "the checklist has no item 'call the bunk'; did you mean `call the bank`?" in mistyped.said
    shown = [line.strip() for line in ended.stdout.partition("checklist: ")[2].splitlines()[1:13]]
    assert [line.partition(":")[0] for line in shown] == [
        "[x] identify the issue",
        "[?] document the current state",
        "[?] verify backup integrity",
        "[!] assess impact on running applications",
        "[ ] notify stakeholders",
        "[!] stop all application services",
        "[?] current-state backup",
        "[?] rollback script available",
        "[x] database reachable",
        "[-] prepare monitoring",
        "[?] prepare logging",
        "[x] call the bank",
    ]
    told = {each["item"]: each["told"] for each in _report(tmp_path, "result.json")["checklist"]}
    assert re.fullmatch(r"ticked by .+@.+, 20\S+Z: at 02:10", told["call the bank"])
    assert told["notify stakeholders"] == "DBA: Ann, +49 30 1"
    assert ", application backend, is still connected: 1 session, process " in told["stop all application services"]
    assert "☑ call the bank: ticked by" in (tmp_path / "rollproof-report/summary.md").read_text()
    assert "ids are &lt;b&gt;lower&lt;/b&gt; case" in (tmp_path / "rollproof-report/report.html").read_text()


def _report(folder, name):
    return json.loads((folder / "rollproof-report" / name).read_text())

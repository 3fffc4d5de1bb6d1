"""The checklist: each item by what the run asked; never done without an answer, and never failed beside a good verdict."""

import dataclasses
from typing import Any

import pytest

from fixtures.every import every
from fixtures.sample_reports import outcome, report
from rollproof.model.errors import Misuse
from rollproof.model.event import Entry, Event
from rollproof.model.finding import Finding
from rollproof.model.phase import PHASES
from rollproof.model.provenance import NOWHERE
from rollproof.model.traffic import TableTraffic
from rollproof.report.markdown import summary
from rollproof.report.terminal import Files, lines
from rollproof.settings.options import Settings
from rollproof.settings.people import ByHand
from rollproof.verdict.checklist import ChecklistItem
from rollproof.verdict.measured import AnswerTime
from rollproof.verdict.outcome import KINDS, NotConfigured, Outcome
from rollproof.verdict.procedure_items import checklist, known_item, names
from rollproof.verdict.record import Record
from rollproof.verdict.run_verdict import Ending, verdict
from rollproof.verdict.selected import Selected
from rollproof.verdict.state_before import StateKept

PHASE = "pre_rollback"
ALL = Selected(40, 40)
CHECKS = (
    *("at_risk", "backup", "backup_content", "blocking_sessions", "migration_log", "other_sessions"),
    *("rollback_command", "services", "state_backup"),
)
READY: dict[str, Any] = {"phase": PHASE, "verdict": "READY", "exit_code": 0, "selection": ALL}


def case(check: str, kind: Any = "verified", sentence: str = "it says why", **rest: Any) -> Outcome:
    found = (Finding(check, "it", sentence=sentence),) if kind in ("not restored", "warning") else ()
    return outcome(kind, sentence if kind == "inconclusive" else "", found, check=check, **rest)


def items(*outcomes: Outcome, settings: Settings | None = None, **rest: Any) -> dict[str, ChecklistItem]:
    made = checklist(report(*outcomes, **{**READY, **rest}), settings or Settings())
    return {each.item: each for each in made}


def told(item: ChecklistItem) -> str:
    return f"{item.state}: {item.told}"


def entry(kind: Any, text: str = "", verdict: str = "", **facts: str) -> Entry:
    return Entry(1, "2026-11-29T02:14:00+00:00", "ann@desk", Event(kind, kind, verdict, text=text, facts=facts), "")


def incident(*entries: Entry) -> dict[str, Any]:
    return {"record": Record((entry("opened", "ids are lower case"), *entries))}


def test_before_a_rollback_every_item_of_the_procedure_is_there_and_the_users_own_follow():
    own = Settings(checklist=(ByHand("call the bank"), ByHand("open the shop", "post_rollback")))
    procedure = [
        *("identify the issue", "document the current state", "verify backup integrity"),
        *("assess impact on running applications", "notify stakeholders", "stop all application services"),
        *("current-state backup", "rollback script available", "database reachable"),
        *("prepare monitoring", "prepare logging"),
    ]

    assert [*items(settings=own)] == [*procedure, "call the bank"]
    assert names(own, "post_rollback") == ("open the shop",)
    assert [*items(settings=own, phase="post_rollback")] == ["open the shop"]
    assert [*items(phase="post_migration")] == []


@pytest.mark.promise
def test_nothing_is_done_where_nothing_was_asked():
    found = items(provenance=NOWHERE)

    assert {each.state for each in found.values()} == {"by hand", "in doubt", "not configured"}


def test_what_was_asked_and_answered_is_done():
    kept = StateKept("before.json", "ab12", "dumps/shop.dump", "12 tables, 3,204 rows counted in it")
    found = items(
        *map(case, CHECKS),
        settings=Settings(metrics_file="/srv/m.prom"),
        state_kept=kept,
        traffic=(TableTraffic("public.users", 1_204, 9), TableTraffic("public.tags", 0, 2)),
        answers=(AnswerTime("health", 0.1, 0.25),),
        **incident(entry("notice", "post_rollback to 2 addresses", "sent")),
    )

    assert {name: told(each) for name, each in found.items()} == {
        "identify the issue": "done: the incident that is open: ids are lower case",
        "document the current state": "done: before.json, SHA-256 ab12",
        "verify backup integrity": "done: checked: backup, backup_content",
        "assess impact on running applications": "done: busiest: public.users (1,204 rows written); "
        "answers: health 0.25 s; checked: at_risk, blocking_sessions, other_sessions",
        "notify stakeholders": "done: told 2026-11-29T02:14:00Z: post_rollback to 2 addresses",
        "stop all application services": "done: checked: services",
        "current-state backup": "done: dumps/shop.dump: 12 tables, 3,204 rows counted in it",
        "rollback script available": "done: checked: rollback_command",
        "database reachable": "done: PostgreSQL shop answers",
        "prepare monitoring": "by hand: metrics go to /srv/m.prom: see that your alerts read it",
        "prepare logging": "done: checked: migration_log",
    }


@every("item, check", [
    ("verify backup integrity", "backup_content"),
    ("assess impact on running applications", "at_risk"),
    ("stop all application services", "services"),
    ("stop all application services", "other_sessions"),
    ("current-state backup", "state_backup"),
    ("rollback script available", "rollback_command"),
    ("prepare logging", "migration_log"),
])  # fmt: skip
def test_what_a_check_finds_is_what_its_item_says(item, check):
    found = items(*(case(each, "not restored" if each == check else "verified", "it is empty") for each in CHECKS))

    assert told(found[item]) == "failed: it is empty"


@pytest.mark.promise
def test_a_doubt_is_no_yes():
    found = items(*(case(each, "inconclusive", "locked\nwait") for each in CHECKS))

    assert told(found["verify backup integrity"]) == "in doubt: locked (and 1 more)"
    assert told(found["rollback script available"]) == "in doubt: locked"


def test_a_part_that_answered_does_not_stand_for_the_whole():
    half = items(case("backup_content"), selection=Selected(1, 40, ("selected by -k",)))
    unset = items(case("at_risk"), not_configured=(NotConfigured("backup", ("backup",), "there is no schema x"),))

    assert told(half["verify backup integrity"]) == "in doubt: it was not asked in this run"
    assert told(unset["verify backup integrity"]) == "not configured: [backup]: there is no schema x"
    unset_services = NotConfigured("services", ("services",), "no [[services]] in rollproof.toml")
    services = items(case("at_risk"), not_configured=(unset_services,))["stop all application services"]
    assert told(services) == "not configured: no [[services]] in rollproof.toml"
    assert told(unset["stop all application services"]) == "not configured: [[services]]"
    assert told(unset["current-state backup"]) == "not configured: --state-backup DIR"


def test_a_person_ticks_what_a_run_cannot_know_and_nothing_else():
    ticked = [
        entry("note", "by telephone", item=name) for name in ("Notify  stakeholders", "rollback script available")
    ]
    found = items(
        case("rollback_command", "not restored", "it is not found"),
        settings=Settings(checklist=(ByHand("call the bank"),)),
        **incident(*ticked),
    )

    assert told(found["notify stakeholders"]) == "done: ticked by ann@desk, 2026-11-29T02:14:00Z: by telephone"
    assert told(found["rollback script available"]) == "failed: it is not found"
    assert told(found["call the bank"]) == "by hand: "


def test_an_item_that_nobody_knows_cannot_be_ticked():
    own = Settings(checklist=(ByHand("Call the bank", "post_rollback"),))

    assert known_item("call  THE bank", own) == "Call the bank"
    assert known_item("notify stakeholders", own) == "notify stakeholders"
    with pytest.raises(
        Misuse, match=r"--done: the checklist has no item 'call the bunk'; did you mean `call the bank`\?"
    ):
        known_item("call the bunk", own)
    with pytest.raises(Misuse, match=r"has no item 'xyz'; the items are: identify the issue, .*, Call the bank"):
        known_item("xyz", own)


def test_without_notices_the_contacts_say_whom_to_tell():
    found = items(settings=Settings(contacts={"DBA": "Ann, +49 30 1"}))

    assert told(found["notify stakeholders"]) == "by hand: DBA: Ann, +49 30 1"


@pytest.mark.promise
@every("kind", KINDS)
@every("check", CHECKS)
def test_ready_beside_a_failed_item_cannot_be(kind, check):
    """Whatever one check comes to: if that fails an item, the run is not READY."""
    outcomes = tuple(case(each, kind if each == check else "verified") for each in CHECKS)
    ending = Ending(phase=PHASES[PHASE], selection=ALL, checks=frozenset(CHECKS), any_table=True)
    word, code, sentence = verdict(outcomes, ending)
    found = items(*outcomes, verdict=word, exit_code=code, sentence=sentence)

    assert not any(each.state == "failed" for each in found.values()) or code != 0
    assert code != 0 or all(each.state != "in doubt" for each in found.values() if each.item not in OF_THE_RUN)


OF_THE_RUN = ("document the current state",)


def test_a_database_that_gives_no_answer_is_not_reachable():
    found = items(trouble="connection refused\nis it running?", exit_code=7, verdict="INCONCLUSIVE")

    assert told(found["database reachable"]) == "in doubt: connection refused"
    assert "done" not in {each.state for each in found.values()}


def test_the_terminal_has_a_line_for_each_item_and_the_summary_a_box():
    made = report(*map(case, CHECKS), **READY)
    made = dataclasses.replace(made, checklist=checklist(made, Settings(checklist=(ByHand("call @all"),))))
    shown = [line.text for line in lines(made, Files("report.html", "report.html"))]

    begins = shown.index("checklist: [x] done  [!] failed  [?] in doubt  [-] not configured  [ ] by hand")
    assert [*map(str.strip, shown)][begins + 12] == "[ ] call @all"
    assert "  [x] rollback script available: checked: rollback_command" in shown
    assert "  [ ] call @all" in shown
    assert "- ☑ rollback script available: checked: rollback\\_command\n" in summary(made)
    assert "- ☐ call @&#8203;all: **by hand**\n" in summary(made)


def test_a_long_checklist_is_counted():
    own = Settings(checklist=tuple(ByHand(f"item {number}") for number in range(50)))
    made = report(**READY)
    shown = [line.text for line in lines(dataclasses.replace(made, checklist=checklist(made, own)))]

    assert "  … and 41 more items in the report" in shown


def test_an_error_of_our_own_is_told_without_its_traceback():
    reason = "self = <StateBackup object>\n\n    def findings(self):\nE   ZeroDivisionError: division by zero"
    ready = items(outcome("broken", reason, check="state_backup"))

    assert told(ready["current-state backup"]) == "failed: state_backup ended in an error of rollproof's own"

"""The table of phases: its essentials are real checks of the phase, its words are the manual's, its rules are known."""

import re
from pathlib import Path
from typing import get_args

import pytest

from rollproof.migration.log import MigrationLog, flaws
from rollproof.model.phase import PARTLY, PHASES, LogEntry, Phase, TableState
from rollproof.settings.sections import Log
from rollproof.verdict.outcome import Outcome
from rollproof.verdict.run_verdict import Ending, verdict
from rollproof.verdict.selected import Selected

ROOT = Path(__file__).parents[2]
EACH = pytest.mark.parametrize("phase", PHASES.values(), ids=str)


def all_of(phase):
    return {check for essential in phase.essentials for check in essential.checks}


def row(phase, columns):
    """Return a phase's row of that table in the manual which has so many columns after the phase's name."""
    rows = re.findall(rf"^\| `{phase}` \|(.*)\|$", (ROOT / "docs/phases.md").read_text("utf-8"), re.MULTILINE)
    return next(cells for cells in (found.split("|") for found in rows) if len(cells) == columns)


def judged(phase, *kinds, cases=2):
    outcomes = [Outcome(check, "", "verified", "high") for check in all_of(phase)]
    outcomes += [Outcome("columns", "", kind, "high") for kind in kinds]
    return verdict(outcomes, Ending(phase, Selected(2, cases, ("selected by -k",))))


def test_the_phases_come_in_this_order():
    assert list(PHASES) == ["pre_migration", "post_migration", "pre_rollback", "post_rollback"]
    assert all(phase.essentials for phase in PHASES.values())


@EACH
def test_an_essential_check_is_one_of_its_phase_and_the_manual_names_it(phase):
    assert set(re.findall(r"`(\w+)`", row(phase, 1)[0])) == all_of(phase)
    for check in all_of(phase):
        assert f"mark.{phase}" in (ROOT / "checks" / f"test_{check}.py").read_text("utf-8"), check


@EACH
def test_each_is_missed_by_itself_and_one_check_of_it_is_enough(phase):
    checks = all_of(phase)
    for essential in phase.essentials:
        assert phase.missing(checks, checks - {*essential.checks}) == (essential,)
        for check in essential.checks:
            assert phase.missing(checks, (checks - {*essential.checks}) | {check}) == ()


@EACH
def test_what_was_left_out_knowingly_is_not_missed(phase):
    for essential in phase.essentials:
        rest = all_of(phase) - {*essential.checks}
        assert phase.missing(rest, rest) == ()


@EACH
def test_the_verdict_has_the_words_of_its_phase_which_are_the_manuals(phase):
    assert judged(phase) == (phase.good, 0, phase.good_sentence)
    assert judged(phase, "warning") == (phase.good, 0, f"{phase.good_sentence}, with 1 warning")
    assert judged(phase, "not restored") == (phase.bad, 1, phase.bad_sentence)
    assert judged(phase, cases=3)[0] == PARTLY + phase.good
    assert judged(phase, "not restored", cases=3)[0] == phase.bad
    assert [cell.strip() for cell in row(phase, 4)[2:]] == [phase.good, phase.bad]


@EACH
def test_pg_dump_is_asked_in_the_phases_of_its_check(phase):
    assert phase.asks_pg_dump == (f"mark.{phase}" in (ROOT / "checks/test_pg_dump.py").read_text("utf-8"))


def test_no_phase_expects_what_no_rule_knows():
    assert {phase.log for phase in PHASES.values()} == set(get_args(LogEntry))
    assert {phase.tables for phase in PHASES.values()} == set(get_args(TableState))
    nothing = MigrationLog("m", Log(), ())
    assert [len(list(flaws(nothing, phase.log))) for phase in PHASES.values()] == [0, 1, 1, 1]


def test_a_phase_is_told_by_its_name():
    (first, *_) = PHASES.values()

    assert isinstance(first, Phase)
    assert f"-m {first}" == "-m pre_migration"

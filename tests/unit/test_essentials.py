"""What each phase cannot do without: real checks of that phase, and named where they are missing."""

import re
from pathlib import Path

import pytest

from rollproof.verdict.essentials import ESSENTIALS, missing

ROOT = Path(__file__).parents[2]
PHASES = ("pre_migration", "post_migration", "pre_rollback", "post_rollback")


def all_of(phase):
    return {check for essential in ESSENTIALS[phase] for check in essential.checks}


def test_every_phase_has_some():
    assert tuple(ESSENTIALS) == PHASES
    assert all(ESSENTIALS.values())


@pytest.mark.parametrize("phase", PHASES)
def test_an_essential_check_is_one_of_its_phase_and_the_manual_names_it(phase):
    (row,) = re.findall(rf"^\| `{phase}` \| ([^|]*`.*) \|$", (ROOT / "docs/phases.md").read_text("utf-8"), re.MULTILINE)

    assert set(re.findall(r"`(\w+)`", row)) == all_of(phase)
    for check in all_of(phase):
        assert f"mark.{phase}" in (ROOT / "checks" / f"test_{check}.py").read_text("utf-8"), check


@pytest.mark.parametrize("phase", PHASES)
def test_each_is_missed_by_itself_and_one_check_of_it_is_enough(phase):
    checks = all_of(phase)
    for essential in ESSENTIALS[phase]:
        assert missing(phase, checks, checks - {*essential.checks}) == (essential,)
        for check in essential.checks:
            assert missing(phase, checks, (checks - {*essential.checks}) | {check}) == ()


@pytest.mark.parametrize("phase", PHASES)
def test_what_was_left_out_knowingly_is_not_missed(phase):
    for essential in ESSENTIALS[phase]:
        rest = all_of(phase) - {*essential.checks}
        assert missing(phase, rest, rest) == ()

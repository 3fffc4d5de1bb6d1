"""What `rollproof explain` prints: every check, phase, family, verdict and exit code, in 80 columns."""

import pytest

from fixtures.every import every
from rollproof.commands import explained
from rollproof.model.errors import Misuse
from rollproof.model.phase import PHASES
from rollproof.system.bundle import told
from rollproof.verdict.vocabulary import EXIT_CODES

ALL = [*explained.words(), *map(str, EXIT_CODES), "143", "not-restored", "partly verified", "Nothing checked"]


@every("word", ALL)
def test_every_word_is_explained_in_80_columns(word):
    lines = list(explained.of_word(word))

    assert lines
    assert max(map(len, lines)) <= 80


def test_all_checks_are_listed_once_with_severity_and_phases():
    lines = list(explained.table())

    assert max(map(len, lines)) <= 80
    assert sorted(line.split()[0] for line in lines if line.startswith("  ")) == sorted(explained.checks())
    assert any(line.split()[:3] == ["backup_age", "high", "·234"] for line in lines)


@every("phase", [*PHASES])
def test_a_phase_lists_its_checks(phase):
    listed = {line.split()[0] for line in explained.table(phase=phase) if line.startswith("  ")}

    assert listed == {name for name, each in explained.checks().items() if phase in each.phases}


def test_a_check_says_what_it_promises_and_how_to_mend_what_it_found():
    each = told("columns")

    assert (each.severity, each.phases, each.family) == ("critical", ("post_rollback",), "types")
    assert each.families == ("structure", "types", "constraints")
    assert each.promises.startswith("Every column has its type")
    assert each.mend.startswith("`rollproof repair --only")
    assert "\n" not in each.promises + each.fails + each.mend + each.blind


@every(
    ("word", "first"),
    [
        ("143", "exit code 143: ended by the signal SIGTERM (15); reports are written, unless it"),
        ("columns [public.a]", "columns: severity critical;"),
        ("checks/test_columns.py", "columns: severity critical;"),
        ("verified, with warnings", "VERIFIED, exit code 0: a verdict of post_rollback"),
        ("PARTLY READY", "PARTLY READY, exit code 0: a verdict of any phase"),
    ],
)
def test_a_word_is_taken_as_the_reports_write_it(word, first):
    assert next(iter(explained.of_word(word))).startswith(first)


@every(
    ("word", "meant"),
    [
        ("PARTLY NOT RESTORED", "nothing here is called PARTLY NOT RESTORED"),
        ("255", "no command of rollproof ends with 255"),
        ("indexs", "did you mean indexes?"),
        ("post_rolback", "did you mean post_rollback"),
        ("inconclusiv", "did you mean INCONCLUSIVE?"),
        ("99", "no command of rollproof ends with 99"),
        ("zzzz", "nothing here is called zzzz"),
    ],
)
def test_a_mistyped_word_is_answered_with_the_one_that_may_be_meant(word, meant):
    with pytest.raises(Misuse) as told_off:
        list(explained.of_word(word))

    assert meant in str(told_off.value)


def test_what_is_mistyped_or_empty_in_a_list_is_refused():
    with pytest.raises(Misuse, match="did you mean backup"):
        list(explained.table(family="backups"))
    with pytest.raises(Misuse, match="did you mean pre_rollback"):
        list(explained.table(phase="pre_rolback"))
    with pytest.raises(Misuse, match="no check of the family rows is run in pre_migration"):
        list(explained.table("pre_migration", "rows"))


def test_what_is_not_compared_is_said_with_the_reason():
    lines = list(explained.not_compared_lines())

    assert lines[:2] == ["the bytes of large objects:", "    only their number, owner and grants are compared"]
    assert max(map(len, lines)) <= 80

"""The house keeps its own rules; each test lists all offenders. tests/unit/test_rules.py sees each rule find one."""

from pathlib import Path

import pytest

from tests.house import one_place, rules
from tests.house.source_tree import Checkout

OURS = Checkout(Path(__file__).parents[2])
RULES = [
    rules.maps,
    rules.downwards,
    rules.doors,
    rules.cycles,
    rules.surroundings,
    rules.applied,
    rules.relative,
    rules.checks_import,
    rules.checks_explain,
    rules.checks_marks,
    rules.names,
    rules.unit_tests,
    rules.untold,
    one_place.phase_names,
    rules.promises,
]
# What is too long today; both numbers may only shrink.
LONG_FILES = 5
LONG_FUNCTIONS = 40


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_rules(rule):
    offenders = rule(OURS)

    assert not offenders, "\n".join([rule.__doc__, *offenders])


def test_files_and_functions_fit_on_a_page():
    files, functions = rules.long_files(OURS), rules.long_functions(OURS)

    assert len(files) <= LONG_FILES, "\n".join(files)
    assert len(functions) <= LONG_FUNCTIONS, "\n".join(functions)

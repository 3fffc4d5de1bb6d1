"""The house keeps its own rules; each test lists all offenders. tests/unit/test_rules.py sees each rule find one."""

from pathlib import Path

import pytest

from tests.house import one_place, rules, written
from tests.house.measures import arrows_between_rooms, floors
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
    rules.long_files,
    rules.unit_tests,
    rules.untold,
    one_place.phase_names,
    one_place.environment,
    one_place.kinds_of_sources,
    one_place.plugins_by_name,
    rules.promises,
    written.links,
    written.index,
    written.options,
    written.messages,
]
# What is longer than 25 lines outside the engine, where nothing is; how many rooms know of each other, on how many floors.
LONG_FUNCTIONS, ARROWS, FLOORS = 17, 124, 12


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_rules(rule):
    offenders = rule(OURS)

    assert not offenders, "\n".join([rule.__doc__, *offenders])


def test_functions_fit_on_a_page():
    functions = rules.long_functions(OURS)
    of_the_engine = [function for function in functions if function.startswith("rollproof/")]

    assert not of_the_engine, "\n".join(of_the_engine)
    assert len(functions) <= LONG_FUNCTIONS, "\n".join(functions)


def test_rooms_know_of_few_others():
    rooms = arrows_between_rooms(OURS)

    assert floors(rooms) <= FLOORS
    assert sum(map(len, rooms.values())) <= ARROWS, "\n".join(
        f"{room} → {sorted(rooms[room])}" for room in sorted(rooms)
    )

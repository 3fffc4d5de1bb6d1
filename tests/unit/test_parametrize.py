"""Which checks a phase imports, and the names of cases."""

import ast

from fixtures.every import every
from rollproof.model.markers import MARKERS
from rollproof.model.phase import PHASES
from rollproof.plugin import SEVERITY
from rollproof.plugin.bundled import in_phase
from rollproof.plugin.case import id_of
from rollproof.plugin.parametrize import COSTS
from rollproof.system.bundle import check_files


def marks(file):
    """Return the names of the marks that a check's file assigns, as Python reads it."""
    tree = ast.parse(file.read_text("utf-8"))
    (assigned,) = (each for each in tree.body if isinstance(each, ast.Assign) and each.targets[0].id == "pytestmark")
    return [getattr(mark, "attr", None) or mark.func.attr for mark in assigned.value.elts]


@every("phase", PHASES)
def test_a_check_is_imported_in_its_phases_and_in_no_other(phase):
    marked = {slug for slug, file in check_files().items() if phase in marks(file)}

    assert {slug for slug, file in check_files().items() if in_phase(file, phase)} == marked


def test_a_check_waits_for_one_thing_at_most():
    assert [slug for slug, file in check_files().items() if len({*marks(file)} & {*COSTS}) > 1] == []


def test_a_name_becomes_an_id_that_is_no_path_and_no_markup():
    assert id_of('public."a/b [c]\n<d>"') == 'public."a%2Fb%20%5Bc%5D%0A%3Cd%3E"'


def test_a_users_own_check_may_say_how_severe_its_failure_is_in_any_run():
    assert SEVERITY in MARKERS

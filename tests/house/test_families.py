"""What `-m "post_rollback and FAMILY"` selects: everything about the subject that the family is named after."""

import ast
import re
from pathlib import Path

import pytest

from rollproof.catalog.queries import queries
from rollproof.model.markers import MARKERS
from rollproof.model.phase import PHASES
from rollproof.plugin.parametrize import COSTS as COSTS_IN_ORDER

ROOT = Path(__file__).parents[2]
CHECKS = sorted(path.stem.removeprefix("test_") for path in (ROOT / "checks").glob("test_*.py"))
OF_NO_FAMILY = {"waivers"}  # it judges the configuration, against all checks that ran
COSTS = {*COSTS_IN_ORDER}  # what a check waits for, which is no family

FAMILIES = {
    "types": "backup_columns casts collations columns unconvertible_values nothing_lost operator_classes "
    "table_states transforms types",
    "constraints": "columns constraints foreign_key_triggers indexes primary_keys nothing_lost orphans partitions types",
    "rows": "at_risk backup_content migrated_counts migrated_rows rows backup_agreement untouched_rows",
    "content": "at_risk backup_content baseline content large_objects migrated_rows query_results unconvertible_values "
    "sequence_values backup_agreement untouched_rows",
    "orphans": "migrated_edges orphans",
    "backup": "backup backup_age backup_columns backup_content backup_privileges backup_readers backup_agreement "
    "state_backup",
    "endpoints": "commands endpoint_answers endpoint_latency endpoint_values endpoints",
    "services": "services",
    "log": "baseline_age migration_log",
    "traffic": "other_sessions blocking_sessions prepared_transactions disk_space rollback_command",
}
NOT_STRUCTURE = [
    "commands",
    "endpoint_answers",
    "endpoint_latency",
    "endpoint_values",
    "at_risk",
    "backup",
    "backup_age",
    "backup_columns",
    "backup_content",
    "backup_privileges",
    "backup_readers",
    "baseline",
    "baseline_age",
    "other_sessions",
    "content",
    "query_results",
    "endpoints",
    "blocking_sessions",
    "migrated_counts",
    "migrated_edges",
    "migrated_rows",
    "migration_log",
    "unconvertible_values",
    "orphans",
    "disk_space",
    "rows",
    "sequence_values",
    "services",
    "state_backup",
    "rollback_command",
    "backup_agreement",
    "untouched_rows",
]
FAMILIES["structure"] = " ".join(sorted({*CHECKS} - {*NOT_STRUCTURE} - OF_NO_FAMILY))


def marks(check):
    tree = ast.parse((ROOT / "checks" / f"test_{check}.py").read_text("utf-8"))
    (assigned,) = (each for each in tree.body if isinstance(each, ast.Assign) and each.targets[0].id == "pytestmark")
    return {mark.attr for mark in assigned.value.elts if isinstance(mark, ast.Attribute)}


def declared():
    """Return the markers that are families of checks, with their descriptions."""
    return dict(line.split(": ", 1) for line in MARKERS if "(" not in line)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_these_checks_and_no_others(family):
    assert {check for check in CHECKS if family in marks(check)} == set(FAMILIES[family].split())


def test_every_check_has_a_family_and_every_family_is_declared():
    assert {check for check in CHECKS if not marks(check) - PHASES.keys() - COSTS} == OF_NO_FAMILY
    assert FAMILIES.keys() == declared().keys() - COSTS


def test_a_family_has_the_checks_of_its_name():
    """A person who types a word means whatever goes by that word."""
    lacking = {
        (family, check)
        for family in FAMILIES
        for check in CHECKS
        if re.search(rf"(^|_){family}(_|$)", check) and family not in marks(check)
    }

    assert lacking == set()


def test_every_facet_that_is_compared_is_structure():
    assert [facet for facet in queries(180000) if facet in CHECKS and "structure" not in marks(facet)] == []


def test_the_manual_lists_the_families():
    manual = (ROOT / "docs" / "phases.md").read_text("utf-8")
    listed = {
        name: set(re.findall(r"`(\w+)`", checks))
        for name, checks in re.findall(r"^\| `(\w+)` \| .*? \| (.*) \|$", manual, re.MULTILINE)
    }

    assert {family: listed.get(family) for family in FAMILIES if family != "structure"} == {
        family: set(checks.split()) for family, checks in FAMILIES.items() if family != "structure"
    }
    assert "structure" in listed

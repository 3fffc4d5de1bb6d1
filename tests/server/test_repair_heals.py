"""The printed script puts planted changes back, run as a person runs it; each that stays is known here, with its reason.

The changes are data (tests/data/mutations). Those of a kind that concern different facts are made together, in one database, and
undone by one script; a batch that does not heal is halved until the culprits are known. One half of the batches is repaired from a
baseline with pg_dump's entries, the other from facts alone; ROLLPROOF_REPAIRS=all does both with each.
"""

import os

import pytest

from fixtures.planted import Bench, batches, planted

ALL = os.environ.get("ROLLPROOF_REPAIRS") == "all"
KINDS = sorted({change.kind for change in planted()})
RESTS: dict[str, str] = {}
"""What no statement mends: the change, and words of the reason in the script."""


@pytest.fixture(scope="module", params=[True, False], ids=["pg_dump", "facts alone"])
def bench(request, pytestconfig):
    """A server on which a database is made, changed, repaired and verified, again and again."""
    where = pytestconfig.option.server or os.environ.get("ROLLPROOF_SERVER") or "auto"
    with Bench(where, with_pg_dump=request.param) as bench:
        yield bench


def possible(bench, kind=None):
    return [change for change in planted() if kind in {None, change.kind} and not bench.impossible(change)]


@pytest.mark.parametrize("kind", KINDS)
def test_planted_changes_are_undone_by_the_printed_script(kind, bench):
    """Nothing differs afterwards, no row is lost, no statement refused; of harmless changes nothing is printed."""
    groups = batches(change for change in possible(bench, kind) if str(change) not in RESTS)
    mine = groups if ALL else groups[0 if bench.with_pg_dump else 1 :: 2]
    tried = [told for group in mine for told in bench.heal_together(group)]

    assert [f"{change}: {outcome}" for change, outcome in tried if outcome.word != "healed"] == []
    assert kind != "harmless" or [outcome.script for _, outcome in tried if outcome.script] == []


def test_what_stays_is_named_with_its_reason(bench):
    """Exactly that: a change that heals by now is to be taken out of the list."""
    tried = {str(change): bench.heal(change) for change in possible(bench) if str(change) in RESTS}

    wrong = {
        name: str(outcome)
        for name, outcome in tried.items()
        if outcome.word != "rest named" or not any(RESTS[name] in why for why in outcome.left.values())
    }
    assert wrong == {}
    assert RESTS.keys() <= {str(change) for change in planted()}

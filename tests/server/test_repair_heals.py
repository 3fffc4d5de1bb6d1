"""The printed script puts planted changes back, run as a person runs it; each that stays is known here, with its reason.

The changes are data (tests/data/mutations). Those of a kind that concern different facts are made together, in one database, and
undone by one script; a batch that does not heal is halved until the culprits are known. By day a twelfth of the batches is repaired
from a baseline with pg_dump's entries, another from facts alone; ROLLPROOF_REPAIRS=all does both with each.
"""

import os

import pytest

from fixtures.planted import Bench, batches, planted

ALL = os.environ.get("ROLLPROOF_REPAIRS") == "all"
KINDS = sorted({change.kind for change in planted()})
_OWN = "as well, which no ALTER can change: it takes a new table"
_PARTITIONED = "no ALTER changes how a table is partitioned"
_EXTENSION = "only its script, or a CREATE EXTENSION anew, has its definition"
RESTS = {
    "columns: inherited column became its own": _OWN,
    "constraints: inherited check became its own": _OWN,
    "followers: grants on a multirange and on array types": "only a change of the catalogue itself did",
    "followers: owner of what follows its table or type, in the catalogue alone": "only a change of the catalogue itself",
    "foreign_key_triggers: a trigger missing altogether": "one of the server's own triggers is gone",
    "partitions: inherits in another order": "it inherits in another order",
    "partitions: no longer inherits": _OWN,
    "tables: other partition key": _PARTITIONED,
    "tables: other partition operator class or collation": _PARTITIONED,
    "world: database sorted by another version of the library": "only the library goes back",
    "world: extension of another version": "if the server has a script from version",
    "world: function of an extension replaced": _EXTENSION,
    "world: large object left behind": "a large object was left behind",
    "world: large object lost": "only a backup has its bytes",
    "world: replication origin left behind": "unless a replica needs it",
    "world: table of an extension with another column, a type with another label, an operator with another estimate":
        _EXTENSION,
}  # fmt: skip
"""What no statement mends: the change, and words of the reason in the script."""


@pytest.fixture(scope="module", params=[True, False], ids=["pg_dump", "facts"])
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
    mine = groups if ALL else groups[0 if bench.with_pg_dump else 3 :: 12]
    tried = [told for group in mine for told in bench.heal_together(group)]

    assert [f"{change}: {outcome}" for change, outcome in tried if outcome.word != "healed"] == []
    assert kind != "harmless" or [outcome.script for _, outcome in tried if outcome.script] == []


def test_what_stays_is_named_with_its_reason(bench):
    """Exactly that: a change that heals by now is to be taken out of the list."""
    mine = [change for change in possible(bench) if str(change) in RESTS]
    tried = {str(change): bench.heal(change) for change in (mine if ALL else mine[3 * bench.with_pg_dump :: 6])}

    wrong = {
        name: str(outcome)
        for name, outcome in tried.items()
        if outcome.word != "rest named" or not any(RESTS[name] in why for why in outcome.left.values())
    }
    assert wrong == {}
    assert RESTS.keys() <= {str(change) for change in planted()}

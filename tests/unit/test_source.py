"""Which table a fact belongs to: every fact has one owner, so none is compared twice or never."""

from hypothesis import given
from hypothesis import strategies as st

from fixtures.every import every
from rollproof.model.names import sql_name
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.rows.row_hash import ALGORITHM
from rollproof.sources.recorded import Recorded
from rollproof.sources.table_groups import EVERYTHING, GROUPS, MANY, table_groups, ungrouped

ORIGIN = Origin("shop", "7000000000000000001", 150018, "2026-11-24 10:00:00+00", None, "0.1.0")
# PostgreSQL refuses only the empty name and the zero byte.
raw_names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12)
hostile_names = raw_names | st.text("\". ()'$\n%{}[]/\\:", min_size=1, max_size=6)
tables = st.builds("{}.{}".format, hostile_names.map(sql_name), hostile_names.map(sql_name))


@given(st.lists(tables, max_size=8, unique=True), st.lists(tables, max_size=8), st.lists(hostile_names, max_size=3))
def test_every_fact_has_exactly_one_owner(known, others, bare):
    identities = [
        *known,
        *others,
        *bare,
        *(f"{table}.id" for table in [*known, *others]),
        *(f"{t} (id)" for t in known),
    ]
    side = Recorded(Snapshot(ORIGIN, {"any": dict.fromkeys(identities, "")}), "the reference")
    for together in (False, True):
        family = [*table_groups(tuple(sorted(known)), together=together), ungrouped(tuple(known))]

        owned = [identity for owner in family for identity in side.known("any", owner).facts]

        assert sorted(owned) == sorted(set(identities))
        assert not together or len(family) <= 2, "all tables, and what belongs to none"
    assert set(side.known("any", EVERYTHING).facts) == set(identities)


@every("count", [MANY, MANY + 1, MANY + GROUPS - 1, 2 * MANY])
def test_many_tables_are_grouped_and_none_is_lost(count):
    known = tuple(f"public.t{n:04}" for n in range(count))

    family = table_groups(known)

    assert sorted(name for owner in family for name in owner.names) == list(known)
    assert len(family) == count if count <= MANY else len(family) <= GROUPS


def test_an_unknown_fact_belongs_to_its_tables_owner():
    side = Recorded(Snapshot(ORIGIN, {"any": {}}, {"any": {"public.a.x": "hidden", "public.b.x": "hidden"}}), "r")

    assert set(side.known("any", table_groups(("public.a",))[0]).unknown) == {"public.a.x"}
    assert set(side.known("any", ungrouped(("public.a",))).unknown) == {"public.b.x"}


def test_a_fingerprint_of_another_algorithm_is_unknown_and_never_a_difference():
    """Baselines of 0.1.0 hold sums of row texts."""
    origin = Origin("shop", "1", 180000, "2026-01-01", None, "0.1.0")
    facts = {"public.a": "-1234567890123456789", "public.b": f"{ALGORITHM}:5"}
    known = Recorded(Snapshot(origin, {"content": facts, "rows": {}}), "baseline.json").known("content", EVERYTHING)

    assert known.facts == {"public.b": f"{ALGORITHM}:5"}
    assert "take the baseline again" in known.unknown["public.a"]

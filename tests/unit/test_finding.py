"""A finding: what it says by itself, and in which order many of them come."""

from hypothesis import given
from hypothesis import strategies as st

from rollproof.model.compare import Difference
from rollproof.model.finding import Finding

texts = st.none() | st.text(max_size=3)
findings = st.builds(
    Finding, st.text(max_size=2), st.text(max_size=2), texts, texts, heals=st.booleans(), compared=st.booleans()
)


def test_a_difference_becomes_a_finding_that_says_what_became_of_its_subject():
    changes = {(None, "b"): "was left behind", ("a", None): "is missing", ("a", "b"): "changed"}

    found = {pair: Finding.of(Difference("columns", "public.a.b", *pair)) for pair in changes}

    assert {pair: each.sentence for pair, each in found.items()} == {
        pair: f"public.a.b {change}" for pair, change in changes.items()
    }
    assert all(each.compared and each.difference.before == pair[0] for pair, each in found.items())


def test_another_check_and_other_words_may_tell_a_difference():
    lost = Difference("columns", "public.a.b", "text", None)

    found = Finding.of(lost, "nothing_lost", "public.a.b was dropped", heals=True)

    assert (found.check, found.sentence, found.heals) == ("nothing_lost", "public.a.b was dropped", True)


@given(st.lists(findings, max_size=8))
def test_findings_come_in_one_order_whatever_is_missing(found):
    backwards = list(reversed(found))

    assert sorted(found) == sorted(backwards)
    assert all((one < other) or (other < one) or one == other for one in found for other in found)

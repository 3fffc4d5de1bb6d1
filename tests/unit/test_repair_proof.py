"""What a proof says of a script: how much it heals, what stays, what is new, what cannot be told; and its exit code."""

from rollproof.commands.repair_proof import Proof
from rollproof.model.compare import Difference

LOST = Difference("indexes", "public.t.i", "CREATE INDEX i ON public.t USING btree (a)", None)
LEFT = Difference("views", "public.v", None, "view AS SELECT 1;")
NEW = Difference("comments", "public.t (table)", None, "oh")


def fact(difference):
    return difference.facet, difference.identity


def proof(**fields):
    usual = {"claimed": frozenset([fact(LOST)]), "before": frozenset([fact(LOST), fact(LEFT)]), "left": (LEFT,)}
    return Proof(
        where="a clone (a server, with 3 rows of 1 table)", found=(LOST, LEFT), **{**usual, "after": (LEFT,), **fields}
    )


def test_what_is_gone_is_healed_and_what_a_comment_would_mend_is_named():
    said = proof()

    assert said.exit_code == 0
    assert [*said.lines()] == [
        "Proven on a clone (a server, with 3 rows of 1 table): heals 1 of 2 differences; the other one needs you, see below.",
        "left behind, and what removes it is a comment below: views public.v",
    ]


def test_what_a_statement_was_to_mend_and_did_not_is_named_and_bad():
    said = proof(after=(LEFT, LOST))

    assert said.exit_code == 1
    assert "still there after the statement that was to mend it: indexes public.t.i" in said.lines()
    assert "heals 0 of 2" in next(said.lines())


def test_what_is_new_is_harm_and_no_difference_that_was_there_is_new():
    assert proof(after=(LEFT, NEW)).exit_code == 1
    assert "comments public.t (table)" in proof(after=(LEFT, NEW)).harm()
    assert not proof(after=(LEFT, LOST)).harm()
    assert not proof(before=frozenset([fact(LOST), fact(LEFT), fact(NEW)]), after=(LEFT, NEW)).harm()


def test_what_the_clone_did_not_show_is_not_proven():
    said = proof(before=frozenset([fact(LEFT)]))

    assert said.exit_code == 7
    assert "not proven, for the clone did not show it: indexes public.t.i" in said.lines()


def test_a_refused_statement_is_bad_unless_the_clone_lacks_something():
    assert proof(refused=("no",), after=(LEFT,)).exit_code == 1
    assert proof(refused=("no",), after=(LEFT,), lacks=('extension "x" is not available',)).exit_code == 7

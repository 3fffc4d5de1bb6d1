"""Statements that are offered: certain ones, few enough to read, none for what is gone."""

from rollproof.model.compare import Difference
from rollproof.model.finding import Finding
from rollproof.model.plain_text import SHOWN, statement_lines
from rollproof.verdict.repair_statements import repairs, statements, suggestions


def findings(*differences):
    return [Finding.of(difference) for difference in differences]


def test_a_loss_of_the_migration_has_the_same_way_out():
    lost = Difference("nothing_lost", "constraints public.a.b", "CHECK (true)", None)

    assert statements(lost) == ("ALTER TABLE public.a ADD CONSTRAINT b CHECK (true);",)


def test_what_is_not_certain_is_not_offered():
    gone = Difference("columns", "public.a.b", "text", None)
    of_a_view = Difference("columns", "public.v.b", "text", "integer")

    assert statements(gone, ["public.a"]) == statements(of_a_view, ["public.a"]) == ()
    assert repairs(findings(gone, Difference("content", "public.a", "1", "2")), ["public.a"]) == ()


def test_many_statements_are_cut():
    many = findings(
        *(
            Difference("planner_statistics", f"public.t{number}", "analysed", "not analysed: a")
            for number in range(SHOWN + 7)
        )
    )
    lines = list(statement_lines(repairs(many)))

    assert len(repairs(many)) == SHOWN + 7
    assert len(lines) == SHOWN + 2
    assert lines[-1] == "  -- and 7 more"


def test_advice_names_the_tables_or_where_else_the_original_may_be():
    assert (
        "public.a, public.b"
        in suggestions(findings(*(Difference("table_states", name, "x", "y") for name in ("public.a", "public.b"))))[0]
    )
    assert "pg_restore" in suggestions(findings(Difference("backup", "public.a", "x", "y")))[0]


def test_nothing_is_offered_that_stands_on_a_table_that_is_gone():
    key = Difference("constraints", "public.a.k", "FOREIGN KEY (b) REFERENCES public.gone(id)", None)
    index = Difference("indexes", "public.gone.i", "CREATE INDEX i ON public.gone USING btree (x)", None)
    other = Difference("indexes", "public.gone_too.i", "CREATE INDEX i ON public.gone_too USING btree (x)", None)

    assert {each.mends for each in repairs(findings(key, index), ["public.a"])} == {"public.a.k", "public.gone.i"}
    assert repairs(findings(key, index), ["public.a"], ["public.gone"]) == ()
    assert repairs(findings(other), gone=["public.gone"]) != ()

"""A repair plan as the text of a script: what stands where, and what cannot end its comment."""

from rollproof.model.compare import Difference
from rollproof.repair.objects import Object
from rollproof.repair.plan import Plan
from rollproof.repair.planning.order import Ordered
from rollproof.repair.script import script
from rollproof.repair.step import Step, Unmended

T = Object("tables", "public.t")
LOST = Difference("indexes", "public.t.i", "CREATE INDEX", None)


def written(*units, unmended=()):
    return script(Plan(Ordered(units), unmended), ())


def test_a_unit_is_a_transaction_that_says_what_it_mends_and_begins_with_its_settings():
    lines = written((Step("alter", T, ("ALTER TABLE public.t SET (fillfactor=70);",), (LOST,)),))

    assert lines[:3] == ("", "-- 1 of 1: indexes public.t.i is missing", "BEGIN;")
    assert "lock_timeout = '5s'" in lines[3]
    assert lines[-2:] == ("ALTER TABLE public.t SET (fillfactor=70);", "COMMIT;")


def test_what_is_left_to_a_person_is_a_comment_after_all_transactions():
    drop = Step("drop", Object("views", "public.v"), ("DROP VIEW public.v;",), optional="left behind")

    lines = written((drop,), (Step("alter", T, ("SELECT 1;",)),))

    assert lines[-2:] == ("COMMIT;", "-- left behind: DROP VIEW public.v;")
    assert written((drop,)) == ("-- left behind: DROP VIEW public.v;",)


def test_a_reason_is_one_comment_line_whatever_it_holds():
    lines = written(unmended=(Unmended(LOST, "it holds\n\\! rm -rf /\nDROP TABLE x; */"),))

    assert len(lines) == 1
    assert lines[0].startswith("-- not mended: indexes public.t.i is missing: it holds ")
    assert "\n" not in lines[0]


def test_a_table_is_analysed_once_at_the_last_place():
    analysed = "ANALYZE public.t;"
    lines = written((Step("alter", T, (analysed, "SELECT 1;")), Step("attributes", T, (analysed, "SELECT 2;"))))

    assert [line for line in lines if line.startswith(("ANALYZE", "SELECT"))] == ["SELECT 1;", analysed, "SELECT 2;"]


def test_letters_beyond_ascii_have_their_encoding_said():
    assert "SET client_encoding = 'UTF8';" in written((Step("alter", T, ("COMMENT ON TABLE public.t IS 'ä';",)),))
    assert "SET client_encoding = 'UTF8';" not in written((Step("alter", T, ("COMMENT ON TABLE public.t IS 'a';",)),))

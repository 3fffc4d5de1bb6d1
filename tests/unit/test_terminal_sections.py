"""Parts of what the terminal shows."""

from fixtures.sample_reports import outcome, report
from rollproof.report.terminal_sections import failures, plans
from rollproof.verdict.measured import PlanCost, PlanRead

TRACEBACK = """expect = Expect(check='comments')

    def test_comments(expect: Expect) -> None:
>       expect.restored("comments")

checks/test_comments.py:18:
_ _ _ _ _ _
>   def _parts(by_table):
E   KeyError: 'comments'

rollproof/sources/recorded.py:107: KeyError"""


def test_of_an_error_of_ours_the_exception_is_told_and_its_place():
    (block,) = failures(report(outcome("broken", reason=TRACEBACK)), 80).blocks

    assert [line.text.strip() for line in block.lines] == [
        "BROKEN: columns [public.users]: KeyError: 'comments'",
        "rollproof/sources/recorded.py:107: KeyError",
    ]


def test_a_plan_is_told_with_what_it_was_if_that_is_another():
    was, now = PlanCost("Index Scan by users_pkey", 8.3), PlanCost("Seq Scan", 1243.0, 12.25, 640)
    told = plans(report(plans=(PlanRead("public.users (id)", was, now), PlanRead("kept", was, was))), 200).blocks

    assert [line.text for block in told for line in block.lines] == [
        "planned: kept: Index Scan by users_pkey, cost 8",
        "planned: public.users (id): Seq Scan, cost 1,243, 12.2 ms, 640 pages; it was Index Scan by users_pkey, cost 8",
    ]

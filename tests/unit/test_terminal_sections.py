"""Parts of what the terminal shows."""

from fixtures.sample_reports import outcome, report
from rollproof.report.terminal_sections import failures

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

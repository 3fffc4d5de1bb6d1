"""Two definitions beside each other: what is marked is what changed, and nothing gets lost."""

from hypothesis import given, settings
from hypothesis import strategies as st

from rollproof.report.word_diff import word_diff

WORDS = st.lists(
    st.sampled_from(["numeric", "(10,2)", " ", "\n", "NOT NULL", "'a b'", '"x""y"', ",", "'", "ü"]), max_size=12
).map("".join)


def marked(pieces):
    return [text for mark, text in pieces if mark == "changed"]


def test_what_changed_is_marked_by_words():
    before, after = word_diff("numeric(10,2) NOT NULL DEFAULT 0", "numeric(12,2) DEFAULT 0")

    assert (marked(before), marked(after)) == (["10", " NOT NULL"], ["12"])
    assert [*map(marked, word_diff("varchar(20)", "text"))] == [["varchar(20)"], ["text"]]
    assert [*map(marked, word_diff("CHECK (a = 'x y')", "CHECK (a = 'x z')"))] == [["'x y'"], ["'x z'"]]


def test_lines_that_are_the_same_are_left_out_but_for_some_around_a_change():
    lines = [f"line {number}\n" for number in range(100)]
    before, after = word_diff("".join([*lines, "old\n", *lines]), "".join([*lines, "new\n", *lines]))

    assert [text for mark, text in before if mark != "same"] == [
        "97 lines as they were",
        "old",
        "98 lines as they were",
    ]
    assert "".join(text for mark, text in after if mark == "same") == "line 97\nline 98\nline 99\n\nline 0\nline 1\n"
    assert word_diff("".join(lines), "".join(lines))[0] == (("same", "".join(lines)),)


@settings(max_examples=200, deadline=None)
@given(WORDS, WORDS)
def test_the_pieces_of_short_texts_are_the_texts(before, after):
    for text, pieces in zip((before, after), word_diff(before, after), strict=True):
        assert "".join(piece.text for piece in pieces if piece.mark != "left out") == text or any(
            piece.mark == "left out" for piece in pieces
        )


def test_large_texts_take_no_long_time():
    """Words are held against each other only where it is quick: else the whole middle is marked."""
    before, after = (" ".join(f"{word}{number}" for number in range(20_000)) for word in "ab")

    assert [*map(len, word_diff(f"x {before}", f"x {after}"))] == [2, 2]

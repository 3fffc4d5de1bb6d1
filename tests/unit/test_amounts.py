"""One is one, and all else is many."""

from rollproof.model.amounts import counted


def test_a_number_and_its_noun_agree():
    assert [counted(number, "table") for number in (0, 1, 2, 1204)] == [
        "0 tables",
        "1 table",
        "2 tables",
        "1,204 tables",
    ]

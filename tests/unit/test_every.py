"""A test of many values tries each of them and names each that breaks its rule."""

import pytest

from fixtures.every import every


@every(("word", "length"), [("a", 1), ("bb", 2), ("", 0)])
def test_values_that_keep_the_rule_pass_together(word, length, tmp_path):
    assert len(word) == length
    assert tmp_path.is_dir()


def test_each_value_that_breaks_the_rule_is_named_and_none_is_left_out():
    tried = []

    @every("number", [1, 2, 3, 4])
    def rule(number):
        tried.append(number)
        with pytest.raises(ZeroDivisionError):
            1 // (number % 2)
        assert number < 4

    with pytest.raises(ExceptionGroup, match="3 of 4 values break the rule") as broken:
        rule()

    assert tried == [1, 2, 3, 4]
    assert [each.__notes__ for each in broken.value.exceptions] == [
        ["for number = 1"],
        ["for number = 3"],
        ["for number = 4"],
    ]
    assert "DID NOT RAISE" in str(broken.value.exceptions[0])


def test_values_that_do_not_fit_the_names_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        every("number, word", [(1,)])(test_each_value_that_breaks_the_rule_is_named_and_none_is_left_out)()

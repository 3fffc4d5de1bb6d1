"""What a witness says of a fault that no check tells: who sees it, and nothing of what it read."""

from collections import Counter

from rollproof.rehearsal.selftest.witness import Witness


def test_who_sees_a_difference_is_told_and_no_line_of_it():
    before = Witness({"pg_dump": Counter(["1\tanna"]), "pg_user_mapping": Counter(["{password=hunter2}"])})
    after = Witness({"pg_dump": Counter(["1\tanna"]), "pg_user_mapping": Counter(["{password=hunter3}"])})

    assert before.difference(after) == "pg_user_mapping sees it"
    assert before.difference(before) == ""


def test_a_line_that_stands_there_once_more_is_a_difference():
    one, two = Witness({"pg_dump": Counter(["1\tanna"])}), Witness({"pg_dump": Counter(["1\tanna"] * 2)})

    assert one.difference(two) == "pg_dump sees it"

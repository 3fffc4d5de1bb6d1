"""Where the order of columns counts: the project's rule, a table's own, and what is no matter of order."""

import pytest

from fixtures.every import every
from rollproof.model.compare import Difference, compare
from rollproof.model.errors import Misuse
from rollproof.probes.column_order import ColumnOrder
from rollproof.settings.configuration import resolve
from rollproof.settings.options import Settings
from rollproof.settings.sections import TableRule

RULES = ColumnOrder(
    Settings(
        column_order="warn",
        tables={"public.quiet": TableRule(column_order="ignore"), "public.grown": TableRule(may_grow=True)},
    )
)


def test_a_table_has_its_own_rule_or_the_projects():
    for table, word in {"public.quiet": "ignored", "public.loud": "warned", "public.grown": "warned"}.items():
        [found] = compare("column_order", {table: 'id, "a, b"'}, {table: '"a, b", id'})

        assert [name for name in ("ignored", "warned") if getattr(RULES, name)(found)] == [word]


@every(
    ("before", "after"),
    [
        ("a, b", "a, b, c"),
        ("a, b", "a, c"),
        ("a, b", None),
        (None, "a, b"),
        ("a, b", "(no columns)"),
        ('"a, b"', '"b, a"'),
    ],
)
def test_a_column_too_many_or_too_few_is_no_matter_of_order(before, after):
    found = Difference("column_order", "public.quiet", before, after)

    assert not RULES.ignored(found)


def test_by_default_the_order_counts():
    rules = ColumnOrder(Settings())
    found = Difference("column_order", "public.quiet", "a, b", "b, a")

    assert not rules.ignored(found)
    assert not rules.warned(found)


def test_a_word_that_means_nothing_is_refused(tmp_path):
    file = tmp_path / "rollproof.toml"
    file.write_text('column_order = "ignored"\n')
    with pytest.raises(Misuse, match="ignored"):
        resolve({}, {}, file)
    file.write_text('[tables."public.t"]\ncolum_order = "ignore"\n')
    with pytest.raises(Misuse, match="did you mean `column_order`"):
        resolve({}, {}, file)

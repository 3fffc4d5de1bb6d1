"""Which files are checks of the user's own."""

from fixtures.every import every
from rollproof.plugin.own_checks import matched
from rollproof.plugin.own_outcomes import recorded


@every(
    "pattern, found",
    [
        (".", ["."]),
        ("tests", ["tests"]),
        ("tests/", ["tests"]),
        ("t*", ["tests", "tools"]),
        ("**/unit", ["tests/unit"]),
        ("../root/tests", ["../root/tests"]),
        ("nowhere", []),
        ("{root}/tests", ["tests"]),
        ("[", []),
    ],
)
def test_testpaths_are_read_as_pytest_reads_them(pattern, found, tmp_path):
    root = tmp_path / "root"
    for folder in ("tests/unit", "tools"):
        (root / folder).mkdir(parents=True, exist_ok=True)

    assert matched(root, [pattern.format(root=root)]) == [str(root / each) for each in found]


def test_what_a_check_records_is_text_whatever_it_is():
    class Silent:
        def __str__(self):
            raise KeyError

    told = recorded([("a", 1), ("a", None), ("odd", Silent()), ("rollproof.check", "mine")])

    assert told == {"a": "1, None", "odd": "<Silent>"}

"""ARCHITECTURE.md is true: each file that it names is there, and defines what it says of it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
NAMED = re.compile(r"`((?:rollproof|checks|tests)/[\w/]+\.(?:py|sql|toml))`(?: \(((?:`\w+`(?:, )?)+)\))?")


def untrue(text):
    """Return each file that is not there, and each name that its file does not define."""
    for path, names in NAMED.findall(text):
        if not (ROOT / path).is_file():
            yield f"{path} is not there"
            continue
        code = (ROOT / path).read_text("utf-8")
        defined = set(re.findall(r"^(?:def|class) (\w+)|^(\w+)(?:: [^=]+)? =", code, re.MULTILINE))
        yield from (
            f"{path} defines no {name}" for name in re.findall(r"\w+", names) if name not in {*sum(defined, ())}
        )


def test_the_page_names_what_is_there():
    assert len(NAMED.findall(TEXT)) > 15
    assert list(untrue(TEXT)) == []


def test_what_is_not_there_is_noticed():
    wrong = "`rollproof/nowhere.py` and `rollproof/catalog/capture.py` (`capture`, `catch`)"

    assert list(untrue(wrong)) == ["rollproof/nowhere.py is not there", "rollproof/catalog/capture.py defines no catch"]


def test_the_walk_has_ten_steps_and_the_page_is_one_screen():
    assert [int(step) for step in re.findall(r"^(\d+)\. ", TEXT, re.MULTILINE)] == list(range(1, 11))
    assert len(TEXT.splitlines()) <= 60

"""What is said of a check of the user's own: its docstring, without running it."""

import pytest

from fixtures.every import every
from rollproof.model.errors import Misuse
from rollproof.system.bundle import own_explanation

FILE = '''"""The file's promise."""
raise RuntimeError("it was run")

def test_a():
    """A promise."""

def test_b(): pass

class TestC:
    def test_d(self):
        """In a class."""
'''


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "test_x.py").write_text(FILE, encoding="utf-8")
    (tmp_path / "test_y.py").write_text("def test_a(): pass", encoding="utf-8")


@every(
    ("check", "says"),
    [
        ("test_x.py::test_a[east]", "A promise."),
        ("test_x.py::test_b", "The file's promise."),
        ("test_x.py::TestC::test_d", "In a class."),
    ],
)
def test_a_check_of_theirs_is_explained_by_its_docstring_and_not_run(check, says):
    assert own_explanation(check) == says


@every(
    ("check", "says"),
    [
        ("test_x.py::test_z", "no test_z in test_x.py; it has test_a, test_b, TestC"),
        ("test_q.py::test_z", "test_q.py cannot be read"),
        ("test_y.py::test_a", "no docstring, and neither has its file"),
    ],
)
def test_what_is_not_there_is_said(check, says):
    with pytest.raises(Misuse, match=says):
        own_explanation(check)

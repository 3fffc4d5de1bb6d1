"""What programs find in `rollproof`, told three times: to Python, to type checkers, and in rollproof/api."""

import ast
from pathlib import Path

import rollproof
from rollproof import api


def test_the_three_lists_are_one():
    stub = ast.parse(Path(rollproof.__file__).with_suffix(".pyi").read_text("utf-8"))
    typed = {name.asname for node in stub.body if isinstance(node, ast.ImportFrom) for name in node.names}

    assert set(rollproof.__all__) == set(api.__all__) == typed
    assert [name for name in rollproof.__all__ if getattr(rollproof, name) is not getattr(api, name)] == []

"""On macOS and Windows nothing is missing that the engine needs (fixtures/elsewhere.py plays such a system)."""

import ast
import subprocess
import sys
from pathlib import Path

from fixtures.elsewhere import MODULES
from tests.house.source_tree import Checkout

ROOT = Path(__file__).parents[2]
SEAM = ("rollproof/system/file_lock.py", "rollproof/system/user.py")
"""What asks for a module that only POSIX has, and does without."""


def test_every_module_of_the_engine_can_be_imported_where_there_is_no_posix():
    ended = subprocess.run(
        [sys.executable, "-m", "fixtures.elsewhere", "import"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, "")


def test_only_the_seam_knows_of_modules_that_are_not_everywhere():
    found = {
        str(module.path)
        for module in Checkout(ROOT).ours
        if module.path.parts[0] in ("rollproof", "checks")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import) and MODULES & {name.name for name in node.names}
    }

    assert found == {*SEAM}

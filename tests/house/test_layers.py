"""The floors of ARCHITECTURE.md, until each package has its map: then rules.maps, downwards and doors take this place."""

import re
from pathlib import Path

from tests.house.source_tree import Checkout

OURS = Checkout(Path(__file__).parents[2])
FLOORS = re.findall(r"^\| [^|`]+ \| ((?:`\w+` ?)+)\|$", OURS.text("ARCHITECTURE.md"), re.MULTILINE)
LAYERS = re.findall(r"\w+", " ".join(FLOORS))  # low to high


def test_every_module_of_the_engine_has_its_layer():
    """And each is named once."""
    assert sorted(LAYERS) == sorted(OURS.children("rollproof"))


def test_a_module_imports_only_lower_ones():
    low = {f"rollproof.{name}": height for height, name in enumerate(LAYERS)} | {"rollproof": -1}
    offenders = [
        f"{name} imports {imported}"
        for name, among in OURS.arrows.items()
        for imported in among
        if low[imported] >= low.get(name, len(low))
    ]

    assert not offenders, "\n".join(offenders)

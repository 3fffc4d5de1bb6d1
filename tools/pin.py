"""Write the versions of requirements.lock into pyproject.toml, where `uv run` and `uv sync` read them.

    uv run python tools/pin.py             # write them
    uv run python tools/pin.py --check     # fail if they are not the same

`uv.lock` names the host that each package came from, so it cannot be committed. uv takes the versions from
`[tool.uv] constraint-dependencies` instead; the hashes are checked by `uv pip sync requirements.lock`, as CI does.
"""

import re
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^(constraint-dependencies = \[\n)(?:.*\n)*?(\])$", re.MULTILINE)
PINNED = re.compile(r"^[\w.-]+(?:\[[\w,-]+\])?==[^\s;]+", re.MULTILINE)


def pinned(lock: str) -> list[str]:
    """Return the `name==version` of each package of a requirements file, in its order."""
    return PINNED.findall(lock)


def with_pins(pyproject: str, pins: list[str]) -> str:
    """Return pyproject.toml's text with these constraint-dependencies."""
    listed = textwrap.fill(", ".join(f'"{pin}"' for pin in pins) + ",", 116, break_on_hyphens=False)
    text, found = BLOCK.subn(rf"\g<1>{textwrap.indent(listed, '    ')}\n\g<2>", pyproject)
    if found != 1:
        sys.exit("pyproject.toml has no `constraint-dependencies = [` in a line of its own")
    return text


def main() -> None:
    """Bring pyproject.toml up to date, or say that it is not."""
    path = ROOT / "pyproject.toml"
    before = path.read_text("utf-8")
    after = with_pins(before, pinned((ROOT / "requirements.lock").read_text("utf-8")))
    if "--check" not in sys.argv:
        path.write_text(after, "utf-8")
    elif after != before:
        sys.exit("pyproject.toml has other versions than requirements.lock; run: uv run python tools/pin.py")


if __name__ == "__main__":
    main()

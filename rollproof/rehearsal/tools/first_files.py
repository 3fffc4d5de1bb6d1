"""`python -m … FOLDER LAST COMMAND…`: a tool that can only go up all the way, given no more files than are wanted.

In the command `{}` is a folder with the files, up to the one of this name (without its ending), in the order of their names.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def main(folder: Path, last: str, command: list[str]) -> int:
    """Run the command; return its exit code."""
    with tempfile.TemporaryDirectory(prefix="rollproof-") as made:
        for each in sorted(folder.iterdir()):
            if each.is_file() and each.name <= f"{last}{each.suffix}":
                shutil.copy(each, made)
        words = [word.replace("{}", made) for word in command]
        return subprocess.run(words, check=False).returncode  # noqa: S603 (the user's own tool)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))

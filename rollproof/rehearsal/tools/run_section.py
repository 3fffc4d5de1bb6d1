"""`python -m … TOOL FILE up|down`: one way of a file of migrations run by psql, in one transaction unless the file wants none."""

import subprocess
import sys
from pathlib import Path

from rollproof.model.errors import Misuse
from rollproof.rehearsal.tools.row import known
from rollproof.rehearsal.tools.sections import Way, section

PSQL = ("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1")


def main(tool: str, file: str, way: Way) -> int:
    """Run it in the database that libpq's variables name; return psql's exit code."""
    how = next(each.files for each in known() if each.name == tool and each.files)
    try:
        found = section(Path(file), how, way)
    except Misuse as error:
        print(error, file=sys.stderr)  # noqa: T201 (this is a program)
        return 2
    words = [*PSQL, *(["--single-transaction"] if found.in_transaction(how) else []), "-f", "-"]
    text = found.text.encode("utf-8", "surrogateescape")
    try:
        done = subprocess.run(words, input=text, stderr=subprocess.PIPE, check=False)  # noqa: S603 (psql)
    except FileNotFoundError:
        print("there is no psql on the PATH: install one (postgresql-client)", file=sys.stderr)  # noqa: T201
        return 127
    sys.stderr.buffer.write(done.stderr.replace(b"psql:<stdin>:", f"psql:{file}:".encode()))
    return done.returncode


if __name__ == "__main__":
    tool, file, way = sys.argv[1:]
    sys.exit(main(tool, file, "up" if way == "up" else "down"))

"""The command line with everything imported already: for each line on stdin (JSON: folder, arguments) a fork runs it.

What one run prints goes to `stdout` in its folder; the exit code is answered, a line for each. For stories that go through the
front door hundreds of times: a third of each short run is spent on imports.
"""

import json
import os
import sys

import jinja2  # noqa: F401 (imported here so that no fork has to)
import psycopg  # noqa: F401
import pytest  # noqa: F401
import requests  # noqa: F401

import rollproof.cli  # noqa: F401
from rollproof.entry import run


def _run(folder: str, arguments: list[str]) -> None:
    os.chdir(folder)
    to = os.open("stdout", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, stream in enumerate((nothing, to, to)):
        os.dup2(stream, number)
    sys.argv[:] = ["rollproof", *arguments]
    run()


def _forked(folder: str, arguments: list[str]) -> int:
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 120  # of no meaning in the contract
    try:
        _run(folder, arguments)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else code
    finally:
        os._exit(code)


for line in sys.stdin:
    asked = json.loads(line)
    os.environ.update(asked["environment"])
    sys.stdout.write(f"{_forked(asked['folder'], asked['arguments'])}\n")
    sys.stdout.flush()

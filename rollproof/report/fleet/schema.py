"""The JSON Schema of fleet.json, made of the classes that it is written from; `reports/fleet.schema.json` is a copy of it."""

from typing import Any

from rollproof.report.fleet.json import FORMAT, ToldFleet
from rollproof.report.schema import schema_of

WHAT = "What one verification of many databases found. Every field is always there; there are no others."


def schema() -> dict[str, Any]:
    """Return the schema: draft 2020-12, every field required, no further field allowed."""
    return schema_of((ToldFleet,), "fleet.json", WHAT, FORMAT)

"""The JSON Schema of rehearsal.json; `reports/rehearsal.schema.json` is a copy of it."""

from typing import Any

from rollproof.rehearsal.reports.json import FORMAT
from rollproof.rehearsal.reports.told import Told
from rollproof.report.schema import schema_of

WHAT = "What rehearsals of one migration came to, on one server or several. Every field is always there; there are no others."


def schema() -> dict[str, Any]:
    """Return the schema: draft 2020-12, every field required, no further field allowed."""
    return schema_of((Told,), "rehearsal.json", WHAT, FORMAT)

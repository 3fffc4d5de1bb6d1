"""The JSON Schema of selftest.json; `reports/selftest.schema.json` is a copy of it."""

from typing import Any

from rollproof.rehearsal.selftest.reports.json import FORMAT
from rollproof.rehearsal.selftest.reports.told import ToldSelfTest
from rollproof.report.schema import schema_of

WHAT = "What a self-test of rollproof's came to: each fault that was planted. Every field is always there; there are no others."


def schema() -> dict[str, Any]:
    """Return the schema: draft 2020-12, every field required, no further field allowed."""
    return schema_of((ToldSelfTest,), "selftest.json", WHAT, FORMAT)

"""The JSON Schema of result.json, made of the classes that it is written from; `reports/result.schema.json` is a copy of it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from rollproof.report.json import FORMAT, LEFT_OUT, ToldCause
from rollproof.report.reasons import Reason
from rollproof.verdict.outcome import Report

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT = {"type": "string"}
NOTHING: Mapping[str, Any] = MappingProxyType({})
WHAT = "What one run of rollproof found. Every field is always there; there are no others."


def schema() -> dict[str, Any]:
    """Return the schema: draft 2020-12, every field required, no further field allowed."""
    lists = {"causes": {"$ref": "#/$defs/ToldCause"}, "next_steps": _TEXT, "reasons": {"$ref": "#/$defs/Reason"}}
    further = {"headline": _TEXT, **{name: {"type": "array", "items": each} for name, each in lists.items()}}
    made = schema_of((Report, ToldCause, Reason), "result.json", WHAT, FORMAT, further)
    made["properties"] = {name: each for name, each in made["properties"].items() if name not in LEFT_OUT}
    return {**made, "required": list(made["properties"])}


def schema_of(
    kinds: tuple[type, ...], title: str, what: str, number: int, further: Mapping[str, Any] = NOTHING
) -> dict[str, Any]:
    """Return the schema of a file: the number of its format, the fields of the first kind, `further` ones of the other kinds."""
    _, components = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    defs = {name: _strict(each) for name, each in components.items()}
    whole = defs.pop(kinds[0].__name__)
    told = {"const": number, "description": "Raised when a field changes its meaning or goes."}
    properties = {"format": told, **whole["properties"], **further}
    strict = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return {"$schema": DIALECT, "title": title, "description": what, **strict, "$defs": defs}


def _strict(component: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of one class, for what is written and not for what could be read: nothing has a default.

    Descriptions are left out: they would be docstrings, which are about classes and not about JSON (docs/reports.md is).
    """
    properties = {
        name: {key: value for key, value in each.items() if key != "default"}
        for name, each in component.get("properties", {}).items()
    }
    told = {key: value for key, value in component.items() if key != "description"}
    return {**told, "properties": properties, "required": list(properties), "additionalProperties": False}

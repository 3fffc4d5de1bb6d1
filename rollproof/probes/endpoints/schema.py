"""Answers held against a JSON Schema, by jsonschema: faults are named by their place, never by a value.

Nothing is fetched: what a `$ref` names stands in the same file, or is one of JSON Schema's own.
"""

import json
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.probes.endpoints.answer import ABSENT, Heard
from rollproof.system.extras import require
from rollproof.system.files import contents

SECONDS = 2.0  # for one answer: an answer of a million small items would take a minute
_MOST = 2**20  # bytes of a schema
_SHOWN = 10  # faults of one answer
_LETTERS = 120  # of what is quoted of a schema, or of a place
_SAID = {
    "additionalProperties": "has keys that the schema does not name",
    "unevaluatedProperties": "has keys that the schema does not name",
    "uniqueItems": "has the same item twice",
    None: "holds something where the schema allows nothing",
}
_KINDS = {bool: "boolean", dict: "object", list: "array", str: "string", type(None): "null"}


class Schema:
    """The JSON Schema in a file. Raises `Misuse` if it is none, or if it refers to what is not in it."""

    def __init__(self, path: str) -> None:
        require("application", "the `schema` of an endpoint")
        from jsonschema.validators import Draft202012Validator, validator_for  # noqa: PLC0415 (0.2 s, for those who have one)

        self.name = f"what {Path(path).name} says"
        self._schema = _loaded(path)
        self._kind = validator_for(self._schema, default=Draft202012Validator)
        _require_valid(self._kind, self._schema, path)
        _require_whole(self._schema, path)
        self._path = path

    def faults(self, heard: Heard) -> Iterator[str]:
        """Yield what an answer has that the schema forbids. Raises `Inconclusive` if that cannot be told in `SECONDS`."""
        from referencing.exceptions import Unresolvable  # noqa: PLC0415 (the same)

        if heard.plain_document is ABSENT:
            yield "no JSON"
            return
        errors = _timed(self._kind, self._schema, time.monotonic() + SECONDS).iter_errors(heard.plain_document)
        try:
            found = list(islice(errors, _SHOWN + 1))
        except Unresolvable as error:
            raise Misuse(_refers(self._path, str(error.ref))) from None
        except (_TooLong, RecursionError) as error:
            why = "is nested too deep" if isinstance(error, RecursionError) else "is too long"
            raise Inconclusive(
                f"an answer {why} to be held against {self._path} in {SECONDS:g} s, so nothing is said about it\n"
                "choose an endpoint with a shorter answer, or a schema that asks less of it"
            ) from None
        yield from dict.fromkeys(_fault(each) for each in found[:_SHOWN])
        if len(found) > _SHOWN:
            yield "and more of that kind"


class _TooLong(Exception):  # noqa: N818 (it is no error of anybody's)
    """The time for one answer is over."""


def _loaded(path: str) -> Any:
    try:
        found = json.loads(contents(Path(path), _MOST))
    except OSError as error:
        raise Misuse(f"the schema {path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise Misuse(f"the schema {path} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise Misuse(f"the schema {path} is no JSON object, as a JSON Schema is")
    return found


def _require_valid(kind: Any, schema: Any, path: str) -> None:
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415 (the same)

    try:
        kind.check_schema(schema)
    except SchemaError as error:
        raise Misuse(f"{path} is no JSON Schema: {error.json_path}: {error.message}") from None
    except RecursionError:
        raise Misuse(f"{path} is no JSON Schema: it is nested too deep") from None


def _require_whole(schema: Any, path: str) -> None:
    """Refuse a `$ref` to what is not there; where parts have an `$id` of their own, only what names another host is certain."""
    from jsonschema_specifications import REGISTRY  # noqa: PLC0415 (the same)
    from referencing import Resource  # noqa: PLC0415 (the same)
    from referencing.exceptions import Unresolvable  # noqa: PLC0415 (the same)
    from referencing.jsonschema import DRAFT202012  # noqa: PLC0415 (the same)

    places = list(_objects(schema))
    own_names = any("$id" in each for each in places[1:])
    resource = Resource.from_contents(schema, default_specification=DRAFT202012)
    resolver = REGISTRY.with_resource(resource.id() or "", resource).crawl().resolver_with_root(resource)
    for ref in (each["$ref"] for each in places if isinstance(each.get("$ref"), str)):
        try:
            resolver.lookup(ref)
        except (Unresolvable, ValueError):
            if not own_names or "://" in ref:
                raise Misuse(_refers(path, ref)) from None


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    left = [schema]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            yield each
        left += each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()


def _refers(path: str, ref: str) -> str:
    return f"{path} refers to {ref}, which is not in it, and nothing is fetched: write what is meant under $defs in that file"


def _timed(kind: Any, schema: Any, end: float) -> Any:
    """Return a validator that looks at the clock wherever it looks at something."""
    from jsonschema.validators import extend  # noqa: PLC0415 (the same)
    from jsonschema_specifications import REGISTRY  # noqa: PLC0415 (the same)

    def watched(keyword: Callable[..., Any]) -> Callable[..., Iterator[Any]]:
        def asked(*place: Any) -> Iterator[Any]:
            if time.monotonic() > end:
                raise _TooLong
            yield from keyword(*place) or ()

        return asked

    # The library compares each item with each other, which for a hundred thousand of them takes hours.
    keywords = {**kind.VALIDATORS, "uniqueItems": _unique_items}
    watching = extend(kind, {name: watched(keyword) for name, keyword in keywords.items()})
    return watching(schema, registry=REGISTRY, format_checker=kind.FORMAT_CHECKER)


def _unique_items(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:  # noqa: ARG001 (jsonschema's signature)
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415 (the same)

    if wanted and isinstance(instance, list) and len({_canonical(each) for each in instance}) < len(instance):
        yield ValidationError("some items are the same")


def _canonical(value: Any) -> str:
    """Return a text that is the same for what JSON Schema calls equal: 1 and 1.0 are."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _fault(error: Any) -> str:
    """Return what is wrong, in words without the value: jsonschema's own message quotes it."""
    place, wanted = _short(error.json_path), error.validator_value
    if error.validator == "required":
        missing = ", ".join(repr(key) for key in wanted if key not in error.instance)
        return f"{place} lacks {_short(missing)}"
    if error.validator == "type":
        return f"{place} is {_kind(error.instance)}, not {_kinds(wanted)}"
    if error.validator in _SAID:
        return f"{place} {_SAID[error.validator]}"
    limit = f" {_short(json.dumps(wanted))}" if isinstance(wanted, str | int | float) else ""
    return f"{place} does not fit {error.validator}{limit}"


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "number")


def _kinds(wanted: Any) -> str:
    return " or ".join(map(str, wanted)) if isinstance(wanted, list) else str(wanted)


def _short(text: str) -> str:
    return text if len(text) <= _LETTERS else f"{text[:_LETTERS]}…"

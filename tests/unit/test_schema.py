"""Answers held against a JSON Schema: faults without values, nothing fetched, an end within its time."""

import json
import time

import pytest

from fixtures.every import every
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.probes.endpoints import schema as module
from rollproof.probes.endpoints.answer import Answer, Heard
from rollproof.probes.endpoints.schema import Schema
from rollproof.system import extras

SECRET = "s3cr3tCanary"  # noqa: S105 (a canary)
USER = {
    "type": "object",
    "required": ["id", "email"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "email": {"type": "string", "maxLength": 5},
        "roles": {"type": "array", "uniqueItems": True, "items": {"$ref": "#/$defs/role"}},
        "never": False,
    },
    "additionalProperties": False,
    "$defs": {"role": {"type": ["integer", "null"], "minimum": 1}},
}


@pytest.fixture
def written(tmp_path):
    """Call it with a schema for the path of its file."""

    def write(schema):
        (tmp_path / "user.json").write_text(schema if isinstance(schema, str) else json.dumps(schema))
        return str(tmp_path / "user.json")

    return write


def faults(path, document):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return list(Schema(path).faults(Heard(Answer(200, 0.1, "application/json", ()), body)))


UUID = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"


def test_a_fault_is_named_by_its_place_and_without_the_value(written):
    path = written(USER)
    for document, said in (
        ({"id": UUID, "email": "a@b"}, []),
        ({"id": SECRET, "email": "a@b"}, ['$.id does not fit format "uuid"']),
        ({"id": 7, "email": "a@b"}, ["$.id is number, not string"]),
        ({"id": UUID}, ["$ lacks 'email'"]),
        ({"id": UUID, "email": SECRET}, ["$.email does not fit maxLength 5"]),
        ({"id": UUID, "email": "a@b", SECRET: SECRET}, ["$ has keys that the schema does not name"]),
        ({"id": UUID, "email": "a@b", "roles": [1, SECRET]}, ["$.roles[1] is string, not integer or null"]),
        ({"id": UUID, "email": "a@b", "roles": [1, 1.0]}, ["$.roles has the same item twice"]),
        ({"id": UUID, "email": "a@b", "roles": [0]}, ["$.roles[0] does not fit minimum 1"]),
        ({"id": UUID, "email": "a@b", "never": SECRET}, ["$ holds something where the schema allows nothing"]),
        ([SECRET], ["$ is array, not object"]),
        (b"<html>", ["no JSON"]),
    ):
        assert faults(path, document) == said


def test_of_many_faults_some_are_told(written):
    told = faults(written({"items": {"type": "string"}}), list(range(1000)))

    assert told[:2] == ["$[0] is number, not string", "$[1] is number, not string"]
    assert (len(told), told[-1]) == (11, "and more of that kind")


@every(
    ("schema", "said"),
    [
        ("{", "user.json is not JSON"),
        ("[" * 100_000, "user.json is not JSON"),
        ("[]", "user.json is no JSON object"),
        ('{"type": "strnig"}', r"user.json is no JSON Schema: \$.type"),
        ('{"$ref": "http://127.0.0.1:9/other.json"}', "refers to http://127.0.0.1:9/other.json, which is not in it"),
        ('{"properties": {"a": {"$ref": "other.json#/x"}}}', "refers to other.json#/x, which is not in it"),
        ('{"items": [{"$ref": "#/$defs/none"}], "$schema": "http://json-schema.org/draft-07/schema#"}', "refers to #/"),
    ],
)
def test_a_schema_that_cannot_be_used_is_misuse(tmp_path_factory, schema, said):
    path = tmp_path_factory.mktemp("schema") / "user.json"
    path.write_text(schema)

    with pytest.raises(Misuse, match=said):
        Schema(str(path))


@every(
    "schema",
    [
        '{"$ref": "https://json-schema.org/draft/2020-12/schema"}',
        '{"$id": "https://example.org/a", "$ref": "b", "$defs": {"b": {"$id": "https://example.org/b", "type": "object"}}}',
        '{"$ref": "#name", "$defs": {"b": {"$anchor": "name", "type": "object"}}}',
    ],
)
def test_what_a_schema_refers_to_within_itself_is_found(tmp_path_factory, schema):
    path = tmp_path_factory.mktemp("schema") / "user.json"
    path.write_text(schema)

    assert faults(str(path), {}) == []


@every("where", ["no such file", "."])
def test_a_schema_that_cannot_be_read_is_misuse(where):
    with pytest.raises(Misuse, match=f"the schema {where} cannot be read: "):
        Schema(where)


def test_a_name_that_is_found_nowhere_when_it_is_needed_is_misuse(written):
    """Where parts have names of their own, only that moment tells."""
    schema = {"properties": {"a": {"$id": "https://example.org/b/", "$ref": "none"}}}

    with pytest.raises(Misuse, match="refers to none, which is not in it"):
        faults(written(schema), {"a": 1})


@pytest.mark.parametrize(
    ("schema", "document"),
    [
        ({"items": {"type": "integer", "minimum": -1}}, b"[" + b"1," * 400_000 + b"1]"),
        ({"items": {"$ref": "#"}, "type": "array"}, b"[" * 900 + b"]" * 900),
    ],
    ids=["a million numbers", "nested deeply"],
)
def test_what_takes_too_long_or_is_too_deep_is_inconclusive_in_time(written, monkeypatch, schema, document):
    monkeypatch.setattr(module, "SECONDS", 0.2)
    path, began = written(schema), time.monotonic()

    with pytest.raises(Inconclusive, match="so nothing is said about it"):
        faults(path, document)
    assert time.monotonic() - began < 3


def test_many_different_items_are_told_apart_at_once(written):
    began = time.monotonic()

    assert faults(written({"uniqueItems": True}), [{"a": each} for each in range(30_000)]) == []
    assert time.monotonic() - began < 5  # each against each other would take a minute


def test_without_the_library_the_line_to_type_is_told(written, monkeypatch):
    monkeypatch.setitem(extras.LIBRARIES["application"], "no_such_library", "jsonschema")

    with pytest.raises(Misuse, match=r"the `schema` of an endpoint needs .*jsonschema"):
        Schema(written(USER))

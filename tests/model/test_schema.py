"""The JSON Schemas of all kinds are valid, complete in themselves, and refuse unknown keys."""

import json

import pytest
from jsonschema import Draft202012Validator

from engine.model import KINDS, schema


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_schema_of_its_own(kind):
    found = schema(kind)

    Draft202012Validator.check_schema(found)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert kind in found["properties"]
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "extend"])
def test_unknown_keys_are_errors(kind):
    errors = list(Draft202012Validator(schema(kind)).iter_errors({kind: "x", "surprise": 1}))

    assert any(error.validator == "additionalProperties" for error in errors)


def test_the_published_schema_stands_alone():
    validator = Draft202012Validator(schema("process"))

    good = {
        "process": "p",
        "nodes": {"a": {"type": "state", "actions": {"ok": {"to": "b"}}}, "b": {"type": "end_event"}},
    }
    bad = {"process": "p", "nodes": {"a": {"type": "state", "assign": "owner"}}}

    assert list(validator.iter_errors(good)) == []
    assert [error.validator for error in validator.iter_errors(bad)] == ["additionalProperties"]


def test_an_unknown_kind_has_no_schema():
    with pytest.raises(KeyError):
        schema("entty")

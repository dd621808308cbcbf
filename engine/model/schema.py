"""JSON Schemas (Draft 2020-12) of the document kinds, from the data in `schemas/`."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

from dsl.documents import load

KINDS = (
    "workspace", "module", "entity", "extend", "process", "decision", "role", "report", "dashboard", "template",
    "connector", "schedule", "data", "test",
)  # fmt: skip
PREFIX = "#/$defs/"
Schema = dict[str, Any]
NAMED = {"wait_for": "for", "compensates": "compensate"}  # keys that mean something else in other types of nodes


def schema(kind: str) -> Schema:
    """The JSON Schema of a document kind, complete in itself, for editors; raises KeyError for an unknown kind."""
    if kind not in KINDS:
        raise KeyError(kind)
    raw = deepcopy(documents(kind))
    defs = {name: each for name, each in deepcopy(documents("common")).items() if name != "title"} | raw.pop(
        "$defs", {}
    )
    if kind == "process":
        complete_nodes(raw, defs)
    elif kind == "entity":
        defs["line_field"] = line_field(defs["field"])
    elif kind == "decision":
        raw["properties"] |= deepcopy(defs["boxed"]["anyOf"][1]["properties"])
    used: Schema = {}
    collect(raw, defs, used)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:tradewind:schema:{kind}",
    }
    return {**head, **raw, "$defs": {name: defs[name] for name in defs if name in used}}


@cache
def documents(name: str) -> Schema:
    path = f"schemas/{name}.yaml"
    loaded = load(path, files("engine.model").joinpath(path).read_bytes())
    if loaded.document is None or loaded.problems:
        raise RuntimeError(f"{path} is damaged: {loaded.problems}")
    return cast(Schema, plain(loaded.document.data))


def plain(value: object) -> object:
    """Numbers as JSON knows them: a schema's bounds need no exactness."""
    match value:
        case Decimal():
            return float(value)
        case Mapping():
            return {key: plain(each) for key, each in value.items()}
        case list():
            return [plain(each) for each in value]
    return value


def complete_nodes(raw: Schema, defs: Schema) -> None:
    """Turn the tables of node types into one definition a type, chosen by if/then."""
    keys, groups, types = raw.pop("node_keys"), raw.pop("node_groups"), raw.pop("node_types")
    conditions = []
    for name, row in types.items():
        own = [key for group in row["groups"] for key in groups[group]] + row["keys"]
        properties = {NAMED.get(key, key): keys[key] for key in own}
        defs[f"node_{name}"] = {
            "title": f"a node of type {name}",
            "required": row["required"],
            "additionalProperties": False,
            "properties": properties,
        }
        conditions.append(
            {
                "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
                "then": {"$ref": f"{PREFIX}node_{name}"},
            }
        )
    defs["node"]["allOf"] = conditions


def line_field(field: Schema) -> Schema:
    """A field of lines: all that a field is, but neither lines nor related."""
    found = deepcopy(field)
    found["properties"]["type"]["enum"] = [
        each for each in found["properties"]["type"]["enum"] if each not in ("lines", "related")
    ]
    for key in ("from", "fields"):
        del found["properties"][key]
    found["allOf"] = [each for each in found["allOf"] if "const" not in each["if"]["properties"]["type"]]
    return found


def collect(part: object, defs: Schema, used: Schema) -> None:
    """Note every definition that `part` refers to, directly or through others."""
    match part:
        case {"$ref": str(ref)} if (name := ref.removeprefix(PREFIX)) not in used:
            used[name] = True
            collect(defs[name], defs, used)
    if isinstance(part, Mapping):
        for each in part.values():
            collect(each, defs, used)
    elif isinstance(part, list):
        for each in part:
            collect(each, defs, used)


@cache
def validator(kind: str) -> Validator:
    """A validator of documents of the kind, whose references are resolved once and for all."""
    whole = schema(kind)
    defs = whole.pop("$defs")
    for each in defs.values():
        link(each, defs)
    link(whole, defs)
    return Draft202012Validator(whole)


def link(part: object, defs: Schema) -> None:
    """Replace each `$ref` below `part` by the definition itself; they are shared, so recursive ones are no problem."""
    if not isinstance(part, dict | list):
        return
    for key, each in part.items() if isinstance(part, dict) else enumerate(part):
        if isinstance(each, dict) and isinstance(each.get("$ref"), str):
            part[key] = defs[each["$ref"].removeprefix(PREFIX)]
        else:
            link(each, defs)

"""The OpenAPI 3.1 document of a published model (spec 4.2): one schema an entity, one path an operation."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from engine.model.model import Entity, Field, Model

Json = dict[str, Any]

EXACT: Json = {"type": "string", "format": "decimal", "pattern": r"^-?\d+(\.\d+)?$"}
BY_TYPE: dict[str, Json] = {
    "integer": {"type": "integer"},
    "decimal": EXACT,
    "money": EXACT,
    "percent": EXACT | {"description": "A fraction: 0.1 is 10 %."},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "time"},
    "datetime": {"type": "string", "format": "date-time"},
    "duration": {"type": "string", "format": "duration"},
    "email": {"type": "string", "format": "email"},
    "url": {"type": "string", "format": "uri"},
    "json": {},
}
IDENTITY: Json = {"type": "integer", "description": "The record's id."}
PROBLEM: Json = {
    "description": "Problem details (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
SYSTEM: Json = {
    "id": {"type": "integer", "readOnly": True},
    "version": {"type": "integer", "readOnly": True, "description": "The optimistic lock; send it as If-Match."},
    "title": {"type": "string", "readOnly": True},
    "created_at": {"type": "string", "format": "date-time", "readOnly": True},
    "created_by": {"type": ["integer", "null"], "readOnly": True},
    "updated_at": {"type": "string", "format": "date-time", "readOnly": True},
    "updated_by": {"type": ["integer", "null"], "readOnly": True},
    "owner": {"type": ["integer", "null"]},
    "archived": {"type": "boolean", "readOnly": True},
}
LIST_PARAMETERS = (
    ("filter", "string", "A FEEL condition over the record's fields, such as `total > 100 and status = \"draft\"`."),
    ("sort", "string", "Field paths, comma separated; `-` before one sorts downwards."),
    ("fields", "string", "The fields to return, comma separated (default: all)."),
    ("expand", "string", "Links to return as objects rather than ids, comma separated."),
    ("search", "string", "A text that the record's title or searched fields hold."),
    ("limit", "integer", "How many records at most, 1 to 200 (default 25)."),
    ("cursor", "string", "`next` of the page before."),
)


def document(model: Model, locale: str = "en") -> Json:
    """The whole document, generated from the model; nothing in it depends on data or on the reader."""
    entities = [e for e in model.entities.values() if e.parent is None]
    paths: Json = {}
    for entity in entities:
        paths |= record_paths(model, entity, locale)
    paths |= other_paths()
    schemas = {schema_name(e): record_schema(e, locale) for e in model.entities.values()} | shared_schemas()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": model.settings.label.in_(locale) or model.settings.name,
            "version": f"{version('tradewind')}+{model.digest[:12]}",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"bearer": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "session"},
            },
        },
    }


def schema_name(entity: Entity) -> str:
    return entity.name.replace(".", "__")


def record_schema(entity: Entity, locale: str) -> Json:
    properties = dict(SYSTEM) if entity.parent is None else {"id": SYSTEM["id"]}
    properties |= {field.name: field_schema(field, locale) for field in entity.fields.values()}
    required = [f.name for f in entity.fields.values() if f.required and f.default is None and not f.readonly]
    schema: Json = {"type": "object", "title": entity.label.in_(locale), "properties": properties}
    return schema | ({"required": required} if required else {})


def field_schema(field: Field, locale: str) -> Json:
    schema: Json = {"title": field.label.in_(locale)} | value_schema(field)
    if field.help:
        schema["description"] = field.help.in_(locale)
    if field.compute is not None or field.readonly or field.type == "related":
        schema["readOnly"] = True
    if field.max_length:
        schema["maxLength"] = field.max_length
    if field.pattern and schema.get("type") == "string":
        schema["pattern"] = field.pattern
    return schema


def value_schema(field: Field) -> Json:
    if field.lines is not None:
        return {"type": "array", "items": {"$ref": f"#/components/schemas/{schema_name(field.lines)}"}}
    if field.type == "choice":
        return {"enum": [*field.options, None]}
    if field.type == "choices":
        return {"type": "array", "items": {"enum": list(field.options)}}
    if field.type in ("link", "user", "file", "image"):
        return dict(IDENTITY)
    if field.type in ("links", "files", "related"):
        return {"type": "array", "items": IDENTITY}
    return dict(BY_TYPE.get(field.type, {"type": "string"}))


def record_paths(model: Model, entity: Entity, locale: str) -> Json:
    name, label = schema_name(entity), entity.label.in_(locale)
    one = {"$ref": f"#/components/schemas/{name}"}
    page = {
        "type": "object",
        "properties": {
            "records": {"type": "array", "items": one},
            "next": {"type": ["string", "null"], "description": "The cursor of the next page; null on the last."},
        },
    }
    identity = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    match = {"name": "If-Match", "in": "header", "schema": {"type": "string"}, "description": "The version you read."}
    confirm = query("confirm", "boolean", "Go on in spite of warnings.")
    parameters = [query(*each) for each in LIST_PARAMETERS]
    base = f"/records/{entity.name}"
    paths: Json = {
        base: {
            "get": operation(f"List: {label}", page, parameters, tag=label),
            "post": operation(f"Create: {label}", one, [confirm], body=one, status="201", tag=label),
        },
        base + "/{id}": {
            "get": operation(f"Read: {label}", one, [identity, query(*LIST_PARAMETERS[3])], tag=label),
            "patch": operation(f"Change: {label}", one, [identity, match, confirm], body=one, tag=label),
            "delete": operation(f"Archive: {label}", None, [identity, match], status="204", tag=label),
        },
        base + "/batch": {
            "post": operation(
                f"Create or change up to 1,000: {label}",
                {"type": "object", "properties": {"results": {"type": "array", "items": {"type": "object"}}}},
                [query("partial", "boolean", "Keep what succeeds, and answer with a result each."), confirm],
                body={"type": "object", "properties": {"records": {"type": "array", "items": one}}},
                tag=label,
            )
        },
        base + "/{id}/history": {"get": operation(f"Timeline: {label}", list_of("Entry"), [identity], tag=label)},
    }
    if model.processes_of(entity.name):
        done = {"$ref": "#/components/schemas/Done"}
        action = {"name": "action", "in": "path", "required": True, "schema": {"enum": action_names(model, entity)}}
        paths[base + "/{id}/actions"] = {
            "get": operation(f"What may be done now: {label}", list_of("Action"), [identity], tag=label)
        }
        paths[base + "/{id}/actions/{action}"] = {
            "post": operation(f"Do: {label}", done, [identity, action, confirm], body=operation_body(), tag=label)
        }
    return paths


def action_names(model: Model, entity: Entity) -> list[str]:
    nodes = (node for process in model.processes_of(entity.name) for node in process.nodes.values())
    return sorted({name for node in nodes if node.type == "state" for name in node.actions})


def other_paths() -> Json:
    identity = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    task = {"$ref": "#/components/schemas/Task"}
    box = query("box", "string", "todo, done, started or copied (default todo).")
    todo = {"name": "operation", "in": "path", "required": True, "schema": {"type": "string"}}
    process = {"name": "process", "in": "path", "required": True, "schema": {"type": "string"}}
    anything: Json = {"type": "object"}
    start = {"type": "object", "properties": {"record": {"type": "integer"}, "variables": {"type": "object"}}}
    return {
        "/tasks": {"get": operation("My tasks", list_of("Task"), [box], tag="Tasks")},
        "/tasks/{id}": {"get": operation("One task", task, [identity], tag="Tasks")},
        "/tasks/{id}/{operation}": {
            "post": operation(
                "Do an operation of a task: one of its actions, or approve, reject, claim, release, transfer",
                task, [identity, todo], body=operation_body(), tag="Tasks",
            )
        },
        "/processes/{process}/start": {"post": operation("Start a process", anything, [process], body=start, tag="Processes")},
        "/instances/{id}": {"get": operation("One process instance", anything, [identity], tag="Processes")},
        "/me": {"get": operation("Who am I", anything, [], tag="Me")},
        "/health": {"get": operation("Is the service well", anything, [], tag="Operation")},
        "/config/revisions": {"get": operation("Published revisions", anything, [], tag="Configuration")},
        "/config/check": {"post": operation("Check the draft", anything, [], tag="Configuration")},
        "/config/plan": {"get": operation("What publishing the draft would change", anything, [], tag="Configuration")},
        "/config/publish": {"post": operation("Publish the draft", anything, [], tag="Configuration")},
    }  # fmt: skip


def operation_body() -> Json:
    return {
        "type": "object",
        "properties": {"values": {"type": "object"}, "comment": {"type": "string"}},
    }


def list_of(name: str) -> Json:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}


def query(name: str, kind: str, description: str) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": {"type": kind}}


def operation(
    summary: str, result: Json | None, parameters: Iterable[Json], *, body: Json | None = None, status: str = "200", tag: str = ""
) -> Json:
    answer: Json = {"description": summary}
    if result is not None:
        answer["content"] = {"application/json": {"schema": result}}
    described: Json = {
        "summary": summary,
        "tags": [tag],
        "parameters": list(parameters),
        "responses": {status: answer, "default": PROBLEM},
    }
    if body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return described


def shared_schemas() -> Json:
    text: Json = {"type": "string"}
    return {
        "Problem": {
            "type": "object",
            "properties": {
                "type": text, "title": text, "status": {"type": "integer"}, "detail": text, "code": text,
                "errors": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"path": text, "code": text, "message": text}},
                },
            },
        },
        "Action": {
            "type": "object",
            "properties": {"name": text, "label": text, "enabled": {"type": "boolean"}, "reason": text},
        },
        "Done": {"type": "object", "properties": {"record": {"type": "object"}, "actions": list_of("Action")}},
        "Task": {
            "type": "object",
            "properties": {
                "id": {"type": "integer"}, "node": text, "label": text, "process": text, "entity": text,
                "record": {"type": ["integer", "null"]}, "title": text, "due": {"type": ["string", "null"]},
                "operations": {"type": "array", "items": text},
            },
        },
        "Entry": {"type": "object", "properties": {"at": text, "kind": text, "user": {"type": ["integer", "null"]}}},
    }  # fmt: skip

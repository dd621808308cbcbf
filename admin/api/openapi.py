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
TEXT: Json = {"type": "string"}
OPERATION: Json = {"values": {"type": ["object", "null"]}, "comment": {"type": ["string", "null"]}}
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
    ("archived", "boolean", "Whether to list archived records instead of the others."),
    ("count", "boolean", "Whether to count all records as `total`."),
)
AGGREGATE_PARAMETERS = (
    ("group", "string", "What to group by, comma separated: `customer`, `order_date:month` (day, week, month, quarter, year)."),
    ("measures", "string", "`count`, or `sum`, `average`, `min`, `max` of a field, comma separated: `count,sum:total` (default: count)."),
    *(each for each in LIST_PARAMETERS if each[0] in ("filter", "search")),
    ("limit", "integer", "How many groups at most, 1 to 10,000 (default 1,000)."),
)
KEY: Json = {
    "name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    "description": "Makes the request safe to repeat: the same key of the same person is answered once, and again for 24 hours.",
}  # fmt: skip
CONFIRM = ("confirm", "boolean", "Go on in spite of warnings.")


def document(model: Model, locale: str = "en") -> Json:
    """The whole document, generated from the model; nothing in it depends on data or on the reader."""
    entities = [e for e in model.entities.values() if e.parent is None]
    paths: Json = {}
    for entity in entities:
        paths |= record_paths(model, entity, locale)
    paths |= other_paths()
    for path in paths.values():
        if "post" in path and path["post"].get("security") != []:
            path["post"]["parameters"].append(KEY)
    schemas = {schema_name(e): record_schema(e, locale) for e in model.entities.values()} | shared_schemas()
    schemas |= {f"{schema_name(e)}.values": values_schema(e, locale) for e in model.entities.values()}
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


def values_schema(entity: Entity, locale: str) -> Json:
    """What may be given when a record or a line is created or changed: exact numbers as texts or numbers, null for nothing."""
    fields = {f.name: f for f in entity.fields.values() if f.compute is None and not f.readonly and f.type != "related"}
    system: Json = {"owner": SYSTEM["owner"]} if entity.parent is None else {"id": SYSTEM["id"] | {"readOnly": False}}
    return closed(system | {name: {"title": f.label.in_(locale)} | given_schema(f) for name, f in fields.items()})


def given_schema(field: Field) -> Json:
    if field.lines is not None:
        return {"type": ["array", "null"], "items": reference(f"{schema_name(field.lines)}.values")}
    schema = value_schema(field)
    if schema.get("format") == "decimal":
        return {"type": ["string", "number", "null"], "description": "An exact number, best as a text"}
    return {"anyOf": [schema, {"type": "null"}]} if schema else {}


def field_schema(field: Field, locale: str) -> Json:
    schema: Json = {"title": field.label.in_(locale)} | nullable(value_schema(field))
    if field.help:
        schema["description"] = field.help.in_(locale)
    if field.compute is not None or field.readonly or field.type == "related":
        schema["readOnly"] = True
    if field.max_length:
        schema["maxLength"] = field.max_length
    if field.pattern and schema.get("type") == "string":
        schema["pattern"] = field.pattern
    return schema


def nullable(schema: Json) -> Json:
    """The schema, null allowed: a field without a value is there as null."""
    return schema | {"type": [schema["type"], "null"]} if isinstance(schema.get("type"), str) and schema["type"] != "array" else schema


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
    identity = in_path("id")
    match = {"name": "If-Match", "in": "header", "schema": {"type": "string"}, "description": "The version you read."}
    confirm = query(*CONFIRM)
    parameters = [query(*each) for each in LIST_PARAMETERS]
    values = reference(f"{name}.values")
    base = f"/records/{entity.name}"
    paths: Json = {
        base: {
            "get": operation(f"List: {label}", page, parameters, tag=label),
            "post": operation(f"Create: {label}", one, [confirm], body=values, status="201", tag=label),
        },
        base + "/{id}": {
            "get": operation(f"Read: {label}", one, [identity, *(query(*each) for each in LIST_PARAMETERS[2:4])], tag=label),
            "patch": operation(f"Change: {label}", one, [identity, match, confirm], body=values, tag=label),
            "delete": operation(f"Archive: {label}", None, [identity, match, confirm], status="204", tag=label),
        },
        base + "/batch": {
            "post": operation(
                f"Create or change up to 1,000: {label}",
                {"type": "object", "properties": {"results": {"type": "array", "items": {"type": "object"}}}},
                [query("partial", "boolean", "Keep what succeeds, and answer with a result each."), confirm],
                body=closed({"records": {"type": "array", "maxItems": 1000, "items": {"type": "object"}}}, "records"),
                tag=label,
            )
        },
        base + "/aggregate": {
            "get": operation(
                f"Count and add up by group: {label}", reference("Aggregate"), [query(*each) for each in AGGREGATE_PARAMETERS], tag=label
            )
        },
        base + "/{id}/history": {"get": operation(f"Timeline: {label}", list_of("Entry"), [identity], tag=label)},
        base + "/{id}/comments": {
            "get": operation(f"Comments: {label}", list_of("Comment"), [identity], tag=label),
            "post": operation(
                f"Comment: {label}", reference("Comment"), [identity], body=closed({"text": TEXT}, "text"), status="201", tag=label
            ),
        },
    }
    if any(field.type in ("file", "image", "files") for field in entity.fields.values()):
        paths |= file_paths(base, label)
    if model.processes_of(entity.name):
        done = {"$ref": "#/components/schemas/Done"}
        action = {"name": "action", "in": "path", "required": True, "schema": {"enum": action_names(model, entity)}}
        paths[base + "/{id}/actions"] = {
            "get": operation(f"What may be done now: {label}", list_of("Action"), [identity], tag=label)
        }
        paths[base + "/{id}/actions/{action}"] = {
            "post": operation(f"Do: {label}", done, [identity, action, match, confirm], body=operation_body(), tag=label)
        }
    return paths


def file_paths(base: str, label: str) -> Json:
    upload = operation(f"Add a file: {label}", reference("File"), [in_path("id")], status="201", tag=label)
    parts = closed({"field": TEXT, "file": {"type": "string", "contentMediaType": "application/octet-stream"}}, "field", "file")
    upload["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": parts}}}
    download = operation(f"Download a file: {label}", None, [in_path("id"), in_path("file")], tag=label)
    download["responses"]["200"]["content"] = {"*/*": {}}
    return {
        base + "/{id}/files": {"get": operation(f"Files: {label}", list_of("File"), [in_path("id")], tag=label), "post": upload},
        base + "/{id}/files/{file}": {"get": download},
    }


def action_names(model: Model, entity: Entity) -> list[str]:
    nodes = (node for process in model.processes_of(entity.name) for node in process.nodes.values())
    return sorted({name for node in nodes if node.type == "state" for name in node.actions})


COUNT: Json = {"type": "integer", "minimum": 0}


def other_paths() -> Json:
    task, instance, outcome = reference("Task"), reference("Instance"), reference("Outcome")
    box = {"name": "box", "in": "query", "description": "Default: todo.", "schema": {"enum": ["todo", "done", "started", "copied"]}}
    searching = [{**query("q", "string", "The text to look for."), "required": True}, query(*LIST_PARAMETERS[5])]
    numbered, confirm, draft = in_path("id"), query(*CONFIRM), reference("Draft")
    start = closed({"record": {"type": ["integer", "null"]}, "variables": {"type": "object"}})
    person: Json = {"type": ["string", "integer"]}
    signers = {"users": {"type": "array", "items": person}, "when": {"type": "string", "enum": ["before", "after", "parallel"]}}
    task_body = closed(OPERATION | signers | {"user": person, "action": TEXT})
    files = closed({"files": {"type": "object", "additionalProperties": {"type": ["string", "null"]}}}, "files")
    anything: Json = {"type": "object"}
    publish = operation("Publish the draft", outcome, [], body=closed({"message": TEXT}), tag="Configuration")
    publish["responses"]["422"] = {"description": "Refused", "content": {"application/json": {"schema": outcome}} | PROBLEM["content"]}
    return {
        "/tasks": {"get": operation("My tasks", list_of("Task"), [box], tag="Tasks")},
        "/tasks/{id}": {"get": operation("One task", task, [numbered], tag="Tasks")},
        "/tasks/{id}/{operation}": {
            "post": operation(
                "Do an operation of a task: one of its actions, or complete, approve, reject, abstain, claim, release, transfer, "
                "add_signer, remove_signer, comment",
                task, [numbered, in_path("operation", TEXT), confirm], body=task_body, tag="Tasks",
            )
        },
        "/processes/{process}/start": {
            "post": operation(
                "Start a process", instance, [in_path("process", TEXT), confirm], body=start, status="201", tag="Processes"
            )
        },
        "/instances/{id}": {"get": operation("One process instance", instance, [numbered], tag="Processes")},
        "/instances/{id}/cancel": {
            "post": operation("End an instance from outside", instance, [numbered], body=closed({"comment": TEXT}), tag="Processes")
        },
        "/instances/{id}/retry": {
            "post": operation("Do all incidents of an instance again", anything, [numbered], body=closed({}), tag="Processes")
        },
        "/incidents": {"get": operation("What failed for good", {"type": "array", "items": anything}, [], tag="Processes")},
        "/incidents/{id}/retry": {"post": operation("Do an incident again", anything, [numbered], body=closed({}), tag="Processes")},
        "/incidents/{id}/skip": {"post": operation("Go on without it", anything, [numbered], body=closed({}), tag="Processes")},
        "/hooks/{connector}/{hook}": {
            "post": operation(
                "A webhook that comes in, known by its signature or token", anything, [in_path("connector", TEXT), in_path("hook", TEXT)],
                body={}, tag="Processes",
            ) | {"security": []}
        },
        "/messages/{name}": {
            "post": operation(
                "Let a message reach the process that waits for its name and key, or start one", anything,
                [in_path("name", TEXT)], tag="Processes",
                body=closed({"key": {"type": ["string", "integer", "null"]}, "payload": anything, "ttl": TEXT}),
            )
        },
        "/reports": {"get": operation("The reports that I may see", {"type": "array", "items": anything}, [], tag="Reports")},
        "/reports/{report}": {"get": operation("What a report tells me", anything, [in_path("report", TEXT)], tag="Reports")},
        "/search": {"get": operation("What I may read and that holds a text, of all entities", anything, searching, tag="About")},
        "/me": {"get": operation("Who am I", anything, [], tag="About")},
        "/health": {"get": operation("Is the service well", anything, [], tag="About")},
        "/openapi.json": {"get": operation("This document", anything, [], tag="About")},
        "/config/revisions": {"get": operation("Published revisions", list_of("Revision"), [], tag="Configuration")},
        "/config/draft": {
            "get": operation("What is changed and not published", draft, [], tag="Configuration"),
            "post": operation("Replace the draft", draft, [], body=files, tag="Configuration"),
        },
        "/config/check": {"post": operation("Check the draft", outcome, [], tag="Configuration")},
        "/config/language": {
            "post": operation(
                "What an expression that is being written could go on with, and what is wrong with it", anything, [], tag="Configuration",
                body=closed({"text": TEXT, "offset": COUNT, "entity": TEXT, "process": TEXT, "rows": {"type": "boolean"}}, "text"),
            )
        },
        "/config/plan": {"get": operation("What publishing the draft would change", outcome, [], tag="Configuration")},
        "/config/publish": {"post": publish},
    }  # fmt: skip


def operation_body() -> Json:
    return closed(OPERATION)


def closed(properties: Json, *required: str) -> Json:
    """An object of these properties and no others."""
    schema: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": list(required)} if required else {})


def in_path(name: str, schema: Json | None = None) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": schema or {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}}


def reference(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def list_of(name: str) -> Json:
    return {"type": "array", "items": reference(name)}


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
        described["requestBody"] = {"required": "required" in body, "content": {"application/json": {"schema": body}}}
    return described


def shared_schemas() -> Json:
    text, number, maybe = TEXT, {"type": "integer"}, {"type": ["integer", "null"]}
    empty: Json = {"type": ["string", "null"]}
    texts: Json = {"type": "array", "items": text}
    shapes: Json = {
        "Problem": {
            "type": text, "title": text, "status": number, "detail": text, "code": text,
            "errors": {
                "type": "array",
                "items": {"type": "object", "properties": {"path": text, "code": text, "message": text}},
            },
        },
        "Aggregate": {
            "groups": list_of("Key"), "measures": list_of("Key"), "rows": {"type": "array", "items": {"type": "object"}},
            "more": {"type": "boolean", "description": "Whether there are further groups."},
        },
        "Key": {"name": text, "label": text, "type": text, "step": text, "kind": text},
        "Action": {"name": text, "label": text, "enabled": {"type": "boolean"}, "reason": text},
        "Done": {"record": {"type": "object"}, "actions": list_of("Action")},
        "Task": {
            "id": number, "node": text, "label": text, "process": text, "instance": number, "entity": text, "record": maybe,
            "title": text, "status": text, "assignee": empty, "due": empty, "created_at": text, "outcome": empty, "operations": texts,
        },
        "Instance": {
            "id": number, "process": text, "version": text, "entity": empty, "record": maybe, "status": text, "nodes": texts,
        },
        "Entry": {"id": number, "at": text, "kind": text, "user": maybe, "origin": text, "text": text, "data": {"type": "object"}},
        "Comment": {"id": number, "at": text, "user": maybe, "text": text},
        "File": {"id": number, "field": text, "name": text, "mimetype": text, "size": number},
        "Revision": {"number": number, "at": text, "author": empty, "message": text},
        "Draft": {"base": number, "files": {"type": "object", "additionalProperties": empty}},
        "Outcome": {
            "accepted": {"type": "boolean"}, "summary": text, "revision": maybe, "problems": {"type": "array"}, "changes": texts,
            "plan": texts, "impact": {"type": "array", "items": {"type": "object"}}, "failed_tests": {"type": "array"},
        },
    }  # fmt: skip
    return {name: {"type": "object", "properties": properties} for name, properties in shapes.items()}

"""Records over HTTP: list, create, read, change, archive, act, history."""

from __future__ import annotations

from dataclasses import replace
from types import NoneType

from flask import Response, abort, jsonify, request

from admin.api import api
from admin.api.incoming import body, flag, names, object_in, only, takes, text_in, wanted_version, whole
from admin.api.once import answered
from admin.api.problems import field_errors, say
from admin.api.serial import Json, plain, record_json, records_json
from admin.web import perform, the_workspace
from engine.errors import FieldError, NeedsConfirmation, NotFound, TradewindError, ValidationFailed
from engine.model.model import Entity
from engine.records import Record
from engine.records.history import Entry
from engine.workspace import Step

MOST_RECORDS, MOST_IN_BATCH = 200, 1000


def known_entity(name: str) -> Entity:
    """The entity of that name; lines have no address of their own."""
    entity = the_workspace().model.entities.get(name)
    if entity is None or entity.parent is not None:
        raise NotFound("There is no entity '{name}'", name=name)
    return entity


def tagged(record: Json, status: int = 200) -> Response:
    answer = jsonify(record)
    answer.status_code = status
    answer.headers["ETag"] = f'"{record["version"]}"'
    return answer


@api.get("/records/<name>")
@takes("filter", "sort", "fields", "expand", "search", "limit", "cursor", "archived", "count")
def list_records(name: str) -> Response:
    entity = known_entity(name)
    limit = whole("limit", 25, MOST_RECORDS)
    fields, expand = names("fields"), names("expand")
    check_names(entity, fields + expand)

    def work(step: Step) -> Json:
        page = step.records.list(
            entity.name,
            filter=request.args.get("filter") or None,
            sort=tuple(names("sort")),
            limit=limit,
            cursor=request.args.get("cursor") or None,
            search=request.args.get("search", ""),
            archived=flag("archived"),
        )
        answer: Json = {"records": records_json(page.records, fields=fields, expand=expand), "next": page.next}
        if flag("count"):
            answer["total"] = page.total
        return answer

    return jsonify(perform(work, readonly=True, origin="api"))


@api.get("/search")
@takes("q", "limit")
def search() -> Response:
    """What the caller may read and that holds the text, entity by entity: `{q, found: [{entity, id, title}], more}`."""
    wanted, limit = request.args.get("q", "").strip(), whole("limit", 25, MOST_RECORDS)
    if not wanted:
        abort(400, "'q' must be the text to look for")

    def work(step: Step) -> Json:
        found: list[Json] = []
        for entity in step.model.entities.values():
            if entity.parent is None and len(found) <= limit and step.access.can("read", entity.name):
                records = step.records.list(entity.name, search=wanted, limit=limit + 1 - len(found)).records
                found += [{"entity": entity.name, "id": record.id, "title": record.title()} for record in records]
        return {"q": wanted, "found": found[:limit], "more": len(found) > limit}

    return jsonify(perform(work, readonly=True, origin="api"))


def check_names(entity: Entity, wanted: list[str]) -> None:
    system = ("id", "version", "title", "created_at", "created_by", "updated_at", "updated_by", "owner", "archived")
    for name in wanted:
        if name not in entity.fields and name not in system:
            abort(400, f"{entity.name} has no field '{name}'")


@api.post("/records/<name>")
@takes("confirm")
def create_record(name: str) -> Response:
    entity, values = known_entity(name), body()

    def work(step: Step) -> Response:
        made = record_json(step.records.create(entity.name, values))
        answer = tagged(made, 201)
        answer.headers["Location"] = f"/api/v1/records/{entity.name}/{made['id']}"
        return answer

    return answered(work, confirm=flag("confirm"))


@api.post("/records/<name>/batch")
@takes("partial", "confirm")
def batch(name: str) -> Response:
    """Create (no `id`) or change (with `id`) many records: all or nothing, or with `?partial=true` a result each."""
    entity = known_entity(name)
    rows = only(body(), "records").get("records")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        abort(400, 'The body must be {"records": [{…}, …]}')
    if len(rows) > MOST_IN_BATCH:
        abort(400, f"At most {MOST_IN_BATCH} records in one batch")
    one = save_alone if flag("partial") else save_in_row
    return answered(
        lambda step: jsonify({"results": [one(step, entity, index, row) for index, row in enumerate(rows)]}), confirm=flag("confirm")
    )


def save_in_row(step: Step, entity: Entity, index: int, row: Json) -> Json:
    """One of a batch that stands or falls together: its refused values are told by their place in the batch."""
    try:
        return save(step, entity, row)
    except ValidationFailed as refused:
        raise type(refused)(replace(e, path=f"records.{index}.{e.path}".rstrip(".")) for e in refused.errors) from None


def save_alone(step: Step, entity: Entity, index: int, row: Json) -> Json:
    """One of a batch of which the others are kept when it is refused."""
    try:
        with step.savepoint():
            return save(step, entity, row)
    except TradewindError as error:
        return {"error": error_json(error)}


def save(step: Step, entity: Entity, row: Json) -> Json:
    values = {key: value for key, value in row.items() if key not in ("id", "version")}
    number, version = row.get("id"), row.get("version")
    if number is None:
        return record_json(step.records.create(entity.name, values))
    if type(number) is not int or type(version) not in (int, NoneType):
        raise ValidationFailed([FieldError("id", "type", "`id` and `version` must be whole numbers")])
    return record_json(step.records.update(step.records.get(entity.name, number), values, version=version))


def error_json(error: TradewindError) -> Json:
    answer: Json = {"code": error.code, "status": error.status, "title": say(error.template, error.values)}
    if isinstance(error, ValidationFailed | NeedsConfirmation):
        answer["errors"] = field_errors(error.errors)
    return answer


@api.get("/records/<name>/<int:record_id>")
@takes("fields", "expand")
def read_record(name: str, record_id: int) -> Response:
    entity, fields, expand = known_entity(name), names("fields"), names("expand")
    check_names(entity, fields + expand)
    return tagged(
        perform(
            lambda step: record_json(step.records.get(entity.name, record_id), fields=fields, expand=expand),
            readonly=True,
            origin="api",
        )
    )


@api.patch("/records/<name>/<int:record_id>")
@takes("confirm")
def change_record(name: str, record_id: int) -> Response:
    entity, values, version = known_entity(name), body(), wanted_version()

    def work(step: Step) -> Json:
        record = step.records.get(entity.name, record_id)
        return record_json(step.records.update(record, values, version=version))

    return tagged(perform(work, origin="api", confirm=flag("confirm")))


@api.delete("/records/<name>/<int:record_id>")
@takes("confirm")
def archive_record(name: str, record_id: int) -> tuple[str, int]:
    entity, version = known_entity(name), wanted_version()

    def work(step: Step) -> None:
        record = step.records.get(entity.name, record_id)
        step.records.archive(record, version=version)

    perform(work, origin="api", confirm=flag("confirm"))
    return "", 204


@api.get("/records/<name>/<int:record_id>/history")
def history(name: str, record_id: int) -> Response:
    entity = known_entity(name)

    def work(step: Step) -> list[object]:
        return [plain(entry.as_dict()) for entry in step.records.history(step.records.get(entity.name, record_id))]

    return jsonify(perform(work, readonly=True, origin="api"))


@api.get("/records/<name>/<int:record_id>/comments")
def comments(name: str, record_id: int) -> Response:
    entity = known_entity(name)

    def work(step: Step) -> list[Json]:
        entries = step.records.history(step.records.get(entity.name, record_id))
        return [comment_json(entry) for entry in entries if entry.kind == "comment"]

    return jsonify(perform(work, readonly=True, origin="api"))


def comment_json(entry: Entry) -> Json:
    return {"id": entry.id, "at": plain(entry.at), "user": entry.user.id if entry.user is not None else None, "text": entry.text}


@api.post("/records/<name>/<int:record_id>/comments")
def comment(name: str, record_id: int) -> Response:
    """Say something about a record that one may read: `{text}`."""
    entity, text = known_entity(name), text_in(only(body(), "text"), "text")

    def work(step: Step) -> Response:
        record = step.records.get(entity.name, record_id)
        step.history.comment(record, text)
        answer = jsonify(comment_json(next(iter(step.records.history(record)))))
        answer.status_code = 201
        return answer

    return answered(work)


@api.get("/records/<name>/<int:record_id>/actions")
def actions(name: str, record_id: int) -> Response:
    entity = known_entity(name)
    return jsonify(perform(lambda step: actions_json(step, step.records.get(entity.name, record_id)), readonly=True, origin="api"))


def actions_json(step: Step, record: Record) -> list[Json]:
    return [
        {"name": a.name, "label": a.label.in_(step.locale), "enabled": a.enabled, "reason": a.reason}
        for a in step.processes.actions(record)
    ]


@api.post("/records/<name>/<int:record_id>/actions/<action>")
@takes("confirm")
def act(name: str, record_id: int, action: str) -> Response:
    entity = known_entity(name)
    data = only(body(), "values", "comment")
    values, comment, version = object_in(data, "values"), text_in(data, "comment"), wanted_version()

    def work(step: Step) -> Response:
        record = step.records.get(entity.name, record_id)
        record.expect_version(version)
        done = step.processes.act(record, action, values=values, comment=comment)
        return jsonify({"record": record_json(done), "actions": actions_json(step, done)})

    return answered(work, confirm=flag("confirm"))

"""Records over HTTP: list, create, read, change, archive, act, history."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, jsonify, request

from admin.api import api, body, flag, names, only
from admin.api.problems import field_errors, problem, say
from admin.api.serial import Json, plain, record_json, records_json
from admin.web import perform, the_workspace
from engine.errors import NotFound, TradewindError, ValidationFailed
from engine.model.model import Entity
from engine.records import Record
from engine.workspace import Step

MOST_RECORDS, MOST_IN_BATCH = 200, 1000


def known_entity(name: str) -> Entity:
    """The entity of that name; lines have no address of their own."""
    entity = the_workspace().model.entities.get(name)
    if entity is None or entity.parent is not None:
        raise NotFound("There is no entity '{name}'", name=name)
    return entity


def wanted_version() -> int | None:
    """The version in If-Match, as a number, quoted or not."""
    header = request.headers.get("If-Match", "").strip()
    if header in ("", "*"):
        return None
    text = header.removeprefix("W/").strip('"')
    if not text.isdigit():
        abort(400, 'If-Match takes the record\'s version, such as "3"')
    return int(text)


def tagged(record: Json, status: int = 200) -> Response:
    answer = jsonify(record)
    answer.status_code = status
    answer.headers["ETag"] = f'"{record["version"]}"'
    return answer


@api.get("/records/<name>")
def list_records(name: str) -> Response:
    entity = known_entity(name)
    limit = request.args.get("limit", "25")
    if not limit.isdigit() or not 1 <= int(limit) <= MOST_RECORDS:
        abort(400, f"limit must be a whole number from 1 to {MOST_RECORDS}")
    fields, expand = names("fields"), names("expand")
    check_names(entity, fields + expand)

    def work(step: Step) -> Json:
        page = step.records.list(
            entity.name,
            filter=request.args.get("filter") or None,
            sort=tuple(names("sort")),
            limit=int(limit),
            cursor=request.args.get("cursor") or None,
            search=request.args.get("search", ""),
            archived=flag("archived"),
        )
        answer: Json = {"records": records_json(page.records, fields=fields, expand=expand), "next": page.next}
        if flag("count"):
            answer["total"] = page.total
        return answer

    return jsonify(perform(work, readonly=True, origin="api"))


def check_names(entity: Entity, wanted: list[str]) -> None:
    system = ("id", "version", "title", "created_at", "created_by", "updated_at", "updated_by", "owner", "archived")
    for name in wanted:
        if name not in entity.fields and name not in system:
            abort(400, f"{entity.name} has no field '{name}'")


@api.post("/records/<name>")
def create_record(name: str) -> Response:
    entity, values = known_entity(name), body()
    made = perform(lambda step: record_json(step.records.create(entity.name, values)), origin="api", confirm=flag("confirm"))
    answer = tagged(made, 201)
    answer.headers["Location"] = f"/api/v1/records/{entity.name}/{made['id']}"
    return answer


@api.post("/records/<name>/batch")
def batch(name: str) -> Response:
    """Create (no `id`) or change (with `id`) many records: all or nothing, or with `?partial=true` a result each."""
    entity = known_entity(name)
    rows = only(body(), "records").get("records")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        abort(400, 'The body must be {"records": [{…}, …]}')
    if len(rows) > MOST_IN_BATCH:
        abort(400, f"At most {MOST_IN_BATCH} records in one batch")

    confirm = flag("confirm")
    if not flag("partial"):
        return jsonify({"results": perform(lambda step: [save(step, entity, row) for row in rows], origin="api", confirm=confirm)})
    results: list[Json] = []
    for row in rows:  # each is its own step by the caller's choice
        try:
            results.append(perform(lambda step, row=row: save(step, entity, row), origin="api", confirm=confirm))
        except TradewindError as error:
            results.append({"error": error_json(error)})
    return jsonify({"results": results})


def save(step: Step, entity: Entity, row: dict[str, Any]) -> Json:
    values = {key: value for key, value in row.items() if key not in ("id", "version")}
    if row.get("id") is None:
        return record_json(step.records.create(entity.name, values))
    record = step.records.get(entity.name, row["id"])
    return record_json(step.records.update(record, values, version=row.get("version")))


def error_json(error: TradewindError) -> Json:
    answer: Json = {"code": error.code, "status": error.status, "title": say(error.template, error.values)}
    if isinstance(error, ValidationFailed):
        answer["errors"] = field_errors(error.errors)
    return answer


@api.get("/records/<name>/<int:record_id>")
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
def change_record(name: str, record_id: int) -> Response:
    entity, values, version = known_entity(name), body(), wanted_version()

    def work(step: Step) -> Json:
        record = step.records.get(entity.name, record_id)
        return record_json(step.records.update(record, values, version=version))

    return tagged(perform(work, origin="api", confirm=flag("confirm")))


@api.delete("/records/<name>/<int:record_id>")
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
def act(name: str, record_id: int, action: str) -> Response:
    entity = known_entity(name)
    data = only(body(), "values", "comment")
    values = data.get("values") or {}
    if not isinstance(values, dict):
        return problem(400, "bad_request", "`values` must be an object")
    version = wanted_version()

    def work(step: Step) -> Json:
        record = step.records.get(entity.name, record_id)
        record.expect_version(version)
        done = step.processes.act(record, action, values=values, comment=str(data.get("comment") or ""))
        return {"record": record_json(done), "actions": actions_json(step, done)}

    return jsonify(perform(work, origin="api", confirm=flag("confirm")))

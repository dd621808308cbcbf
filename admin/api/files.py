"""Files of records over HTTP: who may read a field may read its files, who may change it may add to them."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, abort, jsonify, request, send_file

from admin.api import api
from admin.api.once import answered
from admin.api.records import known_entity
from admin.api.serial import Json
from admin.web import perform
from engine.errors import NotFound
from engine.model.model import Field
from engine.records import Record
from engine.records.attachments import TYPES
from engine.records.files import StoredFile
from engine.workspace import Step


def held(record: Record) -> Iterator[tuple[Field, int]]:
    """The ids of the files that the record's visible fields hold, each with its field."""
    for field in record.visible_fields().values():
        if field.type in TYPES:
            value = record[field.name]
            for number in value if isinstance(value, list) else [value]:
                if number is not None:
                    yield field, number


def file_json(field: Field, stored: StoredFile) -> Json:
    return {"id": stored.id, "field": field.name, "name": stored.name, "mimetype": stored.mimetype, "size": stored.size}


@api.get("/records/<name>/<int:record_id>/files")
def files(name: str, record_id: int) -> Response:
    entity = known_entity(name)

    def work(step: Step) -> list[Json]:
        return [file_json(field, step.files.get(number)) for field, number in held(step.records.get(entity.name, record_id))]

    return jsonify(perform(work, readonly=True, origin="api"))


@api.post("/records/<name>/<int:record_id>/files")
def add_file(name: str, record_id: int) -> Response:
    """Store a file in a field: multipart/form-data with `field` and `file`. A field of one file loses the one before."""
    entity = known_entity(name)
    request.get_data()  # kept for the Idempotency-Key, which covers the whole body
    if request.mimetype != "multipart/form-data":
        abort(415, "Send the file as multipart/form-data, with `field` and `file`")
    upload, field = request.files.get("file"), entity.fields.get(request.form.get("field", ""))
    if upload is None or not upload.filename or field is None or field.type not in TYPES:
        known = ", ".join(each.name for each in entity.fields.values() if each.type in TYPES) or "none"
        abort(400, f"`file` must be a file and `field` one of {entity.name}'s fields for files: {known}")

    def work(step: Step) -> Response:
        record = step.records.get(entity.name, record_id)
        number = step.files.store(upload.filename or "file", upload.mimetype, upload.stream)
        step.records.update(record, {field.name: [*record[field.name], number] if field.type == "files" else number})
        answer = jsonify(file_json(field, step.files.get(number)))
        answer.status_code = 201
        return answer

    return answered(work)


@api.get("/records/<name>/<int:record_id>/files/<int:file_id>")
def file(name: str, record_id: int, file_id: int) -> Response:
    """A file's contents, always as a download."""
    entity = known_entity(name)

    def work(step: Step) -> StoredFile:
        if file_id not in {number for _, number in held(step.records.get(entity.name, record_id))}:
            raise NotFound("There is no file {id}", id=file_id)
        return step.files.get(file_id)

    found = perform(work, readonly=True, origin="api")
    return send_file(found.path, mimetype=found.mimetype, download_name=found.name, as_attachment=True, max_age=0)

"""Files that records hold: who may read the record may read its files."""

from __future__ import annotations

from flask import send_file
from werkzeug.wrappers import Response

from admin.desk import desk, entity_named
from admin.web import perform
from engine.errors import NotFound
from engine.records.files import StoredFile
from engine.workspace import Step

SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"})  # the rest is downloaded


@desk.get("/r/<name>/<int:record_id>/files/<field>/<int:file_id>")
def file(name: str, record_id: int, field: str, file_id: int) -> Response:
    """A file of a record's field, for those who may read both."""

    def work(step: Step) -> StoredFile:
        entity_named(step, name)
        record = step.records.get(name, record_id)
        held = record[field] if field in record.visible_fields() else None
        if file_id not in (held if isinstance(held, list) else [held]):
            raise NotFound("There is no file {id}", id=file_id)
        return step.files.get(file_id)

    found = perform(work, readonly=True)
    answer = send_file(
        found.path, mimetype=found.mimetype, download_name=found.name, as_attachment=found.mimetype not in SHOWN, max_age=0
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer

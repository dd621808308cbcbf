"""A posted form as the values that the records service takes. Inputs are named `field` and `lines-<index>-<field>`.

A field without an input is not touched. Boxes and grids, of which nothing is posted when they are empty, say that they were
there with `<field>-present`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, request
from werkzeug.datastructures import MultiDict

from admin.desk.present import from_input
from engine.errors import ValidationFailed
from engine.model.model import Entity, Field
from engine.workspace import Step

FILES = ("file", "image", "files")


def posted_values(
    step: Step, entity: Entity, only: Mapping[str, Field] | None = None, *, new: bool = False, final: bool = True
) -> dict[str, Any]:
    """The values that were posted, files stored. In a new record, what was left empty takes its default.

    Not `final`, to show the form again: files are left out, and so is what cannot be read.
    """
    zone = step.model.settings.zone
    form = request.form
    values: dict[str, Any] = {}
    for name, field in (only if only is not None else entity.fields).items():
        present = f"{name}-present" in form
        if field.compute is not None or field.type == "related":
            continue
        if field.lines is not None:
            if present:
                values[name] = [row for _, row in posted_lines(form, field, zone, final=final)]
        elif field.type in FILES:
            values |= posted_files(step, field) if final else {}
        elif field.type in ("choices", "links"):
            if present:
                values[name] = [from_input(text, as_one(field), zone) for text in form.getlist(name) if text]
        elif field.type == "boolean":
            if present:
                values[name] = "true" in form.getlist(name)
        elif name in form:
            value = read(form.getlist(name)[-1], field, zone, final)
            if not (new and value is None and field.default is not None):
                values[name] = value
    return values


def read(text: str, field: Field, zone: ZoneInfo, final: bool) -> object:
    try:
        return from_input(text, field, zone)
    except ValidationFailed:
        if final:
            raise
        return None


def as_one(field: Field) -> Field:
    """A field for one of the values of `choices` or `links`."""
    return Field(field.name, "choice" if field.type == "choices" else "link", field.label, to=field.to)


def posted_lines(form: MultiDict[str, str], field: Field, zone: ZoneInfo, *, final: bool = False) -> list[tuple[str, dict[str, Any]]]:
    """The lines in the order of their rows, each with its index in the form; rows that were left empty are dropped."""
    assert field.lines is not None
    prefix = f"{field.name}-"
    indexes = dict.fromkeys(key[len(prefix) :].split("-", 1)[0] for key in form if key.startswith(prefix))
    rows = []
    for index in (i for i in indexes if i.isdigit()):
        row: dict[str, Any] = {}
        identity = form.get(f"{prefix}{index}-id", "")
        for name, column in field.lines.fields.items():
            key = f"{prefix}{index}-{name}"
            if column.type == "boolean" and f"{key}-present" in form:
                row[name] = "true" in form.getlist(key)
            elif key in form:
                value = read(form.getlist(key)[-1], column, zone, final)
                if identity or value is not None or column.default is None:
                    row[name] = value
        if identity.isdigit():
            row["id"] = int(identity)
        if identity or any(value not in (None, False) for value in row.values()):
            rows.append((index, row))
    return rows


def typed_texts(step: Step, entity: Entity) -> dict[str, list[str]]:
    """What was typed, by the names that inputs have when the form is drawn again: lines are counted anew."""
    texts = {key: request.form.getlist(key) for key in request.form}
    for field in entity.fields.values():
        if field.lines is None or f"{field.name}-present" not in request.form:
            continue
        kept = [index for index, _ in posted_lines(request.form, field, step.model.settings.zone)]
        prefix = f"{field.name}-"
        old = {key: texts.pop(key) for key in list(texts) if key.startswith(prefix)}
        for new, index in enumerate(kept):
            start = f"{prefix}{index}-"
            texts |= {f"{prefix}{new}-{key[len(start):]}": value for key, value in old.items() if key.startswith(start)}
    return texts


def posted_files(step: Step, field: Field) -> dict[str, Any]:
    uploads = [upload for upload in request.files.getlist(field.name) if upload.filename]
    if not uploads:
        return {field.name: None} if f"{field.name}-remove" in request.form and field.type != "files" else {}
    stored = [step.files.store(upload.filename or "file", upload.mimetype, upload.stream) for upload in uploads]
    return {field.name: stored if field.type == "files" else stored[-1]}


def posted_version() -> int | None:
    """The version that the form was made from (the optimistic lock)."""
    text = request.form.get("version", "")
    if text and not text.isdigit():
        abort(400)
    return int(text) if text else None

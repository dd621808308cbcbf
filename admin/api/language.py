"""The language service over HTTP, for editors of the configuration: what an expression could go on with, and what is wrong."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response, abort, jsonify

from admin.api import api
from admin.api.config import require_admin
from admin.api.incoming import body, only, text_in
from admin.web import reader_locale, the_workspace
from dsl import language
from dsl.feel import Scope
from engine.model.model import Model
from engine.model.scopes import names_of, process_scope, record_scope, row_scope

LONGEST = 10_000  # characters; an editor asks at every key


@api.post("/config/language")
def expression() -> Response:
    """About a place in an expression: `{text, offset, entity, process, rows}`.

    `entity` is whose record it is about, with `rows` a condition on that entity's rows; `process` adds its variables.
    """
    require_admin()
    data = only(body(), "text", "offset", "entity", "process", "rows")
    text, entity, process = text_in(data, "text"), text_in(data, "entity"), text_in(data, "process")
    offset, rows = data.get("offset", len(text)), data.get("rows", False)
    if type(rows) is not bool or (rows and not entity):
        abort(400, "'rows' must be true or false, and goes with an 'entity'")
    if type(offset) is not int or not 0 <= offset <= len(text):
        abort(400, "'offset' must be a position in the text")
    if len(text) > LONGEST:
        abort(400, f"'text' may have at most {LONGEST} characters")
    model, locale = the_workspace().model, reader_locale()
    scope = scope_of(model, entity, process, rows=rows)
    row = entity if rows else ""

    def describe(owner: str, field: str) -> str:
        found = model.entities.get(owner)
        return found.fields[field].label.in_(locale) if found is not None and field in found.fields else ""

    helped = language.signature_help(text, offset, scope)
    hovered = language.hover(text, offset, scope, entity=row, describe=describe)
    return jsonify(
        {
            "diagnostics": [asdict(each) for each in language.diagnostics(text, scope, entity=row)],
            "completions": [asdict(each) for each in language.completions(text, offset, scope, entity=row, describe=describe)],
            "signature": None if helped is None else asdict(helped),
            "hover": None if hovered is None else asdict(hovered),
            "formatted": language.formatted(text, scope),
        }
    )


def scope_of(model: Model, entity: str, process: str, *, rows: bool) -> Scope:
    """What the expression may name; 400 for an entity or a process that there is not."""
    if entity and entity not in model.entities:
        abort(400, f"There is no entity '{entity}'")
    if process and process not in model.processes:
        abort(400, f"There is no process '{process}'")
    if rows:
        return row_scope(model)
    if process:
        return process_scope(model, model.processes[process])
    return record_scope(model, entity) if entity else names_of(model).scope(None)

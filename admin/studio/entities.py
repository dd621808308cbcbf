"""Entities, their fields and their form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from admin.api.problems import say
from admin.desk import reader_of
from admin.desk.controls import FieldState, Form
from admin.studio import studio, studio_page
from admin.studio.draft import Draft, open_draft
from admin.web import perform, the_workspace
from engine.errors import FieldError, NotFound, ValidationFailed
from engine.model import customize
from engine.model.model import Entity
from engine.workspace import Step

NEW_TYPES = (
    "text", "long_text", "integer", "decimal", "money", "percent", "boolean", "date", "datetime", "choice", "link",
    "email", "phone", "url",
)  # fmt: skip


def drafted_entity(draft: Draft, name: str) -> Entity:
    entity = draft.model.entities.get(name)
    if entity is None or entity.parent is not None:
        raise NotFound("There is no entity '{name}'", name=name)
    return entity


def login() -> str:
    """Who works on the draft."""
    return perform(lambda step: str(step.user["login"]) if step.user is not None else "", readonly=True)


@studio.get("/")
def overview() -> str:
    draft = open_draft(the_workspace())
    entities = [e for e in draft.model.entities.values() if e.parent is None]
    return studio_page("studio/overview.html", draft=draft, entities=entities, processes=list(draft.model.processes.values()))


@studio.get("/entities/<name>")
def entity(name: str) -> str:
    return entity_page(name)


def entity_page(name: str, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None) -> str:
    draft = open_draft(the_workspace())
    found = drafted_entity(draft, name)
    targets = [e for e in draft.model.entities.values() if e.parent is None]
    return studio_page(
        "studio/entity.html", draft=draft, entity=found, types=NEW_TYPES, targets=targets, typed=typed or {},
        errors=errors or {}, problems=draft.problems_of("entity", name), yaml=yaml_of(draft, name),
    )  # fmt: skip


def yaml_of(draft: Draft, name: str) -> dict[str, str]:
    """The files that say what the entity is: its document and what extends it, path to text."""
    heads = (f"entity: {name}", f"extend: entity {name}")
    return {path: text for path, text in draft.files.items() if any(line.strip() in heads for line in text.splitlines())}


@studio.post("/entities/<name>/fields")
def add_field(name: str) -> Response | tuple[str, int]:
    """Add a custom field to the draft, and to the end of the form's first section of fields."""
    draft = open_draft(the_workspace())
    found = drafted_entity(draft, name)
    label = {locale: text for locale in ("en", "zh") if (text := request.form.get(f"label_{locale}", "").strip())}
    try:
        if not label:
            raise ValidationFailed([FieldError("label_en", "required", gettext("Give the field a label"))])
        field_name = request.form.get("name", "").strip() or customize.suggested_name(label.get("en", ""), found.fields)
        definition = definition_from_form(label)
        changed = customize.new_field(draft.files, name, found.fields, field_name, definition)
    except ValidationFailed as error:
        told = {e.path: say(e.template, e.values) for e in error.errors}
        return entity_page(name, request.form, told), 422
    document = {**draft.document("entity", name)}
    if document.get("form"):
        section = main_section(found)
        order = {section: [*names_in(found, section), field_name]}
        changed |= customize.placed({**draft.files, **changed}, name, document, order, {})
    draft.keep(changed, login())
    return redirect(url_for("studio.form", name=name) + f"#{field_name}", 303)


def definition_from_form(label: Mapping[str, str]) -> dict[str, Any]:
    """The new field's declaration, in the order in which people write one."""
    kind = request.form.get("type", "")
    if kind not in NEW_TYPES:
        raise ValidationFailed([FieldError("type", "option", gettext("Choose a type"))])
    definition: dict[str, Any] = {"type": kind, "label": dict(label)}
    if kind == "link":
        definition["to"] = request.form.get("to", "")
    if kind == "choice":
        options = [line.strip() for line in request.form.get("options", "").splitlines() if line.strip()]
        if not options:
            raise ValidationFailed([FieldError("options", "required", gettext("Give one option a line"))])
        definition["options"] = options
    if help_text := request.form.get("help", "").strip():
        definition["help"] = help_text
    if request.form.get("required"):
        definition["required"] = True
    return definition


def main_section(entity: Entity) -> str:
    """The first section that holds plain fields."""
    plain = (s.name for s in entity.sections if not any(entity.fields[f.name].lines for f in s.fields))
    return next(plain, entity.sections[0].name)


def names_in(entity: Entity, section: str) -> list[str]:
    return [f.name for s in entity.sections if s.name == section for f in s.fields]


@studio.get("/entities/<name>/form")
def form(name: str) -> str:
    """The form designer: the real form, drawn by the same code, with the fields that are not on it beside it."""
    draft = open_draft(the_workspace())
    found = drafted_entity(draft, name)
    placed = {field.name for section in found.sections for field in section.fields}
    rest = [f for f in found.fields.values() if f.name not in placed]

    def canvas(step: Step) -> list[Any]:
        states = {field: FieldState(required=found.fields[field].required) for field in found.fields}
        return Form(step, reader_of(step), found, {}, states).groups()

    groups = perform(canvas, readonly=True)
    return studio_page("studio/form.html", draft=draft, entity=found, groups=groups, rest=rest,
                       problems=draft.problems_of("entity", name), yaml=yaml_of(draft, name))  # fmt: skip


@studio.post("/entities/<name>/form")
def arrange(name: str) -> Response:
    """A new order of fields, `{sections: {section: [field, …]}}`, from a drag or a key; answers with the draft's state."""
    draft = open_draft(the_workspace())
    found = drafted_entity(draft, name)
    posted = request.get_json(silent=True)
    order = posted.get("sections") if isinstance(posted, dict) else None
    if not isinstance(order, dict) or not all(isinstance(fields, list) for fields in order.values()):
        abort(400)
    unknown = [field for fields in order.values() for field in fields if field not in found.fields]
    if unknown:
        abort(400, f"{name} has no field '{unknown[0]}'")
    default = {
        s.name: {"label": dict(s.label.by_locale), "columns": s.columns, "fields": [f.name for f in s.fields]}
        for s in found.sections
    }
    changed = customize.placed(draft.files, name, draft.document("entity", name), order, default)
    if changed:
        draft.keep(changed, login())
    after = open_draft(the_workspace())
    return jsonify(
        {
            "changes": len(after.changes),
            "problems": [f"{p.place}: {p.message}" for p in after.problems_of("entity", name)],
            "banner": render_template("studio/_banner.html", draft=after),
        }
    )

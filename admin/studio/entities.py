"""Entities, their fields and their form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from admin.api.problems import say
from admin.desk import reader_of
from admin.desk.controls import Control, FieldState, Form
from admin.desk.shell import icon_of
from admin.studio import banner, studio, studio_page
from admin.studio.draft import Draft, open_draft
from admin.web import perform, reader_locale, the_workspace
from engine.errors import FieldError, NotFound, ValidationFailed
from engine.model import customize
from engine.model.model import Entity, Field
from engine.workspace import Step

TYPE_ICONS = {
    "text": "letter-case", "long_text": "align-left", "rich_text": "align-left", "integer": "hash", "decimal": "hash",
    "money": "coin-yuan", "percent": "percentage", "boolean": "toggle-right", "date": "calendar", "datetime": "calendar-time",
    "time": "clock", "duration": "hourglass", "choice": "list-check", "choices": "list-check", "link": "link", "links": "link",
    "related": "link", "user": "user", "lines": "table", "file": "paperclip", "files": "paperclip", "image": "photo",
    "email": "mail", "phone": "phone", "url": "external-link", "json": "code",
}  # fmt: skip
NEW_TYPES = (
    "text", "long_text", "integer", "decimal", "money", "percent", "boolean", "date", "datetime", "choice", "link",
    "email", "phone", "url", "file",
)  # fmt: skip


def type_label(name: str) -> str:
    """A type of field in plain words."""
    labels = {
        "text": gettext("Text"), "long_text": gettext("Long text"), "rich_text": gettext("Formatted text"),
        "integer": gettext("Whole number"), "decimal": gettext("Number"), "money": gettext("Money"), "percent": gettext("Percent"),
        "boolean": gettext("Yes or no"), "date": gettext("Date"), "time": gettext("Time"), "datetime": gettext("Date and time"),
        "duration": gettext("Duration"), "choice": gettext("Choice"), "choices": gettext("Choices"), "link": gettext("Link"),
        "links": gettext("Links"), "lines": gettext("Lines"), "related": gettext("Related records"), "user": gettext("Person"),
        "file": gettext("File"), "files": gettext("Files"), "image": gettext("Image"), "email": gettext("E-mail"),
        "phone": gettext("Phone"), "url": gettext("Web address"), "json": gettext("Data (JSON)"),
    }  # fmt: skip
    return labels.get(name, name)


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
    language = reader_locale()
    entities = [
        {"label": e.label.in_(language), "name": e.name, "icon": icon_of(e), "fields": len(e.fields), "layer": layer(draft, e.module),
         "custom": sum(f.custom for f in e.fields.values())}
        for e in draft.model.entities.values() if e.parent is None
    ]  # fmt: skip
    processes = [
        {"label": p.label.in_(language), "name": p.name, "nodes": len(p.nodes), "layer": layer(draft, p.module),
         "entity": draft.model.entities[p.entity].label.in_(language) if p.entity else ""}
        for p in draft.model.processes.values()
    ]  # fmt: skip
    return studio_page("studio/overview.html", draft=draft, entities=entities, processes=processes, revision=the_workspace().revision)


def layer(draft: Draft, module: str) -> str:
    """Where something is declared: a module, or the workspace itself."""
    found = draft.model.modules.get(module)
    return found.label.in_(reader_locale()) if found is not None else gettext("Workspace")


@studio.get("/entities/<name>")
def entity(name: str) -> str:
    return entity_page(name)


def entity_page(name: str, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None) -> str:
    draft = open_draft(the_workspace())
    found = drafted_entity(draft, name)
    language = reader_locale()
    placed = {field.name for section in found.sections for field in section.fields}
    fields = [
        {"name": f.name, "id": f.name, "label": f.label.in_(language), "other": f.label.in_("zh" if language == "en" else "en"),
         "type": type_label(f.type), "icon": TYPE_ICONS.get(f.type, "letter-case"), "custom": f.custom, "facts": facts(draft, f),
         "layer": gettext("Custom") if f.custom else layer(draft, found.module), "on_form": f.name in placed}
        for f in found.fields.values()
    ]  # fmt: skip
    return studio_page(
        "studio/entity.html", draft=draft, entity=found, label=found.label.in_(language), fields=fields,
        types=[(each, type_label(each), TYPE_ICONS[each]) for each in NEW_TYPES],
        targets=[(e.name, e.label.in_(language)) for e in draft.model.entities.values() if e.parent is None],
        typed=typed or {}, errors=errors or {}, problems=draft.problems_of("entity", name), yaml=draft.files_of("entity", name),
    )  # fmt: skip


def facts(draft: Draft, field: Field) -> str:
    """What a field's declaration says besides its type, in a few words."""
    words = []
    if field.to is not None and field.type in ("link", "links") and field.to in draft.model.entities:
        words.append("→ " + draft.model.entities[field.to].label.in_(reader_locale()))
    if field.required:
        words.append(gettext("required"))
    if field.unique:
        words.append(gettext("unique"))
    if field.compute is not None:
        words.append("ƒ " + field.compute.text)
    elif field.readonly:
        words.append(gettext("read only"))
    if field.options:
        words.append(", ".join(o.label.in_(reader_locale()) or o.name for o in field.options.values()))
    return " · ".join(words)


@studio.post("/entities/<name>/fields")
def add_field(name: str) -> Response | tuple[str, int]:
    """Add a custom field to the draft. It is not on the form yet: the designer, which comes next, places it."""
    draft = open_draft(the_workspace())
    found = drafted_entity(draft, name)
    label = {locale: text for locale in ("en", "zh") if (text := request.form.get(f"label_{locale}", "").strip())}
    try:
        if not label:
            raise ValidationFailed([FieldError("label_en", "required", gettext("Give the field a label"))])
        given = request.form.get("name", "").strip()
        field_name = given or customize.suggested_name(label.get("en", ""), found.fields)
        changed = customize.new_field(draft.files, name, found.fields, field_name, definition_from_form(label))
    except ValidationFailed as error:
        told = {e.path: say(e.template, e.values) for e in error.errors}
        return entity_page(name, request.form, told), 422
    if not draft.document("entity", name).get("form"):
        changed |= off_form(draft, found, changed, name)
    draft.keep(changed, login())
    return redirect(url_for("studio.form", name=name, selected=field_name), 303)


def off_form(draft: Draft, found: Entity, changed: dict[str, str], name: str) -> dict[str, str]:
    """An entity without a form of its own draws all its fields; the sections are written down before a field is added."""
    order = {section.name: [f.name for f in section.fields] for section in found.sections}
    return customize.placed({**draft.files, **changed}, name, draft.document("entity", name), order, drawn_sections(found))


def definition_from_form(label: Mapping[str, str]) -> dict[str, Any]:
    """The new field's declaration, in the order in which people write one."""
    kind = request.form.get("type", "")
    if kind not in NEW_TYPES:
        raise ValidationFailed([FieldError("type", "option", gettext("Choose a type"))])
    definition: dict[str, Any] = {"type": kind, "label": dict(label)}
    if kind == "link":
        if not request.form.get("to"):
            raise ValidationFailed([FieldError("to", "required", gettext("Say what it links to"))])
        definition["to"] = request.form["to"]
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


@studio.get("/entities/<name>/form")
def form(name: str) -> str:
    """The form designer: the real form, drawn by the same code, with the fields that are not on it beside it."""
    draft = open_draft(the_workspace())
    found = drafted_entity(draft, name)
    language = reader_locale()
    order = order_of(found)
    placed = {field for fields in order.values() for field in fields}
    drawn = drawn_fields(found)
    sections = [
        {"name": s.name, "label": s.label.in_(language), "fields": [drawn[f.name] for f in s.fields]} for s in found.sections
    ]
    spare = [drawn[f] for f in found.fields if f not in placed]
    selected = request.args.get("selected", "")
    return studio_page(
        "studio/form.html", draft=draft, entity=found, label=found.label.in_(language), sections=sections, spare=spare,
        selected=selected if selected in found.fields else "", problems=draft.problems_of("entity", name),
        yaml=draft.files_of("entity", name), fields=drawn,
    )  # fmt: skip


def drawn_fields(found: Entity) -> dict[str, dict[str, Any]]:
    """Each field as the designer shows it: its control is the one of the real form."""

    def work(step: Step) -> dict[str, Control]:
        canvas = Canvas(step, reader_of(step), found, {}, {})
        return {f.name: canvas.control(f, FieldState(required=f.required)) for f in found.fields.values()}

    controls = perform(work, readonly=True)
    return {
        name: {
            "name": name, "label": c.label, "type_label": type_label(c.type), "icon": TYPE_ICONS.get(c.type, "letter-case"),
            "help": c.help, "required": c.field.required, "wide": c.wide, "custom": c.field.custom,
            "sample": Markup(render_template("studio/_sample.html", control=c)),
        }
        for name, c in controls.items()
    }  # fmt: skip


class Canvas(Form):
    """The form as the designer draws it: of the draft's fields, which the published model may not know yet."""

    def never_written(self, shown: Field) -> bool:
        return shown.compute is not None or shown.readonly

    def lines(self, made: Control, shown: Field, lines: Entity, values: Sequence[object]) -> Control:
        columns = tuple({"name": f.name, "label": f.label.in_(self.reader.language)} for f in lines.fields.values())
        return Control(made.name, shown, made.label, made.help, wide=True, columns=columns)


def order_of(found: Entity) -> dict[str, list[str]]:
    return {section.name: [field.name for field in section.fields] for section in found.sections}


def drawn_sections(found: Entity) -> dict[str, Any]:
    """The sections that the engine draws for an entity without a form, as a document would declare them."""
    return {
        s.name: {"label": dict(s.label.by_locale), "columns": s.columns, "fields": [f.name for f in s.fields]}
        for s in found.sections
    }


@studio.post("/entities/<name>/form")
def arrange(name: str) -> Any:
    """A new order of fields: `{sections: {section: [field, …]}}` from a drag or a key, or `field` and `move` without script."""
    draft = open_draft(the_workspace())
    found = drafted_entity(draft, name)
    if request.is_json:
        posted = request.get_json(silent=True)
        order = posted.get("sections") if isinstance(posted, dict) else None
    else:
        order = moved(order_of(found), request.form.get("field", ""), request.form.get("move", ""))
    if not isinstance(order, dict) or not all(isinstance(fields, list) for fields in order.values()):
        abort(400)
    unknown = [field for fields in order.values() for field in fields if field not in found.fields]
    if unknown:
        abort(400, f"{name} has no field '{unknown[0]}'")
    changed = customize.placed(draft.files, name, draft.document("entity", name), order, drawn_sections(found))
    if changed:
        draft.keep(changed, login())
    if not request.is_json:
        return redirect(url_for("studio.form", name=name, selected=request.form.get("field")), 303)
    after = open_draft(the_workspace())
    problems = [f"{p.place}: {p.message}" for p in after.problems_of("entity", name)]
    return jsonify({"changes": len(after.changes), "problems": problems, "banner": banner(after)})


def moved(order: dict[str, list[str]], field: str, move: str) -> dict[str, list[str]]:
    """The order after one move: up, down (over the section's end into the next), add, remove."""
    names = list(order)
    place = next(((section, fields.index(field)) for section, fields in order.items() if field in fields), None)
    if place is None:
        if move != "add" or not field:
            flash(gettext("Choose a field first"), "error")
            return order
        order[names[0]].append(field)
        return order
    section, at = place
    step = {"up": -1, "down": 1}.get(move, 0)
    order[section].remove(field)
    if move == "remove":
        return order
    if 0 <= at + step <= len(order[section]):
        order[section].insert(at + step, field)
    else:
        beside = names[max(0, min(len(names) - 1, names.index(section) + step))]
        order[beside].insert(len(order[beside]) if step < 0 and beside != section else 0 if beside != section else at, field)
    return order

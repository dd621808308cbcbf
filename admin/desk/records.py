"""One record: read, create, change, archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import jsonify, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from admin.api.problems import say
from admin.desk import desk, entity_named, page, reader_of, tell
from admin.desk.controls import Control, FieldState, Form
from admin.desk.decisions import controls, facts, panel
from admin.desk.posted import posted_lines, posted_values, posted_version, typed_texts
from admin.desk.present import Reader
from admin.desk.timeline import timeline
from admin.web import perform
from engine.errors import FieldError, NeedsConfirmation, StaleVersion, TradewindError, ValidationFailed
from engine.model.model import Entity
from engine.process.processes import AvailableAction
from engine.process.progress import Stage
from engine.records import Record
from engine.workspace import Step


def form_of(
    step: Step, entity: Entity, record: Record | None, *, editing: bool = False, values: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Form:  # fmt: skip
    """The form of a record, or of a new one. `values` are those of a post that was refused, shown again as typed."""
    preview = step.records.preview(entity.name, dict(values or {}), record)
    states = {name: FieldState(s.visible, s.readonly, s.required) for name, s in preview.states.items()}
    shown: Record = preview.values if values is not None or record is None else record
    typed = typed_texts(step, entity) if values is not None else None
    return Form(step, reader_of(step), entity, shown, states, errors or {}, typed, editable=editing, new=record is None)


@desk.get("/r/<name>/new")
def new(name: str) -> str:
    def work(step: Step) -> str:
        entity = entity_named(step, name)
        step.access.require("create", name)
        return new_page(step, entity, form_of(step, entity, None, editing=True))

    return perform(work, readonly=True)


def new_page(step: Step, entity: Entity, form: Form, **told: Any) -> str:
    return page("desk/edit.html", step, entity=entity, label=entity.label.in_(reader_of(step).language), record=None, form=form,
                save_url=url_for("desk.create", name=entity.name), preview_url=url_for("desk.preview", name=entity.name),
                back_url=url_for("desk.records", name=entity.name), **told)  # fmt: skip


@desk.post("/r/<name>/new")
def create(name: str) -> Response | tuple[str, int]:
    def work(step: Step) -> int:
        entity = entity_named(step, name)
        return int(step.records.create(name, posted_values(step, entity, new=True)).id or 0)

    try:
        made = perform(work, confirm="confirm" in request.form)
    except (ValidationFailed, NeedsConfirmation) as error:
        return refused(name, None, error)
    return saved(name, made, gettext("Saved"))


def saved(name: str, record_id: int, message: str) -> Response:
    tell([message])
    return redirect(url_for("desk.record", name=name, record_id=record_id), 303)


def refused(name: str, record_id: int | None, error: TradewindError) -> tuple[str, int]:
    """The form again with everything that was typed, and what is wrong at its field."""
    told = told_of(error)

    def work(step: Step) -> str:
        entity = entity_named(step, name)
        record = step.records.get(name, record_id) if record_id is not None else None
        values = posted_values(step, entity, new=record is None, final=False)
        form = form_of(step, entity, record, editing=True, values=values, errors=told["errors"])
        if record is None:
            return new_page(step, entity, form, **told)
        return edit_page(step, entity, record, form, **told)

    return perform(work, readonly=True), error.status


def told_of(error: TradewindError) -> dict[str, Any]:
    """An error as the templates show it: `errors` by input ("" for the whole), `warnings` to confirm, or `stale`."""
    found: Sequence[FieldError] = getattr(error, "errors", ()) or (FieldError("", error.code, error.template, error.values),)
    messages: dict[str, str] = {}
    for each in found:
        text = say(each.template, each.values)
        name = each.path.replace(".", "-")
        messages[name] = f"{messages[name]} {text}" if name in messages else text
    if isinstance(error, NeedsConfirmation):
        return {"errors": {}, "warnings": list(messages.values())}
    if isinstance(error, StaleVersion):
        return {"errors": {}, "warnings": [], "stale": messages[""]}
    return {"errors": messages, "warnings": []}


@desk.get("/r/<name>/<int:record_id>")
def record(name: str, record_id: int) -> str:
    def work(step: Step) -> str:
        entity = entity_named(step, name)
        found = step.records.get(name, record_id)
        if "edit" in request.args and step.access.can("update", found):
            return edit_page(step, entity, found, form_of(step, entity, found, editing=True))
        return record_page(step, entity, found)

    return perform(work, readonly=True)


def edit_page(step: Step, entity: Entity, record: Record, form: Form, **told: Any) -> str:
    here = {"name": entity.name, "record_id": record.id}
    return page("desk/edit.html", step, entity=entity, label=entity.label.in_(reader_of(step).language), record=record, form=form,
                save_url=url_for("desk.change", **here), preview_url=url_for("desk.preview", **here),
                back_url=url_for("desk.record", **here), **told)  # fmt: skip


def record_page(
    step: Step, entity: Entity, record: Record, *, errors: Mapping[str, str] | None = None, warnings: Sequence[str] = (),
    typed: Mapping[str, Sequence[str]] | None = None, again: tuple[str, list[tuple[str, str]]] | None = None, stale: str = "",
) -> str:  # fmt: skip
    """A record to read and to act on. `again` is a post that was warned of: its address and fields."""
    reader = reader_of(step)
    here = {"name": entity.name, "record_id": record.id}
    return page(
        "desk/record.html", step, entity=entity, label=entity.label.in_(reader.language), record=record, title=record.title(),
        form=form_of(step, entity, record), status=status_tag(step, entity, record, reader), headline=headline(step, record, reader),
        actions=actions(step, record, reader), progress=progress(step, record, reader),
        decisions=decisions(step, record, reader, errors or {}, typed), timeline=timeline(step, record, reader),
        may_change=step.access.can("update", record) and not record["archived"],
        may_archive=step.access.can("delete", record) and not record["archived"], people=people(step),
        errors=errors or {}, warnings=warnings, again=again, stale=stale, here=here, back_url=url_for("desk.records", name=entity.name),
        subtitle=subtitle(record, reader),
    )  # fmt: skip


def status_tag(step: Step, entity: Entity, record: Record, reader: Reader) -> tuple[str, str] | None:
    """The record's state: its lifecycle's field, else a choice called `status`."""
    lifecycle = step.model.lifecycle_of(entity.name)
    name = (lifecycle.lifecycle if lifecycle is not None else None) or "status"
    field = entity.fields.get(name)
    if field is None or name not in record.visible_fields() or record[name] is None:
        return None
    option = field.options.get(str(record[name]))
    return reader.value(record[name], field, record), (option.color if option is not None else "") or "grey"


def headline(step: Step, record: Record, reader: Reader) -> tuple[str, str] | None:
    """The figure that a board of these records adds up."""
    path = next((view.total for view in record.entity.views.values() if view.total is not None), None)
    field = record.visible_fields().get(path) if path is not None else None
    if field is None or record[field.name] is None:
        return None
    return field.label.in_(reader.language), reader.value(record[field.name], field, record)


def subtitle(record: Record, reader: Reader) -> str:
    owner = record["owner"]
    words = [owner.title()] if owner is not None else []
    return " · ".join([*words, gettext("created %(when)s", when=reader.when(record["created_at"]))])


def actions(step: Step, record: Record, reader: Reader) -> list[dict[str, Any]]:
    """The state's buttons: posted at once, or led to the page that asks first."""
    found: list[AvailableAction] = step.processes.actions(record)
    return [
        {
            "name": each.name, "label": each.label.in_(reader.language),
            "kind": {"primary": "primary", "danger": "no"}.get(each.style, ""),
            "asks": bool(each.form.inputs or each.form.edit) or each.confirm is not None,
            "reason": gettext("Not possible yet: it needs %(condition)s", condition=each.reason) if not each.enabled else "",
        }
        for each in found
    ]  # fmt: skip


def progress(step: Step, record: Record, reader: Reader) -> list[dict[str, str]]:
    stages: list[Stage] = step.processes.progress(record)
    return [
        {
            "label": stage.label.in_(reader.language), "state": stage.state,
            "note": " · ".join(filter(None, [stage.who.title() if stage.who is not None else "",
                                             reader.when(stage.when) if stage.when is not None else ""])),
        }
        for stage in stages
    ]  # fmt: skip


def decisions(
    step: Step, record: Record, reader: Reader, errors: Mapping[str, str], typed: Mapping[str, Sequence[str]] | None
) -> list[dict[str, Any]]:
    """What is asked of this person about the record; the task of the address first."""
    wanted = request.args.get("task", (typed or {}).get("task", [""])[0])
    mine = [task for task in step.tasks.of_record(record) if step.tasks.operations(task)]
    mine.sort(key=lambda task: str(task.id) != wanted)
    found = []
    for task in mine:
        decision = step.tasks.decision(task)
        comment = (typed or {}).get("comment", [""])[0]
        target = task.target or record
        opened = controls(step, reader, target, decision.form, errors, typed)
        shown = facts(step, reader, target, decision.form)
        found.append(panel(step, reader, decision, comment=comment) | {"controls": opened, "facts": shown})
    return found


def people(step: Step) -> list[tuple[str, str]]:
    """To whom a task may be given."""
    return [(str(user["login"]), user.title()) for user in step.records.find("user", "active") if user != step.user]


@desk.post("/r/<name>/<int:record_id>")
def change(name: str, record_id: int) -> Response | tuple[str, int]:
    def work(step: Step) -> None:
        entity = entity_named(step, name)
        found = step.records.get(name, record_id)
        step.records.update(found, posted_values(step, entity), version=posted_version())

    try:
        perform(work, confirm="confirm" in request.form)
    except (ValidationFailed, NeedsConfirmation, StaleVersion) as error:
        return refused(name, record_id, error)
    return saved(name, record_id, gettext("Saved"))


@desk.post("/r/<name>/preview")
@desk.post("/r/<name>/<int:record_id>/preview")
def preview(name: str, record_id: int | None = None) -> Response:
    """What the form would hold if it were saved now: computed values, and how fields stand. Nothing is written."""

    def work(step: Step) -> dict[str, Any]:
        entity = entity_named(step, name)
        found = step.records.get(name, record_id) if record_id is not None else None
        form = form_of(step, entity, found, editing=True, values=posted_values(step, entity, new=found is None, final=False))
        fields: dict[str, Any] = {}
        lines: dict[str, Any] = {}
        for control in (control for group in form.groups() for control in group.controls):
            fields[control.name] = {"visible": control.visible, "readonly": control.readonly, "required": control.required}
            if control.field.lines is None:
                fields[control.name] |= follows(control)
            else:
                indexes = [index for index, _ in posted_lines(request.form, control.field, step.model.settings.zone)]
                lines[control.name] = {
                    index: {name: follows(cell) for name, cell in row.cells.items()}
                    for index, row in zip(indexes, control.rows, strict=False)
                }
        return {"fields": fields, "lines": lines}

    return jsonify(perform(work, readonly=True))


def follows(control: Control) -> dict[str, str]:
    """What follows from the rest of the form: the text of a computed value, the default where nothing was typed."""
    return {"text": control.text} if control.fixed else {"hint": control.hint}


@desk.post("/r/<name>/<int:record_id>/archive")
def archive(name: str, record_id: int) -> Response:
    def work(step: Step) -> None:
        entity_named(step, name)
        step.records.archive(step.records.get(name, record_id), version=posted_version())

    perform(work)
    tell([gettext("Archived")])
    return redirect(url_for("desk.records", name=name), 303)

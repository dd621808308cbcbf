"""What people do: a state's actions, the operations of tasks, comments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from admin.desk import answer_error, desk, entity_named, page, reader_of, tell
from admin.desk.account import local
from admin.desk.decisions import controls, facts, opened_fields
from admin.desk.posted import posted_values, posted_version, typed_texts
from admin.desk.records import record_page, told_of
from admin.web import perform
from engine.errors import TradewindError
from engine.model.model import Field, Text
from engine.model.processes import TaskForm
from engine.records import Record
from engine.workspace import Step

TASK_OPERATIONS = ("claim", "release", "transfer", "add_signer", "comment")


def asked(step: Step, record: Record, form: TaskForm) -> dict[str, Field]:
    """The fields that an operation's form asks for: fields of the record, and inputs of its own."""
    return opened_fields(step, record, form) | dict(form.inputs)


# ---- actions of states ----


@desk.get("/r/<name>/<int:record_id>/do/<action>")
def ask(name: str, record_id: int, action: str) -> Any:
    """The small form that an action asks for before it is done."""
    return perform(lambda step: question(step, name, record_id, action), readonly=True)


def question(step: Step, name: str, record_id: int, action: str, error: TradewindError | None = None) -> Any:
    entity_named(step, name)
    record = step.records.get(name, record_id)
    found = next((each for each in step.processes.actions(record) if each.name == action), None)
    if found is None:
        return answer_error(409, "refused", gettext("This is not open to you in the record's present state"))
    url = url_for("desk.act", name=name, record_id=record_id, action=action)
    return ask_page(step, record, found.label, found.form, found.confirm, found.style, url, error)


def ask_page(
    step: Step, record: Record, label: Text, form: TaskForm, confirm: Text | None, style: str, url: str, error: TradewindError | None,
    operation: str = "",
) -> str:  # fmt: skip
    """The page of an operation that asks first: its question, its fields, a comment."""
    reader = reader_of(step)
    told = told_of(error) if error is not None else {"errors": {}, "warnings": []}
    typed = typed_texts(step, record.entity) if error is not None else None
    name = label.in_(reader.language)
    return page(
        "desk/ask.html", step, entity=record.entity, record=record, title=record.title(), action=name, url=url, operation=operation,
        label=record.entity.label.in_(reader.language),
        question=(confirm.in_(reader.language) or gettext("%(action)s?", action=name)) if confirm is not None else "",
        danger=style == "danger", controls=controls(step, reader, record, form, told["errors"], typed),
        facts=facts(step, reader, record, form), labels=labels(step, record, form), comment=request.form.get("comment", ""),
        back_url=url_for("desk.record", name=record.entity.name, record_id=record.id), **told,
    )  # fmt: skip


def labels(step: Step, record: Record, form: TaskForm) -> dict[str, str]:
    language = reader_of(step).language
    return {name: field.label.in_(language) for name, field in asked(step, record, form).items()}


@desk.post("/r/<name>/<int:record_id>/do/<action>")
def act(name: str, record_id: int, action: str) -> Any:
    def work(step: Step) -> list[str]:
        entity = entity_named(step, name)
        record = step.records.get(name, record_id)
        record.expect_version(posted_version())
        found = next((each for each in step.processes.actions(record) if each.name == action), None)
        values = posted_values(step, entity, asked(step, record, found.form)) if found is not None else {}
        step.processes.act(record, action, values=values, comment=request.form.get("comment", ""))
        return step.told

    def again(step: Step, error: TradewindError) -> Any:
        return question(step, name, record_id, action, error)

    return done_or_told(work, name, record_id, again if "asked" in request.form else None)


# ---- tasks ----


@desk.get("/tasks/<int:task_id>/<operation>")
def ask_task(task_id: int, operation: str) -> Any:
    """The page of a task's action that asks first."""
    return perform(lambda step: task_question(step, task_id, operation), readonly=True)


def task_question(step: Step, task_id: int, operation: str, error: TradewindError | None = None) -> Any:
    task = step.tasks.get(task_id)
    if operation not in step.tasks.operations(task):
        return answer_error(409, "refused", gettext("This is not open to you in the record's present state"))
    action = step.tasks.decision(task).node.actions.get(operation)
    if action is None:
        return redirect(url_for("desk.record", name=task.entity, record_id=task.record_id, task=task_id))
    record = task.target or step.records.get(task.entity, task.record_id)
    form = step.tasks.form(task, operation)
    url = url_for("desk.operate", task_id=task_id)
    return ask_page(step, record, action.label, form, action.confirm, action.style, url, error, operation)


@desk.post("/tasks/<int:task_id>")
def operate(task_id: int) -> Any:
    """An operation of a task: one of its actions, approve, reject, abstain, claim, release, transfer, add_signer."""
    operation = request.form.get("operation", "")
    name, record_id = perform(lambda step: where(step, task_id), readonly=True)

    def work(step: Step) -> list[str]:
        task = step.tasks.get(task_id)
        if operation in TASK_OPERATIONS:
            values = {}
        else:
            record = task.target or step.records.get(task.entity, task.record_id)
            values = posted_values(step, record.entity, asked(step, record, step.tasks.form(task, operation)))
        arguments: dict[str, object] = {}
        if operation == "transfer":
            arguments = {"user": request.form.get("user", "")}
        elif operation == "add_signer":
            arguments = {"users": request.form.getlist("users"), "when": request.form.get("when", "")}
        step.tasks.do(task, operation, values=values, comment=request.form.get("comment", ""), **arguments)
        return step.told

    def again(step: Step, error: TradewindError) -> Any:
        return task_question(step, task_id, operation, error)

    return done_or_told(work, name, record_id, again if "asked" in request.form else None)


def where(step: Step, task_id: int) -> tuple[str, int]:
    task = step.tasks.get(task_id)
    return task.entity, task.record_id


def done_or_told(
    work: Callable[[Step], list[str]], name: str, record_id: int, again: Callable[[Step, TradewindError], Any] | None
) -> Any:
    """Do it and go back to the record (or to `next`); what fails is told there, with what was typed."""
    try:
        told = perform(work, confirm="confirm" in request.form)
    except TradewindError as error:
        if error.status in (403, 404):
            raise
        failed = error
        if again is not None:
            return perform(lambda step: again(step, failed), readonly=True), error.status
        return perform(lambda step: told_page(step, name, record_id, failed), readonly=True), error.status
    tell(told or [gettext("Done")], "error" if told else "done")
    back = local(request.form.get("next")) or gone_or_record(name, record_id)
    return redirect(back, 303)


def gone_or_record(name: str, record_id: int) -> str:
    """The record, or home where the person may no longer see it."""

    def readable(step: Step) -> bool:
        found = step.records.get_many(name, [record_id])
        return bool(found) and step.access.can("read", found[0])

    if perform(readable, readonly=True):
        return url_for("desk.record", name=name, record_id=record_id)
    return url_for("desk.home")


def told_page(step: Step, name: str, record_id: int, error: TradewindError) -> str:
    entity = entity_named(step, name)
    record = step.records.get(name, record_id)
    told = told_of(error)
    fields = [(key, value) for key, values in request.form.lists() for value in values if key not in ("csrf_token", "confirm")]
    again = (request.path, fields) if told["warnings"] else None
    return record_page(step, entity, record, typed=typed_texts(step, entity), again=again, **told)


@desk.post("/r/<name>/<int:record_id>/comment")
def comment(name: str, record_id: int) -> Response:
    """Say something about a record; it shows in its timeline."""

    def work(step: Step) -> None:
        entity_named(step, name)
        step.history.comment(step.records.get(name, record_id), request.form.get("comment", ""))

    perform(work)
    return redirect(url_for("desk.record", name=name, record_id=record_id) + "#timeline", 303)

"""Records counted and added up over HTTP."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response, jsonify, request

from admin.api import api
from admin.api.incoming import names, takes, whole
from admin.api.records import known_entity
from admin.api.serial import Json, plain
from admin.web import perform, reader_locale
from engine.model.model import Model
from engine.reports import Answer, Key, Question, answer, group_of, may_see, measure_of, report_of, run
from engine.reports.answers import titles
from engine.reports.question import MOST_GROUPS
from engine.workspace import Step


@api.get("/records/<name>/aggregate")
@takes("group", "measures", "filter", "search", "limit")
def aggregate(name: str) -> Response:
    """`{groups, measures, rows, more}`: a row is an object by the names of groups and measures; links are `{id, title}`."""
    entity = known_entity(name)
    limit = whole("limit", 1000, MOST_GROUPS)

    def work(step: Step) -> Json:
        question = Question(
            entity.name,
            tuple(group_of(each) for each in names("group")),
            tuple(measure_of(each) for each in names("measures") or ["count"]),
            request.args.get("filter") or None,
            request.args.get("search", ""),
            limit,
        )
        return answer_json(step, answer(step.records, question))

    return jsonify(perform(work, readonly=True, origin="api"))


@api.get("/reports/<name>")
def report(name: str) -> Response:
    """A declared report: `{name, label, groups, measures, rows, more, chart}`, its rows as of `aggregate`."""

    def work(step: Step) -> Json:
        wanted = report_of(step, name)
        told = answer_json(step, run(step, wanted))
        labels = {each.name: each.label.in_(reader_locale()) for each in (*wanted.rows, *wanted.columns, *wanted.measures)}
        for key in (*told["groups"], *told["measures"]):
            key["label"] = labels.get(key["name"], key["label"])
        chart = asdict(wanted.chart) if wanted.chart is not None else None
        return {"name": name, "label": wanted.label.in_(reader_locale()), **told, "chart": chart}

    return jsonify(perform(work, readonly=True, origin="api"))


@api.get("/reports")
def reports() -> Response:
    """The reports that the caller may see: `name` and `label`."""

    def work(step: Step) -> list[Json]:
        seen = (each for each in step.model.reports.values() if may_see(step, each))
        return [{"name": each.name, "label": each.label.in_(reader_locale())} for each in seen]

    return jsonify(perform(work, readonly=True, origin="api"))


def answer_json(step: Step, found: Answer) -> Json:
    keys = (*found.groups, *found.measures)
    linked = {
        i: titles(step.records, key.target, (row[i] for row in found.rows if row[i] is not None))
        for i, key in enumerate(found.groups)
        if key.target is not None
    }

    def shown(place: int, value: object) -> object:
        if place in linked and isinstance(value, int):
            return {"id": value, "title": linked[place].get(value)}
        key = keys[place]
        whole_number = value is not None and (key.kind == "count" or (key.type == "integer" and key.kind != "average"))
        return int(str(value)) if whole_number else plain(value)

    return {
        "groups": [key_json(step.model, key) for key in found.groups],
        "measures": [key_json(step.model, key) for key in found.measures],
        "rows": [{key.name: shown(i, row[i]) for i, key in enumerate(keys)} for row in found.rows],
        "more": found.more,
    }


def key_json(model: Model, key: Key) -> Json:
    label = key.field.label.in_(reader_locale(), model.settings.locale) if key.field is not None else key.path or key.name
    told = {"name": key.name, "label": label, "type": key.type, "step": key.step, "kind": key.kind}
    return {name: value for name, value in told.items() if value}

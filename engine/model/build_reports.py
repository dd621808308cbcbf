"""Reports and dashboards, from their documents to the model (spec 1.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dsl.feel.types import NUMBER
from dsl.problems import did_you_mean
from engine.model.build_nodes import roles_of
from engine.model.checker import Checker, label
from engine.model.model import Entity, Field
from engine.model.part import Part
from engine.model.reports import Card, Chart, Dashboard, Report, ReportGroup, ReportMeasure

GROUPED = frozenset(
    {"text", "integer", "decimal", "money", "percent", "boolean", "date", "datetime", "choice", "link", "user", "email", "phone", "url"}
)
ADDED = frozenset({"integer", "decimal", "money", "percent"})
COMPARED = ADDED | {"date", "time", "datetime", "duration"}
SYSTEM = {"owner": "user", "created_by": "user", "updated_by": "user", "created_at": "datetime", "updated_at": "datetime"}
FIGURES = ("count", "sum", "average", "min", "max", "expression")


def build_report(checker: Checker, part: Part, entities: Mapping[str, Entity]) -> Report:
    return ReportBuilder(checker, part, entities).build()


class ReportBuilder:
    """Builds one report; its groups and measures are paths from the records of its entity."""

    def __init__(self, checker: Checker, part: Part, entities: Mapping[str, Entity]) -> None:
        self.checker = checker
        self.part = part
        self.entities = entities
        self.entity = known_entity(checker, part.get("entity"), entities)

    def build(self) -> Report:
        part, name = self.part, self.part.document.name
        rows, columns = (tuple(self.group(each) for _, each in part.items(key)) for key in ("rows", "columns"))
        measures = self.measures()
        named = [*(each.name for each in (*rows, *columns)), *(each.name for each in measures)]
        for key in ("rows", "columns", "measures"):
            for each_name, each in part.items(key):
                if named.count(each_name) > 1:
                    self.checker.report("TW1750", f"'{each_name}' is named twice", each.key_at, "choose another name")
        filter_ = part.get("filter")
        scope = self.checker.names.rows(self.entity.name) if self.entity is not None else None
        limit = part.get("limit")
        return Report(
            name,
            label(part.get("label"), name),
            label(part.get("description")),
            self.entity.name if self.entity is not None else "",
            self.checker.rows(filter_, scope, self.entity.name) if scope is not None and self.entity is not None else None,
            roles_of(self.checker, self.checker.roles, part),
            rows,
            columns,
            measures,
            tuple(self.sorted(each, named) for each in part.each("sort")),
            int(limit.value) if limit is not None else None,
            self.chart([each.name for each in rows + columns], [each.name for each in measures]),
        )

    def field(self, part: Part) -> tuple[str, Field | None]:
        """The type and field at the end of a path; "" where it leads nowhere, which is told."""
        if self.entity is None or self.checker.path(part, self.entity.name, part.written) is None:
            return "", None
        entity, (*way, last) = self.entity, part.written.split(".")
        for name in way:
            link = entity.fields.get(name)
            target = link.to if link is not None and link.stored else "user" if SYSTEM.get(name) == "user" else None
            if target is None or target not in self.entities:
                self.checker.report("TW1751", f"'{name}' is no link to one record", part.at, "group by the record that holds it")
                return "", None
            entity = self.entities[target]
        field = entity.fields.get(last)
        return (field.type if field is not None else SYSTEM.get(last, "")), field

    def group(self, part: Part) -> ReportGroup:
        by, step = part.get("by"), part.get("step")
        type_, field = self.field(by) if by is not None else ("", None)
        if by is not None and type_ and type_ not in GROUPED:
            self.checker.report("TW1751", f"records cannot be grouped by '{by.written}', which is of type {type_}", by.at)
        if step is not None and type_ not in ("", "date", "datetime"):
            self.checker.report("TW1751", f"`step` is for dates, and '{part.string('by')}' is of type {type_}", step.key_at, "leave it out")
        own = label(part.get("label")) or (field.label if field is not None else label(None, part.name))
        return ReportGroup(part.name, part.string("by"), part.string("step"), own)

    def measures(self) -> tuple[ReportMeasure, ...]:
        found = []
        plain = {name for name, each in self.part.items("measures") if each.get("expression") is None}
        for name, each in self.part.items("measures"):
            kinds = [kind for kind in FIGURES if each.get(kind) is not None]
            if len(kinds) != 1:
                hint = "write {count: true}, or one of sum, average, min and max with a field, such as {sum: total}"
                self.checker.report("TW1752", f"the measure '{name}' is one figure", each.at, hint)
                continue
            found.append(self.measure(name, each, kinds[0], plain))
        return tuple(found)

    def measure(self, name: str, part: Part, kind: str, plain: set[str]) -> ReportMeasure:
        given = part.get(kind)
        assert given is not None
        own = label(part.get("label"))
        if kind == "expression":
            scope = replace(self.checker.names.scope(None), names=dict.fromkeys(plain, NUMBER), functions={}, entities=frozenset())
            expression = self.checker.expression(given, scope, NUMBER)
            return ReportMeasure(name, kind, "", own or label(None, name), expression)
        if kind == "count":
            if given.value is not True:
                self.checker.report("TW1752", "`count` counts records", given.at, "write count: true")
            return ReportMeasure(name, kind, "", own or label(None, name))
        type_, field = self.field(given)
        if type_ and (field is None or type_ not in (ADDED if kind in ("sum", "average") else COMPARED)):
            self.checker.report("TW1752", f"'{given.written}' is of type {type_}, which has no {kind}", given.at)
        return ReportMeasure(name, kind, given.written, own or (field.label if field is not None else label(None, name)))

    def sorted(self, part: Part, named: list[str]) -> str:
        if part.written.lstrip("-") not in named:
            self.checker.unknown("TW1753", "the report has no group or measure", part.written.lstrip("-"), named, part.at)
        return part.written

    def chart(self, groups: list[str], measures: list[str]) -> Chart | None:
        part = self.part.get("chart")
        if part is None:
            return None
        for key, known in (("x", groups), ("series", groups), ("y", measures)):
            for each in part.each(key):
                if each.value not in known:
                    what = "the report has no measure" if key == "y" else "the report has no group"
                    self.checker.unknown("TW1753", what, each.written, known, each.at)
        if not groups:
            self.checker.report("TW1753", "a chart needs a group", part.key_at, "add `rows:`")
        x = part.string("x") or (groups[0] if groups else "")
        others = [each for each in groups if each != x]
        y = part.texts("y") or tuple(measures[:1])
        return Chart(part.string("type"), x, y, part.string("series") or (others[0] if others else ""), part.flag("stacked"))


def known_entity(checker: Checker, part: Part | None, entities: Mapping[str, Entity]) -> Entity | None:
    """The entity that a report or card names."""
    if part is None:
        return None
    found = entities.get(part.written)
    if found is None or found.parent is not None:
        checker.unknown("TW1711", "there is no entity", part.written, checker.names.queryable, part.at)
        return None
    return found


# ---- dashboards ----


def build_dashboard(checker: Checker, part: Part, entities: Mapping[str, Entity], reports: Mapping[str, Report]) -> Dashboard:
    name = part.document.name
    cards = {key: build_card(checker, each, entities, reports) for key, each in part.items("cards")}
    return Dashboard(name, label(part.get("label"), name), roles_of(checker, checker.roles, part), cards)


def build_card(checker: Checker, part: Part, entities: Mapping[str, Entity], reports: Mapping[str, Report]) -> Card:
    type_ = part.string("type")
    wanted, allowed = ("report", ("report",)) if type_ == "report" else ("entity", ("entity", "filter"))
    if part.get(wanted) is None:
        checker.report("TW1754", f"a card of type {type_} needs `{wanted}`", part.at)
    for key in ("entity", "filter", "report", "view", "limit"):
        given = part.get(key)
        if given is not None and key not in (*allowed, *(("view", "limit") if type_ == "list" else ())):
            checker.report("TW1754", f"a card of type {type_} has no `{key}`", given.key_at, "leave it out")
    entity, report, view = known_entity(checker, part.get("entity"), entities), part.get("report"), part.get("view")
    if report is not None and report.written not in reports:
        checker.unknown("TW1754", "there is no report", report.written, reports, report.at)
    if view is not None and entity is not None and view.written not in entity.views:
        hint = did_you_mean(view.written, entity.views)
        checker.report("TW1754", f"{entity.name} has no view '{view.written}'", view.at, hint)
    own = label(part.get("label"))
    if not own and report is not None and report.written in reports:
        own = reports[report.written].label
    limit, width = part.get("limit"), part.get("width")
    return Card(
        part.name,
        type_,
        own or label(None, part.name),
        entity.name if entity is not None else "",
        checker.rows(part.get("filter"), checker.names.rows(entity.name), entity.name) if entity is not None else None,
        part.string("report"),
        part.string("view"),
        int(limit.value) if limit is not None else 5,
        int(width.value) if width is not None else 1,
    )

"""Roles, templates and seed data, from effective documents to the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from dsl.feel import Expression
from dsl.feel.types import Scope
from dsl.problems import did_you_mean
from engine.model.checker import Checker, label
from engine.model.literals import TEXTS
from engine.model.model import DataSet, Entity, Grant, Role, Template
from engine.model.names import FUNCTIONS, USER
from engine.model.part import Part
from engine.model.processes import Process

SCOPES = ("none", "own", "department", "department_tree", "all")
SCOPED = ("read", "update", "delete", "export", "purge")
GIVEN = ("create", "import")


def build_role(checker: Checker, part: Part, entities: Mapping[str, Entity], processes: Mapping[str, Process]) -> Role:
    grants = {}
    for name, each in part.items("grants"):
        if name not in entities or entities[name].parent is not None:
            known = [entity.name for entity in entities.values() if entity.parent is None]
            checker.unknown("TW1501", "there is no entity", name, known, each.key_at)
        else:
            grants[name] = grant(checker, each, entities[name], processes)
    return Role(part.document.name, label(part.get("label"), part.document.name), grants)


def grant(checker: Checker, part: Part, entity: Entity, processes: Mapping[str, Process]) -> Grant:
    operations: dict[str, Any] = {}
    for operation in SCOPED:
        scope = row_scope(checker, part.get(operation), entity)
        if scope is not None:
            operations[operation] = scope
    for operation in GIVEN:
        if part.flag(operation):
            operations[operation] = "all"
    rights: dict[str, Any] = {name: each.value for name, each in part.items("fields")}
    for name, each in part.items("fields"):
        known_field(checker, name, each.key_at, entity)
    for each in part.each("hide"):
        known_field(checker, str(each.value), each.at, entity)
        rights[str(each.value)] = "hide"
    known = {
        name
        for process in processes.values()
        if process.entity == entity.name
        for node in process.nodes.values()
        for name in node.actions
    }
    for each in part.each("actions"):
        if each.value not in known:
            checker.unknown("TW1502", f"no process of {entity.name} has an action", str(each.value), known, each.at)
    return Grant(entity.name, operations, part.texts("actions"), rights, part.texts("deny"))


def row_scope(checker: Checker, part: Part | None, entity: Entity) -> str | Expression | None:
    """`all`, `own`, … or a row rule; true is `all`, false is `none`."""
    if part is None:
        return None
    if isinstance(part.value, bool):
        return "all" if part.value else "none"
    if part.value in SCOPES:
        return str(part.value)
    scope = did_you_mean(str(part.value), SCOPES)
    if scope and str(part.value) not in (checker.names.members(entity.name) or {}):
        checker.report("TW1104", f"unknown scope '{part.value}'", part.at, scope)
        return None
    return checker.rows(part, checker.names.rows(entity.name), entity.name)


def known_field(checker: Checker, name: str, at: Any, entity: Entity) -> None:
    if name not in entity.fields and name not in (checker.names.members(entity.name) or {}):
        checker.unknown("TW1203", f"{entity.name} has no field", name, entity.fields, at)


def build_template(checker: Checker, part: Part) -> Template:
    """A message. What its names mean depends on the scripts that send it; without any, only its form is checked."""
    names = {"user": USER, "workspace": checker.names.workspace}
    scope = Scope(names, checker.names.members, checker.names.queryable, FUNCTIONS, open=True, decisions=checker.names.decisions)
    for key in ("subject", "body"):
        checker.check_uses(part.get(key), checker.sent.get(part.document.name, ()))
    return Template(
        part.document.name,
        part.texts("channels") or ("app",),
        checker.templates(part.get("subject"), scope),
        checker.templates(part.get("body"), scope),
    )


def build_data(checker: Checker, part: Part, entities: Mapping[str, Entity], module: str) -> DataSet | None:
    named, key = part.get("entity"), part.get("key")
    entity = entities.get(str(named.value)) if named is not None else None
    if named is None or entity is None or entity.parent is not None:
        if named is not None:
            checker.unknown("TW1701", "there is no entity", str(named.value), checker.names.queryable, named.at)
        return None
    if key is not None and key.value not in entity.fields:
        checker.unknown("TW1203", f"{entity.name} has no field", str(key.value), entity.fields, key.at)
        key = None
    records = []
    seen: dict[object, Part] = {}
    for each in part.each("records"):
        values = record_values(checker, each, entity)
        records.append(values)
        if key is None:
            continue
        identity = values.get(key.value)
        if identity is None:
            checker.report("TW1702", f"a record needs its key '{key.value}'", each.at)
        elif isinstance(identity, str | int | Decimal) and seen.setdefault(identity, each) is not each:
            checker.report("TW1702", f"there is a record with {key.value} '{identity}' already", each.at)
    return DataSet(part.document.name, entity.name, str(key.value) if key is not None else "", tuple(records), module)


def record_values(checker: Checker, part: Part, entity: Entity) -> dict[str, object]:
    """A record's values as given; what is written for a text is a text, `0571` too."""
    found: dict[str, object] = {}
    for name, each in part.items():
        field = entity.fields.get(name)
        if field is None:
            if name == "owner":
                found[name] = each.value
            else:
                checker.unknown("TW1203", f"{entity.name} has no field", name, entity.fields, each.key_at)
            continue
        if field.compute is not None or field.type == "related":
            checker.report("TW1703", f"'{name}' is computed, so it can't be given", each.key_at)
        elif field.lines is not None and isinstance(each.value, list):
            found[name] = [record_values(checker, line, field.lines) for line in each.each()]
        elif field.type in TEXTS and isinstance(each.value, int | Decimal) and not isinstance(each.value, bool):
            found[name] = each.written
        else:
            check_options(checker, each, field.type, field.options)
            found[name] = each.value
    return found


def check_options(checker: Checker, part: Part, type_: str, options: Mapping[str, object]) -> None:
    if type_ not in ("choice", "choices"):
        return
    for each in listed(part):
        if each.value is not None and not str(each.value).startswith("=") and each.written not in options:
            checker.unknown("TW1312", f"'{part.name}' has no option", each.written, options, each.at)


def listed(part: Part) -> Iterator[Part]:
    return part.each() if isinstance(part.value, list) else iter([part])

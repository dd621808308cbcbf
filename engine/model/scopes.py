"""The scopes of a built model, for expressions that people type while it serves: filters, formulas at a prompt."""

from __future__ import annotations

from functools import lru_cache

from dsl.feel.types import Scope
from engine.model.model import Field, Model
from engine.model.names import ERROR, USER, USERS, Declared, Names
from engine.model.processes import Process


@lru_cache(maxsize=8)
def names_of(model: Model) -> Names:
    """The declared names of a model, as its build had them."""
    entities = {
        entity.name: {field.name: declared(entity.name, field) for field in entity.fields.values()}
        for entity in model.entities.values()
    }
    parents = {entity.name: entity.parent for entity in model.entities.values() if entity.parent is not None}
    decisions = {name: decision.type for name, decision in model.decisions.items()}
    return Names(entities, parents, decisions=decisions)


def declared(entity: str, field: Field) -> Declared:
    lines = field.lines.name if field.lines is not None else ""
    computed, filled = field.compute is not None, field.required or field.default is not None
    return Declared(field.name, field.type, field.to or "", tuple(field.options), field.source, lines, computed, filled)


def record_scope(model: Model, entity: str) -> Scope:
    """What an expression over a record of the entity may name."""
    return names_of(model).scope(entity)


def row_scope(model: Model) -> Scope:
    """What a condition on rows may name besides the row's own fields."""
    return names_of(model).rows("")


def process_scope(model: Model, process: Process) -> Scope:
    """What the expressions of a process may name: its record, its variables, and who runs it."""
    names = names_of(model)
    variables = {name: names.type_of(declared(process.name, field)) for name, field in process.variables.items()}
    return names.scope(process.entity, {**variables, "initiator": USER, "assignees": USERS, "error": ERROR})

"""What a database's refusal means in the words of the model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from engine.errors import FieldError, TradewindError, ValidationFailed
from engine.model.model import Entity

if TYPE_CHECKING:
    from engine.records.service import Records


def explained(records: Records, entity: Entity, error: IntegrityError) -> TradewindError:
    """The error that names the fields: a value that is taken already, or a link to nothing."""
    text = str(error.orig)
    fields = unique_fields(records, entity, text, getattr(getattr(error.orig, "diag", None), "constraint_name", None))
    if fields:
        owner, names = fields
        labels = ", ".join(records.label(owner.fields[name]) for name in names if name in owner.fields)
        template = "There is another {entity} with this {fields}"
        values = {"entity": owner.label.in_(records.locale), "fields": labels}
        return ValidationFailed([FieldError(names[0], "unique", template, values)])
    return ValidationFailed([FieldError("", "link", "A record that this one names is no longer there")])


def unique_fields(records: Records, entity: Entity, text: str, constraint: str | None) -> tuple[Entity, list[str]] | None:
    entities = [entity, *(field.lines for field in entity.lines if field.lines is not None)]
    for each in entities:
        table = records.schema.table(each.name)
        for index in table.indexes:
            if index.unique and index.name == constraint:
                return each, [column.name for column in index.columns]
        found = re.findall(rf"\b{re.escape(table.name)}\.(\w+)", text) if "UNIQUE" in text else []
        if found:
            return each, found
    return None

"""What a person brings to an operation: a comment and values, of which some are the record's fields and some inputs
for the script.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.errors import FieldError, ValidationFailed
from engine.model.processes import TaskForm
from engine.records import Record
from engine.records.values import Refused

if TYPE_CHECKING:
    from engine.workspace import Step


TYPED = ("integer", "decimal", "money", "percent", "email", "phone", "url")  # read as typed: not rounded, not let pass


@dataclass(slots=True)
class Operation:
    """`fields` are written to `record` before the script runs; `values` is what the script sees; `require` may not
    be empty after it.
    """

    name: str
    comment: str = ""
    record: Record | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
    values: dict[str, object] = field(default_factory=dict)
    require: tuple[str, ...] = ()

    def write(self, step: Step) -> None:
        """Write the fields that the form opened, with the engine's authority."""
        if self.record is not None and self.fields:
            step.records.update(self.record, self.fields)
            step.records.unchecked[self.record] = True  # rules that warn ask about what a person entered
            for name in self.fields:
                self.values[name] = self.record[name]

    def check(self) -> None:
        """Raise ValidationFailed for required fields that are still empty."""
        record = self.record
        empty = [name for name in self.require if record is not None and _at(record, name) in (None, "", [])]
        if empty:
            raise ValidationFailed(FieldError(name, "required", "This field is required here") for name in empty)


def _at(record: Record, path: str) -> object:
    value: Any = record
    for name in path.split("."):
        if value is None:
            return None
        value = [item[name] for item in value] if isinstance(value, list) else value[name]
    if isinstance(value, list) and any(item is None for item in value):
        return None
    return value


def enter(
    step: Step,
    name: str,
    forms: tuple[TaskForm, ...],
    record: Record | None,
    values: Mapping[str, object] | None,
    comment: str,
) -> Operation:
    """Sort what was entered by the forms of the task and the action.

    Raises ValidationFailed for values that no form asks for, for inputs that are missing or of the wrong type.
    """
    given = dict(values or {})
    opened = {path.split(".")[0] for form in forms for path in form.edit}
    inputs = {input_.name: input_ for form in forms for input_ in form.inputs.values()}
    errors = []
    for key in given:
        if key in inputs or key in opened:
            continue
        known = record is not None and key in record.entity.fields
        if known:
            errors.append(FieldError(key, "readonly", "'{operation}' does not open this field", {"operation": name}))
        else:
            errors.append(FieldError(key, "unknown_field", "'{operation}' does not ask for this", {"operation": name}))
    for key in opened & given.keys():
        field = record.entity.fields.get(key) if record is not None else None
        if field is not None and field.type in TYPED:
            try:
                given[key] = step.records.typing.read(field, given[key])
            except Refused as refused:
                errors.append(refused.at(key))
    if errors:
        raise ValidationFailed(errors)
    entered = step.records.read_inputs(inputs, {key: value for key, value in given.items() if key in inputs})
    return Operation(
        name=name,
        comment=comment,
        record=record,
        fields={key: value for key, value in given.items() if key in opened and key not in inputs},
        values=entered,
        require=tuple(path for form in forms for path in form.require),
    )

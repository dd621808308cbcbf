"""What a connector is asked, made of values while the step lasts, so that it says what was so when the step committed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from dsl import feel
from dsl.feel import Expression
from engine.connect.serial import to_json
from engine.errors import StepFailed
from engine.model.connectors import WITH_BODY, Connector, Operation
from engine.model.model import Value

if TYPE_CHECKING:
    from engine.workspace import Step


def operation_of(step: Step, connector: str, operation: str) -> Operation:
    """An operation of the configuration in force. Raises StepFailed where a process of an earlier one names what is gone."""
    found: Connector | None = step.model.connectors.get(connector)
    if found is None or operation not in found.operations:
        raise StepFailed("There is no operation {connector}.{operation}", code="no_operation", connector=connector, operation=operation)
    return found.operations[operation]


def prepared(step: Step, connector: str, operation: str, given: Mapping[str, object]) -> dict[str, Any]:
    """A request as a job's payload: `connector operation method target headers body`."""
    asked = operation_of(step, connector, operation)
    names = {**step.names(), **given}

    def text(value: Value) -> str | None:
        found = value.literal if value.expression is None else value.expression(names, step.host)
        return None if found is None else feel.to_text(found)

    path = "".join(part if isinstance(part, str) else segment(step, asked, part, names) for part in asked.path)
    query = [(name, found) for name, value in asked.query.items() if (found := text(value)) is not None]
    body = None
    if asked.body is not None:
        body = to_json(asked.body(names, step.host))
    elif asked.method in WITH_BODY:
        body = to_json(dict(given))
    return {
        "connector": connector,
        "operation": operation,
        "method": asked.method,
        "target": f"{path}?{urlencode(query)}" if query else path,
        "headers": {name: found for name, value in asked.headers.items() if (found := text(value)) is not None},
        "body": body,
        "seconds": asked.timeout.total_seconds() if asked.timeout is not None else None,
    }


def segment(step: Step, operation: Operation, part: Expression, names: Mapping[str, object]) -> str:
    """A value as a part of a path, so written that it can't lead elsewhere (RFC 3986, 3.3)."""
    found = feel.to_text(part(names, step.host)) or ""
    if found in ("", ".", ".."):
        raise StepFailed("The path of '{operation}' needs a value, and {text} gives none", code="null",
                         operation=operation.name, text=part.text.strip())  # fmt: skip
    return quote(found, safe="")

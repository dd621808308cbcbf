"""Whether a record may stand as it is: required values, bounds, patterns and rules, all problems at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dsl import feel
from dsl.feel import Expression
from engine.errors import FieldError
from engine.model.model import Field, Rule, Value
from engine.records.record import Record

if TYPE_CHECKING:
    from engine.records.service import Records


def problems(records: Records, record: Record) -> Iterator[FieldError]:
    """Every value of the record and of its lines that is missing or out of bounds. Rules are checked by `broken`."""
    yield from own_problems(records, record, "")
    for field in record.entity.lines:
        for index, line in enumerate(record.list_of(field)):
            yield from own_problems(records, line, f"{field.name}.{index}.")


def own_problems(records: Records, record: Record, prefix: str) -> Iterator[FieldError]:
    names = None
    values = record.row()
    for field in record.entity.fields.values():
        if field.compute is not None or field.type == "related":
            continue
        value = values.get(field.name) if field.stored else record.list_of(field)
        path = prefix + field.name
        if value is None or value == []:
            if field.required or (field.required_when is not None and holds(records, record, field.required_when)):
                yield FieldError(path, "required", "{field} is required", {"field": records.label(field)})
            continue
        if field.min is not None or field.max is not None or field.max_length is not None or field.pattern is not None:
            names = names if names is not None else records.names(record)
            yield from bounds(records, field, value, names, path)


def bounds(records: Records, field: Field, value: Any, names: Any, path: str) -> Iterator[FieldError]:
    least, most = bound(records, field.min, names), bound(records, field.max, names)
    label = records.label(field)
    if least is not None and value < least:
        yield FieldError(path, "min", "{field} must be at least {limit}", {"field": label, "limit": shown(field, least)})
    if most is not None and value > most:
        yield FieldError(path, "max", "{field} must be at most {limit}", {"field": label, "limit": shown(field, most)})
    if isinstance(value, str):
        if field.max_length is not None and len(value) > field.max_length:
            limit = {"field": label, "limit": field.max_length}
            yield FieldError(path, "max_length", "{field} has more than {limit} characters", limit)
        if field.pattern is not None and not compiled(field.pattern).fullmatch(value):
            yield FieldError(path, "pattern", "{field} does not have the form {pattern}", {"field": label, "pattern": field.pattern})


def shown(field: Field, limit: Any) -> str:
    if field.type == "percent" and isinstance(limit, Decimal):
        return f"{(limit * 100).normalize():f} %"
    return feel.to_text(limit) or ""


def bound(records: Records, value: Value | None, names: Any) -> Any:
    if value is None:
        return None
    return value.literal if value.expression is None else value.expression(names, records.host)


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def holds(records: Records, record: Record, condition: Expression) -> bool:
    return condition(records.names(record), records.host) is True


def broken(records: Records, record: Record) -> Iterator[tuple[Rule, FieldError]]:
    """The rules that the record breaks; one that meets a null where it needs a value fails with the warning's text."""
    if not record.entity.rules:
        return
    names = records.names(record)
    for rule in record.entity.rules.values():
        if rule.when is not None and rule.when(names, records.host) is not True:
            continue
        warnings: list[feel.Warning] = []
        if rule.require(names, records.host, warnings) is True:
            continue
        text = rule_message(records, rule, names)
        if not text:
            text = warnings[0].message if warnings else f"{rule.name}: {rule.require.text}"
        yield rule, FieldError("", f"rule:{rule.name}", text)


def rule_message(records: Records, rule: Rule, names: Any) -> str:
    """The rule's message in the reader's language, its expressions filled in."""
    locale = records.locale
    for key in (locale, locale.split("_")[0], "", records.model.settings.locale, "en", *rule.templates):
        if key in rule.templates:
            return feel.to_text(rule.templates[key](names, records.host)) or ""
    return rule.message.in_(locale)

"""Item definitions as FEEL types, and what happens to a value where it enters or leaves a decision (OMG DMN 1.5, 7.3.2, 10.3.2.9.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dsl.decisions.table import Text, shown, written
from dsl.dmn.model import ItemType
from dsl.feel import ANY as FEEL_ANY
from dsl.feel import ContextOf, Expression, ListOf, Type
from dsl.feel.ast import TypeName
from dsl.feel.conform import convert
from dsl.feel.temporal import parse_date, parse_datetime, parse_duration, parse_time
from dsl.feel.typing import declared
from dsl.feel.values import MISSING

FEEL_TYPES = (
    "number", "string", "boolean", "date", "time", "date and time", "days and time duration", "years and months duration",
    "Any", "context", "list", "range", "function", "Null",
)  # fmt: skip
BUILT_IN: Mapping[str, str] = {
    **{name: name for name in FEEL_TYPES},
    "dateTime": "date and time", "dayTimeDuration": "days and time duration", "yearMonthDuration": "years and months duration",
    "day time duration": "days and time duration", "year month duration": "years and months duration",
    "any": "Any", "null": "Null", "String": "string", "Boolean": "boolean",
    "integer": "number", "long": "number", "double": "number", "Integer": "number", "Long": "number", "Double": "number",
}  # fmt: skip
"""FEEL's own types by the names that modelers write, Camunda's and XML Schema's among them."""

SPELLINGS: Mapping[str, str] = {
    "Number": "number", "Date": "date", "Time": "time", "DateTime": "date and time", "datetime": "date and time",
    "Context": "context", "List": "list", "Function": "function", "Range": "range",
}  # fmt: skip
"""Further spellings in files; where a model defines a type of that name, it means that one."""

DEEPEST = 50
Test = Callable[[Text], Expression]
READERS: Mapping[str, Callable[[str], object]] = {
    "date": parse_date, "time": parse_time, "date and time": parse_datetime,
    "days and time duration": parse_duration, "years and months duration": parse_duration,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """What an item definition asks of values beyond their type: each item's `values`, the whole's `constraint`, those of members."""

    many: bool
    base: str
    values: Expression | None
    constraint: Expression | None
    members: tuple[tuple[str, Rule], ...]


@dataclass(frozen=True, slots=True)
class Types:
    """The item definitions of a model, ready to hold values to."""

    names: Mapping[str, TypeName]
    rules: Mapping[str, Rule]

    def fit(self, value: object, type_: TypeName | None) -> tuple[object, str]:
        """The value as a variable of that type takes it; null, and why, for one that is not of the type."""
        if type_ is None or value is None:
            return value, ""
        fitting = convert(value, type_, self.names)
        if fitting is MISSING:
            return None, f"{shown(value)} is not of the type {type_text(type_)}"
        wrong = self.violation(fitting, type_.name, 0)
        return (None, wrong) if wrong else (fitting, "")

    def violation(self, value: object, name: str, depth: int) -> str:
        """Why an item definition does not allow a value of its type; nothing if it does."""
        rule = self.rules.get(name)
        return self.broken(value, rule, name, depth) if rule is not None and depth < DEEPEST else ""

    def broken(self, value: Any, rule: Rule, name: str, depth: int) -> str:
        if value is None:
            return ""
        if rule.constraint is not None and rule.constraint({"?": value}) is not True:
            return f"{shown(value)} is not allowed by {name}: {rule.constraint.text}"
        for item in value if rule.many and isinstance(value, list | tuple) else (value,):
            if rule.values is not None and rule.values({"?": item}) is not True:
                return f"{shown(item)} is none of the values of {name}: {rule.values.text}"
            inner = self.violation(item, rule.base, depth + 1)
            if not inner and rule.members and isinstance(item, Mapping):
                inner = next((wrong for key, each in rule.members if (wrong := self.broken(item.get(key), each, key, depth + 1))), "")
            if inner:
                return inner
        return ""

    def values_of(self, type_: TypeName | None) -> Text:
        """The allowed values of a type, as they are written."""
        rule = self.rules.get(type_.name) if type_ is not None else None
        return rule.values.text if rule is not None and rule.values is not None else ""

    def given(self, value: Any, type_: TypeName | None, depth: int = 0) -> object:
        """A value that came as JSON, with the dates, times and durations of its type read from their texts."""
        type_ = self.names.get(type_.name, type_) if type_ is not None else None
        if type_ is None or depth > DEEPEST:
            return value
        if type_.name in self.names and self.names[type_.name] is not type_:
            return self.given(value, type_, depth + 1)
        if isinstance(value, list):
            item = type_.args[0] if type_.name == "list" and type_.args else type_
            return [self.given(each, item, depth + 1) for each in value]
        if isinstance(value, dict):
            members = dict(type_.members)
            return {key: self.given(each, members.get(key), depth + 1) for key, each in value.items()}
        if isinstance(value, str) and type_.name in READERS:
            try:
                return READERS[type_.name](value) or value
            except ValueError:
                return value
        return Decimal(value) if type(value) is int else value


def type_text(type_: TypeName) -> str:
    return f"{type_.name}<{', '.join(map(type_text, type_.args))}>" if type_.args else type_.name


def types_of(definitions: Mapping[str, ItemType], test: Test) -> Types:
    """The types of a model; `test` compiles unary tests. The definitions name no type that is not there."""
    return Types(
        {name: shape(each) for name, each in definitions.items()}, {name: rule_of(each, test) for name, each in definitions.items()}
    )


def shape(item: ItemType) -> TypeName:
    """The type that an item definition stands for."""
    if item.parameters is not None:
        args = tuple(each.type or ANY for each in item.parameters)
        found = TypeName(0, 0, "function", (*args, item.result or ANY))
    elif item.members:
        found = TypeName(0, 0, "context", members=tuple((each.name, shape(each)) for each in item.members))
    else:
        found = item.base or ANY
    return TypeName(0, 0, "list", (found,)) if item.many else found


def rule_of(item: ItemType, test: Test) -> Rule:
    values, constraint = (test(text) if written(text) else None for text in (item.values, item.constraint))
    members = tuple((each.name, rule_of(each, test)) for each in item.members)
    return Rule(item.many, item.base.name if item.base is not None else "", values, constraint, members)


def feel_type(type_: TypeName | None, types: Types, depth: int = 0) -> Type:
    """A type as the check knows it, item definitions included."""
    if type_ is None or depth > DEEPEST:
        return FEEL_ANY
    known = types.names.get(type_.name)
    if known is not None and known != type_:
        return feel_type(known, types, depth + 1)
    if type_.name == "list":
        return ListOf(feel_type(type_.args[0] if type_.args else None, types, depth + 1))
    if type_.name == "context" and type_.members:
        return ContextOf({name: feel_type(member, types, depth + 1) for name, member in type_.members})
    return declared(type_)


def agreed(one: TypeName | None, other: TypeName | None) -> TypeName | None:
    """The type of a name that is used with two."""
    if one is None or other is None or one == other:
        return one or other
    return ANY


def words_of(item: ItemType) -> Iterator[str]:
    """The names of the members of a type, at all depths."""
    for each in item.members:
        yield each.name
        yield from words_of(each)


ANY = TypeName(0, 0, "Any")

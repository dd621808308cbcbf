"""What boxed expressions are made of, for questions about all of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from dsl.dmn.model import (
    Boxed,
    Conditional,
    Context,
    Decision,
    Element,
    Filtered,
    Function,
    Invocation,
    Iteration,
    Knowledge,
    Listed,
    Relation,
    Tabled,
)
from dsl.feel.ast import TypeName
from dsl.source import Located, Span


def inner(boxed: Boxed) -> Iterator[Boxed]:
    """The boxed expressions directly within one."""
    match boxed:
        case Context(entries, result):
            yield from (each.logic for each in entries)
            if result is not None:
                yield result
        case Invocation(_, bindings):
            yield from (each.logic for each in bindings)
        case Listed(items):
            yield from items
        case Relation(_, rows):
            yield from (cell for row in rows for cell in row)
        case Function(_, body) if body is not None:
            yield body
        case Conditional(condition, then, otherwise):
            yield from (condition, then, otherwise)
        case Iteration(_, _, source, body):
            yield from (source, body)
        case Filtered(source, condition):
            yield from (source, condition)


def within(boxed: Boxed) -> Iterator[Boxed]:
    """A boxed expression and all in it."""
    yield boxed
    for each in inner(boxed):
        yield from within(each)


def own_types(boxed: Boxed) -> Iterator[TypeName | None]:
    match boxed:
        case Context(entries, _, result_type):
            yield from (each.type for each in entries)
            yield result_type
        case Invocation(_, bindings):
            yield from (each.type for each in bindings)
        case Relation(columns, _):
            yield from (each.type for each in columns)
        case Function(parameters, _, result):
            yield from (each.type for each in parameters)
            yield result
        case Iteration(_, item, _, _):
            yield item.type
        case Tabled(table):
            yield from (each.type for each in table.inputs)
            yield from (each.type for each in table.outputs)


def types_within(element: Element) -> Iterator[TypeName]:
    """The types that an element names."""
    if element.type is not None:
        yield element.type
    logic = element.logic if isinstance(element, Decision | Knowledge) else None
    for each in within(logic) if logic is not None else ():
        yield from (type_ for type_ in own_types(each) if type_ is not None)


def said(value: object) -> object:
    """A part of a model without the places where it stands, to be compared."""
    match value:
        case Located():
            return value.text.strip()
        case Span():
            return None
        case tuple():
            return tuple(map(said, value))
        case frozenset():
            return tuple(sorted(map(str, value)))
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, *(said(getattr(value, each.name)) for each in fields(value))
    return value


def names_within(boxed: Boxed) -> Iterator[str]:
    """The names of entries and columns, which paths into the value may have."""
    for each in within(boxed):
        match each:
            case Context(entries):
                yield from (entry.name for entry in entries)
            case Relation(columns):
                yield from (column.name for column in columns)
            case Tabled(table):
                yield from (output.name for output in table.outputs if output.name)

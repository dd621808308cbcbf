"""What FEEL's operators, members and built-in functions yield, by the types of what they are given (DMN 1.5, 10.3.2 and 10.3.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dsl.feel.ast import TypeName
from dsl.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    DAYS,
    MONTHS,
    NULL,
    NUMBER,
    STRING,
    TIME,
    Choice,
    ContextOf,
    FunctionOf,
    ListOf,
    RangeOf,
    RecordOf,
    Simple,
    Type,
)

CALENDAR = {"year": NUMBER, "month": NUMBER, "day": NUMBER, "weekday": NUMBER, "value": NUMBER}
CLOCK = {"hour": NUMBER, "minute": NUMBER, "second": NUMBER, "time offset": DAYS, "timezone": STRING, "value": NUMBER}
MEMBERS: Mapping[Type, Mapping[str, Type]] = {
    DATE: CALENDAR,
    TIME: CLOCK,
    DATETIME: CALENDAR | CLOCK,
    DAYS: {"days": NUMBER, "hours": NUMBER, "minutes": NUMBER, "seconds": NUMBER, "value": NUMBER},
    MONTHS: {"years": NUMBER, "months": NUMBER, "value": NUMBER},
}
NAMED: Mapping[str, Type] = {
    "number": NUMBER, "string": STRING, "boolean": BOOLEAN, "date": DATE, "time": TIME, "date and time": DATETIME,
    "days and time duration": DAYS, "years and months duration": MONTHS, "Any": ANY, "any": ANY, "Null": NULL, "null": NULL,
    "dateTime": DATETIME, "dayTimeDuration": DAYS, "yearMonthDuration": MONTHS,
}  # fmt: skip
TYPE_NAMES = frozenset(NAMED) | {"list", "range", "context", "function", "day time duration", "year month duration"}
ORDERED = frozenset({NUMBER, STRING, DATE, TIME, DATETIME, DAYS, MONTHS})

_PLUS: dict[tuple[Type, Type], Type] = {
    (NUMBER, NUMBER): NUMBER, (STRING, STRING): STRING, (DATE, DAYS): DATE, (DATE, MONTHS): DATE, (DAYS, DATE): DATE,
    (MONTHS, DATE): DATE, (DATETIME, DAYS): DATETIME, (DATETIME, MONTHS): DATETIME, (DAYS, DATETIME): DATETIME,
    (MONTHS, DATETIME): DATETIME, (TIME, DAYS): TIME, (DAYS, TIME): TIME, (DAYS, DAYS): DAYS, (MONTHS, MONTHS): MONTHS,
}  # fmt: skip
_MINUS: dict[tuple[Type, Type], Type] = {
    (NUMBER, NUMBER): NUMBER, (DATE, DATE): DAYS, (DATETIME, DATETIME): DAYS, (DATE, DATETIME): DAYS, (DATETIME, DATE): DAYS,
    (TIME, TIME): DAYS, (DATE, DAYS): DATE, (DATE, MONTHS): DATE, (DATETIME, DAYS): DATETIME, (DATETIME, MONTHS): DATETIME,
    (TIME, DAYS): TIME, (DAYS, DAYS): DAYS, (MONTHS, MONTHS): MONTHS,
}  # fmt: skip
_TIMES: dict[tuple[Type, Type], Type] = {
    (NUMBER, NUMBER): NUMBER, (DAYS, NUMBER): DAYS, (NUMBER, DAYS): DAYS, (MONTHS, NUMBER): MONTHS, (NUMBER, MONTHS): MONTHS,
}  # fmt: skip
_BY: dict[tuple[Type, Type], Type] = {
    (NUMBER, NUMBER): NUMBER, (DAYS, NUMBER): DAYS, (MONTHS, NUMBER): MONTHS, (DAYS, DAYS): NUMBER, (MONTHS, MONTHS): NUMBER,
}  # fmt: skip
ARITHMETIC: Mapping[str, Mapping[tuple[Type, Type], Type]] = {
    "+": _PLUS, "-": _MINUS, "*": _TIMES, "/": _BY, "**": {(NUMBER, NUMBER): NUMBER},
}  # fmt: skip


def plain(type_: Type) -> Type:
    """The type for operators: a choice is a string."""
    return STRING if isinstance(type_, Choice) else type_


def unknown(type_: Type) -> bool:
    return type_ is ANY or type_ is NULL


def arithmetic(op: str, left: Type, right: Type) -> Type | None:
    """The result's type; None where the operator cannot take these operands."""
    left, right = plain(left), plain(right)
    table = ARITHMETIC[op]
    if (left, right) in table:
        return table[left, right]
    if unknown(left) or unknown(right):
        possible = {
            result for (a, b), result in table.items() if (unknown(left) or a == left) and (unknown(right) or b == right)
        }
        return None if not possible else next(iter(possible)) if len(possible) == 1 else ANY
    return None


def comparable(left: Type, right: Type) -> bool:
    """Whether `=` between these can ever be true (null aside)."""
    left, right = plain(left), plain(right)
    if unknown(left) or unknown(right):
        return True
    if isinstance(left, ListOf) and isinstance(right, ListOf):
        return comparable(left.item, right.item)
    if isinstance(left, ListOf) or isinstance(right, ListOf):
        return isinstance(left, ListOf) != isinstance(right, ListOf) and comparable(
            left.item if isinstance(left, ListOf) else left, right.item if isinstance(right, ListOf) else right
        )
    if isinstance(left, RecordOf) or isinstance(right, RecordOf):
        return left == right
    return type(left) is type(right) and (not isinstance(left, Simple) or left == right)


def ordered(left: Type, right: Type) -> bool:
    """Whether `<` and its kin can compare these."""
    left, right = plain(left), plain(right)
    if unknown(left) or unknown(right):
        return all(unknown(t) or t in ORDERED for t in (left, right))
    return left == right and left in ORDERED


def joined(types: Sequence[Type]) -> Type:
    """The type that all of these have in common; Any where there is none."""
    known = [type_ for type_ in types if type_ is not NULL]
    if not known:
        return NULL
    first = known[0]
    if all(type_ == first for type_ in known):
        return first
    if all(plain(type_) == STRING for type_ in known):
        return STRING
    if all(isinstance(type_, ListOf) for type_ in known):
        return ListOf(joined([type_.item for type_ in known if isinstance(type_, ListOf)]))
    return ANY


def fits(value: Type, wanted: Type) -> bool:
    """Whether a value of one type can be used where another is wanted, with FEEL's implicit conversions (10.3.2.9.4)."""
    value, wanted = plain(value), plain(wanted)
    if unknown(value) or unknown(wanted) or value == wanted:
        return True
    if isinstance(wanted, ListOf):
        return fits(value.item, wanted.item) if isinstance(value, ListOf) else fits(value, wanted.item)
    if isinstance(value, ListOf):
        return False
    if (value, wanted) == (DATE, DATETIME):
        return True
    if isinstance(wanted, ContextOf):
        return isinstance(value, ContextOf | RecordOf)
    if isinstance(wanted, RangeOf | FunctionOf):
        return type(value) is type(wanted)
    return False


def declared(name: TypeName) -> Type:
    """A type as written in an expression; Any for one that FEEL does not know."""
    if name.name == "list":
        return ListOf(declared(name.args[0])) if name.args else ListOf(ANY)
    if name.name == "range":
        return RangeOf(declared(name.args[0])) if name.args else RangeOf(ANY)
    if name.name == "context":
        return ContextOf({key: declared(member) for key, member in name.members}) if name.members else ANY
    if name.name == "function":
        return FunctionOf(None, declared(name.args[-1]) if name.args else ANY)
    return NAMED.get(name.name, ANY)


def item_of(type_: Type) -> Type:
    """The type of one element where a list is walked through; a single value counts as a list of one."""
    return type_.item if isinstance(type_, ListOf | RangeOf) else type_


Args = Sequence[Type]
Result = Type | Callable[[Args], Type]


def _first(args: Args) -> Type:
    return args[0] if args else ANY


def _elements(args: Args) -> Type:
    """The elements of one list, or of the arguments themselves."""
    return item_of(args[0]) if len(args) == 1 else joined(args)


def _same_list(args: Args) -> Type:
    return args[0] if args and isinstance(args[0], ListOf) else ListOf(_first(args))


def _united(args: Args) -> Type:
    return ListOf(joined([item_of(arg) for arg in args]))


def _appended(args: Args) -> Type:
    return ListOf(joined([item_of(args[0]), *args[1:]])) if args else ListOf(ANY)


def _flat(args: Args) -> Type:
    type_ = _first(args)
    while isinstance(type_, ListOf):
        type_ = type_.item
    return ListOf(type_)


RESULTS: Mapping[str, Result] = {
    **dict.fromkeys(
        ("string", "substring", "upper case", "lower case", "substring before", "substring after", "replace", "string join",
         "day of week", "month of year"), STRING),
    **dict.fromkeys(
        ("number", "string length", "count", "sum", "mean", "median", "stddev", "product", "decimal", "floor", "ceiling", "round up",
         "round down", "round half up", "round half down", "modulo", "sqrt", "log", "exp", "day of year", "week of year"),
        NUMBER),
    **dict.fromkeys(
        ("not", "contains", "starts with", "ends with", "matches", "list contains", "all", "any", "even", "odd", "is",
         "before", "after", "meets", "met by", "overlaps", "overlaps before", "overlaps after", "finishes", "finished by",
         "includes", "during", "starts", "started by", "coincides"), BOOLEAN),
    **dict.fromkeys(("sublist", "insert before", "remove", "list replace", "reverse", "distinct values", "sort"), _same_list),
    "append": _appended, "concatenate": _united, "union": _united, "flatten": _flat, "index of": ListOf(NUMBER),
    "mode": lambda args: ListOf(_elements(args)), "min": _elements, "max": _elements, "abs": _first,
    "split": ListOf(STRING), "date": DATE, "time": TIME, "date and time": DATETIME, "now": DATETIME, "today": DATE,
    "years and months duration": MONTHS, "last day of month": NUMBER,
}  # fmt: skip


def result(function: str, args: Args, texts: Sequence[object]) -> Type:
    """What a built-in function yields. `texts` are the arguments' constant values (None where not constant)."""
    if function == "duration" and texts and isinstance(texts[0], str):
        body = texts[0].lstrip("-")[1:]
        return MONTHS if "D" not in body and "T" not in body and ("Y" in body or "M" in body) else DAYS
    found = RESULTS.get(function, ANY)
    return found(args) if callable(found) else found

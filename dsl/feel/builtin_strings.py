"""Built-in functions on strings (DMN 1.5, 10.3.4.3), and those that make strings and numbers of other values
(10.3.4.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, DecimalException

from dsl.feel import patterns
from dsl.feel.builtin import feel
from dsl.feel.limits import MAX_EXPONENT, check_text
from dsl.feel.operators import BOUNDED
from dsl.feel.text import to_text
from dsl.feel.trouble import Trouble
from dsl.feel.values import whole

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_MAX_DIGITS = 400


@feel("string(from)")
def string(value: object) -> str | None:
    return None if value is None else to_text(value)


@feel(
    "number(from: string|number)",
    "number(from: string|number, grouping separator: string?, decimal separator: string?)",
)
def number_from(source: str | Decimal, grouping: str | None = None, decimal: str | None = None) -> Decimal:
    if (
        grouping not in (None, " ", ",", ".")
        or decimal not in (None, ",", ".")
        or (grouping is not None and grouping == decimal)
    ):
        raise Trouble(
            "value", "number: the separators are ' ', ',' or '.' for groups, '.' or ',' for decimals, and they differ"
        )
    if type(source) is Decimal:
        return source
    assert type(source) is str
    text = source
    if grouping:
        text = text.replace(grouping, "")
    if decimal == ",":
        text = text.replace(".", "?").replace(",", ".")
    if len(text) > _MAX_DIGITS or not _NUMBER.fullmatch(text):
        raise Trouble("value", f"number: '{source[:40]}' is no number")
    try:
        return BOUNDED.create_decimal(text)
    except DecimalException as error:
        raise Trouble("value", f"number: '{source[:40]}' is beyond ±1E{MAX_EXPONENT}") from error


@feel("substring(string: string, start position: number, length?: number)")
def substring(text: str, start: Decimal, length: Decimal | None = None) -> str:
    at = whole(start)
    if at is None or at == 0 or abs(at) > len(text):
        raise Trouble("value", f"substring: a string of {len(text)} characters has none at {start}")
    first = at - 1 if at > 0 else len(text) + at
    if length is None:
        return text[first:]
    count = whole(length)
    if count is None or count < 1:
        raise Trouble("value", "substring: the length is at least 1")
    return text[first : first + count]


@feel("string length(string: string)")
def string_length(text: str) -> Decimal:
    return Decimal(len(text))


@feel("upper case(string: string)")
def upper_case(text: str) -> str:
    return text.upper()


@feel("lower case(string: string)")
def lower_case(text: str) -> str:
    return text.lower()


@feel("substring before(string: string, match: string)")
def substring_before(text: str, match: str) -> str:
    at = text.find(match)
    return text[:at] if at > 0 else ""


@feel("substring after(string: string, match: string)")
def substring_after(text: str, match: str) -> str:
    at = text.find(match)
    return text[at + len(match) :] if at >= 0 else ""


@feel("contains(string: string, match: string)")
def contains(text: str, match: str) -> bool:
    return match in text


@feel("starts with(string: string, match: string)")
def starts_with(text: str, match: str) -> bool:
    return text.startswith(match)


@feel("ends with(string: string, match: string)")
def ends_with(text: str, match: str) -> bool:
    return text.endswith(match)


@feel("matches(input: string, pattern: string, flags?: string?)")
def matches(text: str, pattern: str, flags: str | None = None) -> bool:
    return patterns.find(text, pattern, flags or "")


@feel("replace(input: string, pattern: string, replacement: string, flags?: string?)")
def replace(text: str, pattern: str, replacement: str, flags: str | None = None) -> str:
    return patterns.replace(text, pattern, replacement, flags or "")


@feel("split(string: string, delimiter: string)")
def split(text: str, delimiter: str) -> list[str]:
    return patterns.split(text, delimiter)


@feel("string join(list: list, delimiter?: string?)")
def string_join(items: Sequence[object], delimiter: str | None = None) -> str:
    parts: list[str] = []
    for item in items:
        if type(item) is str:
            parts.append(item)
        elif item is not None:
            raise Trouble("type", "string join: the list holds something that is no string")
    check_text(sum(map(len, parts)) + len(delimiter or "") * len(parts))
    return (delimiter or "").join(parts)

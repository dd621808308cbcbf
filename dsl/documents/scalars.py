"""Plain scalars by the YAML 1.2 core schema (10.3.2), with exact decimals; all that it does not name is a text."""

from __future__ import annotations

import re
from decimal import Decimal

Scalar = str | int | Decimal | bool | None

WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
INTEGER = re.compile(r"[-+]?[0-9]{1,100}")
BASED = re.compile(r"0o[0-7]{1,100}|0x[0-9a-fA-F]{1,100}")
DECIMAL = re.compile(r"[-+]?(?:\.[0-9]{1,100}|[0-9]{1,100}(?:\.[0-9]{0,100})?)(?:[eE][-+]?[0-9]{1,3})?")


def resolve(text: str) -> Scalar:
    """The value of a plain scalar: `on`, `no`, `1:30` and `2026-01-31` are texts, `16.20` is a `Decimal`."""
    if text in WORDS:
        return WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if INTEGER.fullmatch(text):
        return int(text)
    if BASED.fullmatch(text):
        return int(text, 0)
    return Decimal(text) if DECIMAL.fullmatch(text) else text

"""All built-in functions of FEEL: importing this module fills the table, whose names parser and checker know too."""

from __future__ import annotations

from dsl.feel import (
    builtin_contexts,
    builtin_lists,
    builtin_numbers,
    builtin_ranges,
    builtin_strings,
    builtin_temporal,
)
from dsl.feel.builtin import BUILT_INS, Overload, Parameter, as_value, caller

__all__ = ["BUILT_INS", "CLOCK", "MODULES", "Overload", "Parameter", "as_value", "caller"]

MODULES = (builtin_contexts, builtin_lists, builtin_numbers, builtin_ranges, builtin_strings, builtin_temporal)
CLOCK = frozenset({"now", "today"})
"""Built-in functions without parameters that ask the host for the time."""

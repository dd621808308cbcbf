"""The names that generated code can use: types, operators, members, and what `dsl.feel.runtime` does for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, getcontext, setcontext

from dsl.feel import equality, members, operators, runtime
from dsl.feel.conform import conforms
from dsl.feel.limits import check_text
from dsl.feel.trouble import warn
from dsl.feel.values import MISSING, FeelFunction, Months, Range

SYMBOLS: Mapping[str, object] = {
    "T": type,
    "D": Decimal,
    "S": str,
    "B": bool,
    "L": list,
    "C": dict,
    "DATE": date,
    "DAYS": timedelta,
    "M": Months,
    "check_text": check_text,
    "PLAIN": frozenset({Decimal, str, bool, date, timedelta, Months}),
    "ORDERED": frozenset({Decimal, str, date, timedelta, Months}),
    "MISSING": MISSING,
    "EMPTY": (MISSING,),
    "CONTEXT": operators.ARITHMETIC,
    "add_": operators.ARITHMETIC.add,
    "sub_": operators.ARITHMETIC.subtract,
    "mul_": operators.ARITHMETIC.multiply,
    "div_": operators.ARITHMETIC.divide,
    "neg_": operators.ARITHMETIC.minus,
    "KeyError": KeyError,
    "Failures": runtime.FAILURES,
    "failed": runtime.failed,
    "getcontext": getcontext,
    "setcontext": setcontext,
    "length": len,
    "copy": list,
    "Range": Range,
    "comparison": Range.comparison,
    "FeelFunction": FeelFunction,
    "Run": runtime.Run,
    "Locals": runtime.Locals,
    "warn": warn,
    "add": operators.add,
    "sub": operators.subtract,
    "mul": operators.multiply,
    "div": operators.divide,
    "pow_": operators.power,
    "neg": operators.negate,
    "eq": operators.equals,
    "ne": operators.differs,
    "lt": operators.less,
    "le": operators.at_most,
    "gt": operators.greater,
    "ge": operators.at_least,
    "between": operators.between,
    "make_range": operators.make_range,
    "lies_between": operators.lies_between,
    "passes": operators.passes,
    "any_match": equality.any_match,
    "member": members.member,
    "own": members.own,
    "conforms": conforms,
    "iterate": runtime.iterate,
    "count_up": runtime.count_up,
    "listed": runtime.listed,
    "at": runtime.at,
    "selected": runtime.selected,
    "not_boolean": runtime.not_boolean,
    "call_value": runtime.call_value,
    "call_named": runtime.call_named,
    "call_host": runtime.call_host,
    "run_query": runtime.run_query,
}
"""What generated code can name. There are no builtins beside."""

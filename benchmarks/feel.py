"""What FEEL costs: five business expressions against hand-written Python with `Decimal`, and what it takes to compile one.

`python benchmarks/feel.py` prints, for each expression, microseconds a run by FEEL and by hand and their ratio (median of
seven runs that alternate), their geometric mean, and the time to parse, check and compile a text that was not seen before and
to look up one that was. The handwritten functions take the same context and give the same results at the same 34 digits.
"""

from __future__ import annotations

import statistics
import time
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal, setcontext
from typing import Any

from dsl import feel

Values = Mapping[str, Any]
ROUNDS, SECONDS = 7, 0.1

LINE = feel.ContextOf({"qty": feel.NUMBER, "price": feel.NUMBER})
NAMES: Mapping[str, feel.Type] = {
    "amount": feel.NUMBER, "customer_level": feel.STRING, "qty": feel.NUMBER, "price": feel.NUMBER,
    "discount": feel.NUMBER, "lines": feel.ListOf(LINE),
}  # fmt: skip
CONTEXT: Values = {
    "amount": Decimal("62000.50"), "customer_level": "B", "qty": Decimal(12), "price": Decimal("99.90"),
    "discount": Decimal("0.125"),
    "lines": [{"qty": Decimal(i % 10), "price": Decimal("19.90") + i} for i in range(19)] + [{"qty": Decimal(11), "price": Decimal(1)}],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """An expression and the Python that somebody would write instead."""

    text: str
    by_hand: Callable[[Values], object]


NOTHING, ONE, TEN, THOUSAND, LIMIT = Decimal(0), Decimal(1), Decimal(10), Decimal(1000), Decimal(50000)


def big_and_known(c: Values) -> object:
    return c["amount"] > LIMIT and c["customer_level"] in ("A", "B")


def size(c: Values) -> object:
    return "big" if c["qty"] * c["price"] * (ONE - c["discount"]) > THOUSAND else "small"


def total(c: Values) -> object:
    return sum((line["qty"] * line["price"] for line in c["lines"]), NOTHING)


def month_later(c: Values) -> object:
    day, months = date.fromisoformat("2026-01-31"), 1
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def some_large(c: Values) -> object:
    return any(line["qty"] > TEN for line in c["lines"])


CASES = (
    Case('amount > 50000 and customer_level in ("A","B")', big_and_known),
    Case('if qty * price * (1 - discount) > 1000 then "big" else "small"', size),
    Case("sum(for l in lines return l.qty * l.price)", total),
    Case('date("2026-01-31") + duration("P1M")', month_later),
    Case("some l in lines satisfies l.qty > 10", some_large),
)


def seconds(work: Callable[[], object]) -> float:
    """Seconds a call, over as many calls as fill `SECONDS`."""
    calls = 1
    while True:
        begun = time.perf_counter()
        for _ in range(calls):
            work()
        took = time.perf_counter() - begun
        if took >= SECONDS:
            return took / calls
        calls = max(calls * 2, int(calls * SECONDS / max(took, 1e-9)))


def in_turns(*works: Callable[[], object]) -> list[float]:
    """The median seconds of each, measured in turns."""
    runs = [[seconds(work) for work in works] for _ in range(ROUNDS)]
    return [statistics.median(run[at] for run in runs) for at in range(len(works))]


def evaluation() -> None:
    ratios = []
    for letter, case in zip("abcde", CASES, strict=True):
        expression = feel.compile(case.text, NAMES)
        assert expression(CONTEXT) == case.by_hand(CONTEXT), case.text
        ours, by_hand = in_turns(lambda e=expression: e(CONTEXT), lambda c=case: c.by_hand(CONTEXT))
        ratios.append(ours / by_hand)
        print(f"({letter}) {ours * 1e6:6.2f} µs, by hand {by_hand * 1e6:6.2f} µs: {ratios[-1]:.2f}×   {case.text}")
    print(f"geometric mean {statistics.geometric_mean(ratios):.2f}×")


def compilation() -> None:
    """A text never seen before (a comment tells it from all others) costs the whole way; one seen before a look-up."""
    number = iter(range(10**9))

    def cold() -> None:
        case = CASES[next(number) % len(CASES)]
        feel.compile(f"{case.text} // {next(number)}", NAMES)

    known = [case.text for case in CASES]
    names = frozenset(NAMES)
    for text in known:
        feel.compile_open(text, names)
    fresh, looked_up = in_turns(cold, lambda: feel.compile_open(known[0], names))
    print(f"parse, check and compile {fresh * 1e6:.0f} µs, look-up of a compiled one {looked_up * 1e6:.2f} µs")


if __name__ == "__main__":
    setcontext(Context(prec=34, rounding=ROUND_HALF_EVEN))
    evaluation()
    compilation()

"""How long the language service takes on expressions of about 200 characters: median of seven, in milliseconds.

    python benchmarks/language.py
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter

from dsl.feel import NUMBER, STRING, Choice, ListOf, RecordOf, Scope
from dsl.language import completions, diagnostics, formatted, hover, signature_help

LINES = {f"field_{i}": NUMBER for i in range(40)} | {"qty": NUMBER, "price": NUMBER, "product": STRING}
ORDER = {f"field_{i}": NUMBER for i in range(200)} | {"lines": ListOf(RecordOf("line")), "status": Choice("status", ("draft", "sent"))}
ENTITIES = {"order": ORDER, "line": LINES}
SCOPE = Scope({**ORDER, "record": RecordOf("order")}, ENTITIES.get, frozenset(ENTITIES))
TEXT = (
    'if status = "draft" and sum(for l in lines return l.qty * l.price * (1 - field_1 / 100)) > field_2 + field_3 '
    'then substring("much: " + string(count(lines[qty > 3 and product != null])), 1, 40) else "li"'
)
TIMES, GOAL = 7, 20.0


def timed(work: Callable[[str], object]) -> float:
    """Milliseconds of one call, each on a text that was not seen before."""
    found = []
    for turn in range(TIMES):
        text = TEXT.replace("li", "l" * (turn + 2))
        start = perf_counter()
        work(text)
        found.append((perf_counter() - start) * 1000)
    return median(found)


def main() -> None:
    middle, inside = TEXT.index("l.price") + 3, TEXT.index("product !=") + 3
    unfinished = TEXT.index(" then")
    figures = {
        "completions": timed(lambda text: completions(text, middle, SCOPE)),
        "completions, unfinished": timed(lambda text: completions(text[:unfinished] + " and fie", unfinished + 8, SCOPE)),
        "hover": timed(lambda text: hover(text, inside, SCOPE)),
        "signature help": timed(lambda text: signature_help(text, TEXT.index(", 1, 40"), SCOPE)),
        "diagnostics": timed(lambda text: diagnostics(text, SCOPE)),
        "formatting": timed(lambda text: formatted(text, SCOPE)),
    }
    print(f"{len(TEXT)} characters, {len(ORDER)} fields; goal: less than {GOAL:.0f} ms each")
    for name, milliseconds in figures.items():
        print(f"{name:28}{milliseconds:8.2f} ms")


if __name__ == "__main__":
    main()

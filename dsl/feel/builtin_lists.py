"""Built-in functions on lists, sorting included (DMN 1.5, 10.3.4.4 and 10.3.4.9)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal, getcontext, setcontext
from functools import cmp_to_key, reduce
from typing import Any

from dsl.feel.builtin import feel
from dsl.feel.equality import equal, order
from dsl.feel.limits import MAX_STEPS, LimitExceeded, Walk, check_list
from dsl.feel.operators import ARITHMETIC
from dsl.feel.trouble import Trouble
from dsl.feel.values import FeelFunction, Months, number, whole

List = Sequence[Any]
_DECIMAL = {Decimal}
_HASHED = frozenset({Decimal, str, bool, date, timedelta, Months})
_ZERO = Decimal(0)


def spread(args: tuple[Any, ...]) -> List:
    """`f(list)` and `f(a, b, …)` alike: the values. Raises Trouble for a null alone."""
    if len(args) != 1:
        return args
    (only,) = args
    if only is None:
        raise Trouble("null", "the list is null")
    return only if type(only) in (list, tuple) else args


def numbers(name: str, values: List) -> Sequence[Decimal]:
    """The values as numbers. Raises Trouble if one is no number."""
    if set(map(type, values)) <= _DECIMAL:
        return values
    exact = [number(value) for value in values]
    if None in exact:
        raise Trouble("type", f"{name}: the list holds something that is no number")
    return exact  # type: ignore[return-value]


def _place(position: Decimal, length: int, name: str) -> int:
    at = whole(position)
    if at is None or at == 0 or abs(at) > length or at != position:
        raise Trouble("value", f"{name}: there is no position {position} in a list of {length}")
    return at - 1 if at > 0 else length + at


@feel("list contains(list: list, element)")
def list_contains(items: List, element: object) -> bool:
    return any(equal(item, element) is True for item in items)


@feel("count(list: list)")
def count(items: List) -> Decimal:
    return Decimal(len(items))


def _extreme(name: str, args: tuple[Any, ...], wanted: int) -> object:
    items = spread(args)
    if not items:
        return None
    best = items[0]
    if order(best, best) is None:
        raise Trouble("type", f"{name}: the values have no order")
    for item in items[1:]:
        place = order(item, best)
        if place is None:
            raise Trouble("type", f"{name}: the values have no common order")
        if place == wanted:
            best = item
    return best


@feel("min(list…)")
def minimum(*args: Any) -> object:
    return _extreme("min", args, -1)


@feel("max(list…)")
def maximum(*args: Any) -> object:
    return _extreme("max", args, 1)


@feel("sum(list…)")
def total(*args: Any) -> Decimal | None:
    return plain_sum(numbers("sum", spread(args)))


def total_or_zero(*args: Any) -> Decimal | None:
    """`sum` in a workspace's documents, where the sum of nothing is 0."""
    values = spread(args)
    return plain_sum(numbers("sum", values)) if values else _ZERO


def plain_sum(values: Sequence[Decimal]) -> Decimal | None:
    """The sum of numbers, None of none. The context is set around the interpreter's own loop where that pays."""
    if len(values) < 4:
        return reduce(ARITHMETIC.add, values) if values else None
    before = getcontext()
    setcontext(ARITHMETIC)
    try:
        return sum(values, _ZERO)
    finally:
        setcontext(before)


@feel("mean(list…)")
def mean(*args: Any) -> Decimal | None:
    values = numbers("mean", spread(args))
    return ARITHMETIC.divide(reduce(ARITHMETIC.add, values), Decimal(len(values))) if values else None


@feel("median(list…)")
def median(*args: Any) -> Decimal | None:
    values = sorted(numbers("median", spread(args)))
    middle = len(values) // 2
    if not values:
        return None
    return (
        values[middle]
        if len(values) % 2
        else ARITHMETIC.divide(ARITHMETIC.add(values[middle - 1], values[middle]), Decimal(2))
    )


@feel("stddev(list…)")
def stddev(*args: Any) -> Decimal:
    values = numbers("stddev", spread(args))
    if len(values) < 2:
        raise Trouble("value", "stddev: needs two numbers or more")
    middle = ARITHMETIC.divide(reduce(ARITHMETIC.add, values), Decimal(len(values)))
    squares = [ARITHMETIC.power(ARITHMETIC.subtract(value, middle), 2) for value in values]
    return ARITHMETIC.sqrt(ARITHMETIC.divide(reduce(ARITHMETIC.add, squares), Decimal(len(values) - 1)))


@feel("mode(list…)")
def mode(*args: Any) -> list[Decimal]:
    counts: dict[Decimal, int] = {}
    for value in numbers("mode", spread(args)):
        counts[value] = counts.get(value, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(value for value, times in counts.items() if times == most)


@feel("product(list…)")
def product(*args: Any) -> Decimal | None:
    values = numbers("product", spread(args))
    return reduce(ARITHMETIC.multiply, values) if values else None


def _booleans(name: str, args: tuple[Any, ...]) -> set[object]:
    values = spread(args)
    if any(value is not None and type(value) is not bool for value in values):
        raise Trouble("type", f"{name}: the list holds something that is no boolean")
    return set(values)


@feel("all(list…)")
def every(*args: Any) -> bool | None:
    values = _booleans("all", args)
    return False if False in values else None if None in values else True


@feel("any(list…)")
def some(*args: Any) -> bool | None:
    values = _booleans("any", args)
    return True if True in values else None if None in values else False


@feel("sublist(list: list, start position: number, length?: number)")
def sublist(items: List, start: Decimal, length: Decimal | None = None) -> list[object]:
    first = _place(start, len(items), "sublist")
    if length is None:
        return list(items[first:])
    count = whole(length)
    if count is None or count < 0 or first + count > len(items):
        raise Trouble("value", f"sublist: there are no {length} items from {start} in a list of {len(items)}")
    return list(items[first : first + count])


@feel("append(list: list, item…)")
def append(items: List, *more: object) -> list[object]:
    check_list(len(items) + len(more))
    return [*items, *more]


@feel("concatenate(list…: list)")
def concatenate(*lists: List) -> list[object]:
    check_list(sum(map(len, lists)))
    return [item for items in lists for item in items]


@feel("insert before(list: list, position: number, newItem)")
def insert_before(items: List, position: Decimal, item: object) -> list[object]:
    at = _place(position, len(items), "insert before")
    return [*items[:at], item, *items[at:]]


@feel("remove(list: list, position: number)")
def remove(items: List, position: Decimal) -> list[object]:
    at = _place(position, len(items), "remove")
    return [*items[:at], *items[at + 1 :]]


@feel("list replace(list: list, position: number, newItem)")
def replace_at(items: List, position: Decimal, item: object) -> list[object]:
    at = _place(position, len(items), "list replace")
    return [*items[:at], item, *items[at + 1 :]]


@feel("list replace(list: list, match: function, newItem)")
def replace_matches(items: List, match: FeelFunction, new: object) -> list[object]:
    test = _boolean_function("list replace", match)
    return [new if test(item, new) else item for item in items]


def _boolean_function(name: str, function: FeelFunction) -> Callable[..., bool]:
    if len(function.names) != 2 and not function.variadic:
        raise Trouble("type", f"{name}: the function has {len(function.names)} parameters instead of 2")

    def call(*args: object) -> bool:
        result = function.code(*args)
        if type(result) is not bool:
            raise Trouble("type", f"{name}: the function does not give true or false")
        return result

    return call


@feel("reverse(list: list)")
def reverse(items: List) -> list[object]:
    return list(items[::-1])


@feel("index of(list: list, match)")
def index_of(items: List, match: object) -> list[Decimal]:
    return [Decimal(at) for at, item in enumerate(items, 1) if equal(item, match) is True]


@feel("union(list…: list)")
def union(*lists: List) -> list[object]:
    check_list(sum(map(len, lists)))
    return _distinct(item for items in lists for item in items)


@feel("distinct values(list: list)")
def distinct_values(items: List) -> list[object]:
    return _distinct(items)


def _distinct(items: Iterable[Any]) -> list[object]:
    """The items without repetitions; numbers, strings, dates and the like are found by hash, others one by one."""
    kept: list[object] = []
    seen: set[object] = set()
    others: list[object] = []
    steps = 0
    for item in items:
        if type(item) in _HASHED:
            key = (type(item), item)
            if key in seen:
                continue
            seen.add(key)
        else:
            steps += len(others)
            if steps > MAX_STEPS:
                raise LimitExceeded(f"distinct values: more than {MAX_STEPS} comparisons")
            if any(equal(item, other) is True for other in others):
                continue
            others.append(item)
        kept.append(item)
    return kept


@feel("flatten(list: list)")
def flatten(items: List) -> list[object]:
    flat: list[object] = []
    stack = [iter(items)]
    walk = Walk()
    while stack:
        for item in stack[-1]:
            if type(item) in (list, tuple):
                walk.into(len(item))
                stack.append(iter(item))
                break
            flat.append(item)
        else:
            stack.pop()
        check_list(max(len(flat), len(stack)))
    return flat


@feel("sort(list: list, precedes?: function)")
def sort(items: List, precedes: FeelFunction | None = None) -> list[object]:
    if precedes is None:
        return sorted(items, key=cmp_to_key(_natural))
    before = _boolean_function("sort", precedes)

    def compare(left: object, right: object) -> int:
        return -1 if before(left, right) else 1 if before(right, left) else 0

    return sorted(items, key=cmp_to_key(compare))


def _natural(left: Any, right: Any) -> int:
    place = order(left, right)
    if place is None:
        raise Trouble("type", "sort: the values have no common order")
    return place

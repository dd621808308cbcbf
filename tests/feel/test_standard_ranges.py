"""Built-in functions on ranges (DMN 1.5, 10.3.4.7)."""

from __future__ import annotations

from tests.feel.standard import cases, check


@cases(
    r"""
range("[1..3)") = [1..3) => true
range("(1..3)") = (1..3) => true
range("]1..3[") = (1..3) => true
range("[\"a\"..\"c\"]") = ["a".."c"] => true
range("[\"a\"..\"c\"]") instance of range<string> => true
range("[@\"2020-01-01\"..@\"2020-01-02\"]") instance of range<date> => true
range("(null..2]") = (null..2] => true
range("(..2]") => null
range("[1..]") => null
range("(..2)") => null
range("[..]") => null
range("[null..null]") => null
range("[1..null)") => [1..null)
range("1..3") => null
range("[1..3") => null
range("[1,3]") => null
range("[1+1..3]") => null
range("[a..b]") => null
range("") => null
range(null) => null
range() => null
range("[1..3]","x") => null
range(from:"[1..3]") => [1..3]
range(from:null) => null
range("[date(\"1970-01-01\")..@\"1970-01-02\"]") = [@"1970-01-01"..@"1970-01-02"] => true
range("[date(1970,1,1)..@\"1970-01-02\"]") => null
range("[date and time(\"1970-01-01T00:00:00\")..@\"1970-01-02T00:00:00\"]") = [@"1970-01-01T00:00:00"..@"1970-01-02T00:00:00"] => true
range("[time(\"00:00:00\")..time(\"12:00:00\")]") = [@"00:00:00"..@"12:00:00"] => true
range("[number(\"1\")..2]") => null
range("[true..false]") => null
range("[-1..1]") = [-1..1] => true
range("[1.5..2.5]") = [1.5..2.5] => true
range("[1..1]") => [1..1]
range("(1..1)") => (1..1)
range("[@\"foo\"..@\"P1D\"]") => null
range("[1..@\"P1D\"]") => null
range("[@\"P1Y\"..@\"P1D\"]") => null
range("<1") => null
range("[{}..{}]") => null
range("(null..null)") => null
"""
)
def test_range_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
before(1,10) => true
before(10,1) => false
before(1,[1..10]) => false
before(1,(1..10]) => true
before([1..10],10) => false
before([1..10],[10..20]) => false
before([1..10],(10..20]) => true
before(point1: 1, point2: 2) => true
before(point: 1, range: [2..3]) => true
before(range1: [1..2], range2: [3..4]) => true
before(null, 1) => null
before(1, "a") => null
before(1) => null
"""
)
def test_before_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
after(10,5) => true
after(12,[1..10]) => true
after(10,[1..10]) => false
after([11..20],10) => true
after((10..20],10) => true
after([11..20],[1..10]) => true
"""
)
def test_after_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
meets([1..5],[5..10]) => true
meets(1, 2) => null
"""
)
def test_meets_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
met by([5..10],[1..5]) => true
"""
)
def test_met_by_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
overlaps([1..5],[3..8]) => true
overlaps([3..8],[1..5]) => true
overlaps([1..8],[3..5]) => true
overlaps([1..5],[6..8]) => false
overlaps([1..5],[5..8]) => true
overlaps([1..5],(5..8]) => false
overlaps(1, [1..2]) => null
"""
)
def test_overlaps_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
overlaps before([1..5],[3..8]) => true
overlaps before([1..5],[1..8]) => false
overlaps before([1..5],(1..5]) => true
overlaps before([1..5],[1..5]) => false
"""
)
def test_overlaps_before_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
overlaps after([3..8],[1..5]) => true
overlaps after([5..8],[1..5]) => true
overlaps after((5..8],[1..5]) => false
overlaps after((1..5],[1..5]) => true
overlaps after((1..5],[1..6]) => false
overlaps after((1..5],[1..5)) => true
overlaps after((1..6],[1..5]) => true
"""
)
def test_overlaps_after_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
finishes(10,[1..10]) => true
finishes([5..10],[1..10]) => true
finishes([1..10],[1..10]) => true
"""
)
def test_finishes_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
finished by([1..10],10) => true
finished by([1..10],[5..10]) => true
finished by([1..10],(1..10]) => true
"""
)
def test_finished_by_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
includes([1..10],[4..6]) => true
includes((1..10],[1..5]) => false
includes(range: [1..3], point: 2) => true
"""
)
def test_includes_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
during(5,[1..10]) => true
during([4..6],[1..10]) => true
during(1,(1..10]) => false
during(range1: [1..2], range2: [1..3]) => true
"""
)
def test_during_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
starts(1,[1..10]) => true
starts([1..10],[1..10]) => true
starts((1..10),(1..10)) => true
"""
)
def test_starts_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
started by([1..10],1) => true
started by([1..10],[1..5]) => true
"""
)
def test_started_by_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
coincides(5,5) => true
coincides(3,4) => false
coincides([1..5],[1..5]) => true
coincides((1..5),[1..5]) => false
coincides([1..5],[2..6]) => false
"""
)
def test_coincides_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
1.5 in [2..1] => false
null in [2..1] => null
null in [1..2] => null
{a: 2, b: 1, r: null in [a..b]}.r => null
{a: 2, b: 1, r: 1.5 in [a..b]}.r => false
{a: 2, b: 1, r: not(1.5 in [a..b])}.r => true
{a: null, r: 5 in [a..a]}.r => null
{a: null, r: 0 in [1..a]}.r => false
{a: null, r: 3 in [1..a]}.r => null
{a: 1, b: 3, r: 3 in [a..b)}.r => false
{a: 1, b: 3, r: 3 in (a..b]}.r => true
{a: 1, r: [1..3] in [a..3]}.r => true
"x" in [1..3] => null
"""
)
def test_being_between_ends_is_both_comparisons_also_where_the_ends_make_no_range(expression: str, expected: str) -> None:
    check(expression, expected)

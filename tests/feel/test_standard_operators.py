"""Operators and comparisons (DMN 1.5, 10.3.2.8 to .15)."""

from __future__ import annotations

from tests.feel.standard import cases, check


@cases(
    r"""
any([]) = false => true
null = null => true
null != 1 => true
true = 0 => null
true = "true" => null
"" = null => false
123 != 123.0 => false
100 != "100" => null
[] = null => false
[1] = 1 => true
1 = [1] => true
[1,2] = 1 => null
[null] = null => false
[] = [] => true
[[]] = [] => false
{} = null => false
{a: 1} = {a: 1, b: 2} => false
{} = [] => null
{a: null} = {} => false
date("2018-12-08") = date("2018-12-09") => false
date("2018-12-08") = "2018-12-08" => null
time("10:30:00") = "10:30:00" => null
time("10:30:00.0001") = time("10:30:00.0002") => false
time("10:30:00@Europe/Paris") = time("10:30:00@Asia/Dhaka") => false
time("10:30:00+00:00") = time("10:30:00Z") => true
time("10:30:00Z") = time("10:30:00") => null
@"10:30:00" = @"10:30:00Z" => null
time("10:30:00@Etc/UTC") = time("10:30:00Z") => true
@"2002-04-02T12:00:00-01:00" = @"2002-04-02T17:00:00+04:00" => true
@"2018-12-08T00:00:00" = @"2018-12-08T00:00:00Z" => null
@"2018-12-08T00:00:00" != @"2018-12-08T00:00:00Z" => null
duration("P1D") = duration("PT24H") => true
duration("P0D") = duration("P0Y") => null
duration("P0D") = null => false
duration("P1Y") != duration("P13M") => true
[1..10] = [1..10] => true
(1..10) = ]1..10[ => true
(<10) = (<10) => true
(<10) = (null..10) => false
(>=10) = [10..null) => false
(<=10) = (<10) => false
[1..10] != [1..10) => true
(!=10) = (!=10) => true
{a: 1}[a = 1] => [{a:1}]
[{a: [{b: 1}]}, {a: [{b: [2.1, 2.2]}]}].a[b = 1] => []
date("0000-01-01") = date(0,1,1) => true
date("-0001-01-01") = date(-1,1,1) => true
now() = now() => true
today() = date(now()) => true
1 = 1 = true => true
[{a:[{b:1},{b:2}]}][a[b=1].b[1] = 1] => [{a:[{b:1},{b:2}]}]
[1,2,3][item = 2][1] => 2
[[1,2],[3,4]][item[1] = 3] => [[3,4]]
1234567890123456789012345678901234567890 = 1234567890123456789012345678901235000000 => true
0.1 + 0.2 = 0.3 => true
@"2021-01-01T00:00:00Z" = @"2021-01-01T01:00:00+01:00" => true
null[item = 1] => null
"a\"b" = "a" + "\"" + "b" => true
{l: [{n: "a", v: 1},{n: "b", v: 2}], r: l[n = "b"].v[1]}.r => 2
[1,2,3][-1] = [1,2,3][3] => true
[{a: 1}][b = null] => [{a: 1}]
[{a: 1}, {a: null}][a = null] => [{a: null}]
[1, null, 2][item != null] => [1, 2]
[] = [null] => false
[null] = [null] => true
[1, null] = [1, 2] => false
{a: null} = {a: null} => true
{a: 1} = {a: "1"} => null
[1] = ["1"] => null
[1, 2] = ["1"] => false
[1, 2] != [1, 3] => true
null != [] => true
"a" != null => true
1 != null => true
true = (1 = 1) => true
{} != null => true
@"10:00:00+01:00" = @"09:00:00Z" => true
@"10:00:00" = @"10:00:00.000" => true
@"2020-01-01T00:00:00.000" = @"2020-01-01T00:00:00" => true
@"2020-01-01T24:00:00" = @"2020-01-02T00:00:00" => true
@"P1D" = @"P0Y" => null
@"PT0S" = -@"PT0S" => true
@"10:00:00" + @"PT0.000000001S" = @"10:00:00.000000001" => true
date(2020, 1, 1) = @"2020-01-01" => true
"""
)
def test_equality_knows_kinds(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
true and null => null
123 and false => false
123 and true => null
null or null => null
null or false => null
"true" or false => null
0 or 0 => null
date("2018-12-08") = date and time("2018-12-08T00:00:00") => null
(function(a: date and time) a)(@"2020-01-01") => @"2020-01-01T00:00:00Z"
1 < 2 and 2 < 3 => true
not(1 = 2) or false => true
true or (1/0 = 1) => true
date and time("2020-01-01T00:00:00")[1] => @"2020-01-01T00:00:00"
"""
)
def test_and_and_or_decide_in_three_values(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
5 between null and 10 => null
5 between 10 and 1 => false
5 between "a" and 10 => null
1 between 2 and null => false
3 between 2 and null => null
5 between 1 and 3 or true => true
(5 between 1 and 10) and (3 between 1 and 2) => false
"""
)
def test_between_includes_its_ends(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
1 in [1] => true
1 in [[1]] => true
1 in [] => false
null in [null] => true
null in null => true
null in [1,2] => false
1 in null => false
null in < 10 => null
5 in (< null) => null
5 in [1,2,[3..6]] => true
5 in ([1..3], [4..6]) => true
5 in (> 1, < 0) => true
5 in [null..10] => null
5 in [1..null] => null
0 in [1..null] => false
11 in [null..10] => false
null in [1..10] => null
null in (1, null) => true
[1,2] in [1,2] => true
[1,2] in [[1,2]] => true
[1,2] in ([1,2],[3]) => true
[1] in [1] => true
"a" in ["a","b"] => true
true in [true] => true
"a" in 1 => null
1 in [1..2] and true => true
5 in (1..10] => true
5 in ]5..10] => false
5 in [1..5[ => false
5 in (5) => true
5 in (5, 6) => true
5 in ((5)) => true
5 in (<10, >20) => true
"abc" in ("a".."b") => true
[1..3] in [1..3] => true
[1..3] in [[1..3],[4..5]] => true
@"2020-01-01" in [@"2019-01-01"..@"2021-01-01"] => true
@"2020-01-01T00:00:00" in [@"2019-01-01"..@"2021-01-01"] => null
1 in ["a".."b"] => null
1 in (2, "a") => null
1 in (1, "a") => true
1 in [2, "a"] => false
x in [1] => false
"""
)
def test_in_takes_tests_ranges_and_lists(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
1 + /* 1 + */ 1 => 2
2 ** 3 => 8
2 ** null => null
-2 ** 2 => 4
2 ** -2 => 0.25
2 ** 0.5 => 1.414213562373095048801688724209698
(-8) ** 0.5 => null
0 ** 0 => 1
0.0/0.0 => null
-"10" => null
-true => null
-null => null
-@"P1Y" => @"-P1Y"
-@"2021-01-01" => null
-(function() 1) => null
--10 => 10
2.5 * @"P1Y11M" => @"P4Y9M"
@"P1Y" * 1.04 => @"P1Y"
@"P10Y" / 2 => @"P5Y"
@"P10Y" / @"P5Y" => 2
@"P10D" / 3 => @"P3DT8H"
@"P10D" / @"P5D" => 2
@"P1Y" / 0.5 => @"P2Y"
10 / @"P1Y" => null
@"P1D" * @"P1D" => null
1/3 => 0.3333333333333333333333333333333333
2/3 => 0.6666666666666666666666666666666667
@"2021-01-31" + @"P1M" => @"2021-02-28"
@"2020-02-29" + @"P1Y" => @"2021-02-28"
@"2020-03-31" - @"P1M" => @"2020-02-29"
@"2021-01-01" + @"-PT1S" => @"2020-12-31"
@"23:30:00" + @"PT1H" => @"00:30:00"
@"00:30:00" - @"PT1H" => @"23:30:00"
@"10:10:10+11:00" + @"PT1H" => @"11:10:10+11:00"
@"10:10:10Z" - @"10:10:10+01:00" => @"PT1H"
@"10:10:10@Europe/Paris" - @"10:10:10Z" => @"-PT1H"
@"10:10:10" - @"10:10:10Z" => null
@"2021-01-01T10:10:10Z" - @"2021-01-01T10:10:10" => null
@"2021-01-01T00:00:00+02:00" - @"2021-01-01" => @"-PT2H"
@"P1D" + @"P1Y" => null
"a" + "b" => "ab"
"a" + null => null
1 + 2 * 3 ** 2 => 19
-3 ** 2 => 9
2 ** -1 ** 2 => 0.25
10 - 2 - 3 => 5
100 / 10 / 2 => 5
1 + if true then 1 else 2 => 2
1e400 - 1e400 => 0
.5 + .5 => 1
9999999999999999999999999999999999 + 1 => 10000000000000000000000000000000000
2 ** 0.5 * 2 ** 0.5 => 2
@"2021-03-28T01:30:00@Europe/Paris" + @"PT1H" => @"2021-03-28T03:30:00@Europe/Paris"
date("2018-10-11") - date("2018-10-10") => @"P1D"
date("2018-10-10") - @"2018-10-10T12:00:00Z" => @"-PT12H"
@"2018-12-08T10:30:11+01:00" - @"PT1H" => @"2018-12-08T09:30:11+01:00"
time("10:30:00") + duration("P1D") => time("10:30:00")
time("10:30:00") - duration("PT11H") => time("23:30:00")
@"P1D" - @"P2D" => -@"P1D"
@"P1Y" + @"P13M" => @"P2Y1M"
@"P1D" / 2 => @"PT12H"
@"PT1H" * 1.5 => @"PT1H30M"
@"P1D" / @"PT1H" => 24
@"P1Y" / @"P1M" => 12
0 * @"P1D" => @"PT0S"
"" + "" => ""
1 - null => null
(1 + 2) * 3 => 9
10 ** 2 ** 2 => 10000
-(2 + 3) => -5
- 5 + 3 => -2
-1.5e3 => -1500
1 / 3 * 3 => 0.9999999999999999999999999999999999
1.00000000000000000000000000000000005 + 0 => 1
2 ** 113 => 10384593717069655257060992658440192
10 ** 34 + 1 => 10000000000000000000000000000000000
@"2020-06-01T00:00:00@Europe/Paris".time offset => @"PT2H"
@"2020-01-01T00:00:00@Europe/Paris".time offset => @"PT1H"
@"2020-10-25T02:30:00@Europe/Paris" - @"2020-10-25T01:30:00@Europe/Paris" => @"PT1H"
@"2021-03-28T00:00:00@Europe/Paris" + @"P1D" => @"2021-03-29T01:00:00@Europe/Paris"
@"9999-12-31" + @"P1D" => date(10000,1,1)
@"0001-01-01" - @"P1D" => date(0,12,31)
@"999999999-12-31" + @"P1D" => null
@"2020-01-31" + @"P1M" + @"P1M" => @"2020-03-29"
@"2020-01-31" + @"-P1M" => @"2019-12-31"
@"2020-12-31" - @"P10M" => @"2020-02-29"
@"PT1H" + @"10:00:00" => @"11:00:00"
@"P1M" + @"10:00:00" => null
@"2020-01-01T10:00:00" - @"PT10H1S" => @"2019-12-31T23:59:59"
@"2020-01-01" - "2020-01-01" => null
"""
)
def test_arithmetic_is_decimal_and_null_safe(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
if null then 1 else 2 => 2
if "a" then 1 else 2 => null
if 1 then 1 else 2 => null
if [true] then 1 else 2 => null
if false then 1 else if true then 2 else 3 => 2
if 1 in (1,2) then "y" else "n" => "y"
if true then null else 1 => null
if false then 1 else null => null
if 1 = 1 then "a" else "b" => "a"
if "true" then 1 else 2 => null
if true then 1 => null
"""
)
def test_only_true_takes_then(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
@"2021-01-01T00:00:00Z" < @"2021-01-01T00:30:00+01:00" => false
@"2021-01-01T00:00:00" < @"2021-01-01T00:00:01Z" => null
@"10:00:00" < @"10:00:01Z" => null
@"10:00:00Z" < @"10:00:01Z" => true
@"2021-01-01" < @"2021-01-01T00:00:00" => null
"a" < "b" => true
"a" < 1 => null
true < false => null
[1] < [2] => null
@"P1D" < @"P1M" => null
@"P1Y" < @"P13M" => true
null < 1 => null
1 <= null => null
null < null => null
"a" >= "a" => true
@"-0001-12-31" < @"0001-01-01" => true
"""
)
def test_order_is_within_a_kind(expression: str, expected: str) -> None:
    check(expression, expected)

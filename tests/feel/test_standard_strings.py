"""Built-in functions on strings (DMN 1.5, 10.3.4.1 and 10.3.4.3)."""

from __future__ import annotations

from tests.feel.standard import cases, check


@cases(
    r"""
# Both separators are given or none; either may be null.
number("1 000 000.01", " ", ".") => 1000000.01
number("1,000,000", ",") => null
number("1", null, null) => 1
number("1.2", null, ".") => 1.2
number("1,2", null, ",") => 1.2
number("foo", ",", ".") => null
number("1 000 000", " ", null) => 1000000
number("1.000.000", ".", null) => 1000000
number(from: "1.000.000,01", decimal separator:",", grouping separator:".") => 1000000.01
number("1", "foo", ".") => null
number("12", "", ".") => null
number("") => null
number(null) => null
number("100") => 100
number("-1.5") => -1.5
number(" 1 ") => null
number("1e3") => 1000
number("0x1F") => null
number(12) => 12
number([]) => null
number(from: "1", grouping separator: null, decimal separator: null) => 1
number(from: "1", grouping separator: null) => null
"""
)
def test_number_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
string length("\U01F40E\u0041") => 2
string length("\\u0041") => 6
string length(null) => null
string length(1) => null
string length("\u0009 \u000A") => 3
"""
)
def test_string_length_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
# A length below 1 is no length: null, not the empty string.
substring("\U01F40Efoo", 1, 1) => "\U01F40E"
substring("foo\ud83d\udc0ebar\uD83D\uDE00baz", 4, 1) => "\ud83d\udc0e"
substring("foobar",0) => null
substring("foobar",3,0) => null
substring("foobar",7) => null
substring("foobar",-7) => null
substring("foobar",-3) => "bar"
substring("foobar",3,100) => "obar"
substring("foobar",2,-1) => null
substring("",1) => null
substring(null,1) => null
substring("foobar",null) => null
substring("foobar") => null
substring("foobar","1") => null
substring("foobar",1,null) => null
substring(string:"foobar",start position:3,length:2) => "ob"
"""
)
def test_substring_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
substring before("foo\ud83d\udc0ebar\uD83D\uDE00baz", "\uD83D\uDE00") => "foo🐎bar"
substring before("abc","b","c") => null
substring before("foobar","xyz") => ""
substring before("","") => ""
substring before("abc",null) => null
"""
)
def test_substring_before_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
substring after("foo\ud83d\udc0ebar\uD83D\uDE00baz", "\ud83d\udc0e") => "bar😀baz"
substring after("foobar","o") => "obar"
substring after("","") => ""
substring after("foobar","xyz") => ""
substring after("abc") => null
"""
)
def test_substring_after_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
starts with("\ud83d\udc0ebar", "\ud83d\udc0e") => true
starts with("foobar","fo") => true
starts with("foobar","") => true
starts with(string:"foobar", match:"f") => true
"""
)
def test_starts_with_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
upper case("\ud83d\udc0ea") => "🐎A"
upper case(null) => null
upper case("aé ß") => "AÉ SS"
upper case(1) => null
"""
)
def test_upper_case_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
contains("foobar","ob") => true
contains(null,"ob") => null
contains("foobar",null) => null
contains("foobar") => null
"""
)
def test_contains_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
ends with("foobar",null) => null
"""
)
def test_ends_with_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
string(date("999999999-12-31")) => "999999999-12-31"
string(time("11:00:00.123456789123")) => "11:00:00.123456789"
string(time(11,59,45.123456789,duration("PT0H"))) => "11:59:45.123456789Z"
string(time("13:20:00+02:45:55")) => "13:20:00+02:45:55"
string(time("13:20:00-00:00")) => "13:20:00Z"
string(date and time(2017,1,1,10,0,0,"Europe/Paris")) => "2017-01-01T10:00:00@Europe/Paris"
string(date and time("2018-12-08T00:00:00.10")) => "2018-12-08T00:00:00.1"
string(1.10) => "1.1"
string(-0.0) => "0"
string(1e10) => "10000000000"
string(1/3) => "0.3333333333333333333333333333333333"
string(true) => "true"
string(null) => null
string() => null
string(1,2) => null
string(from: 1) => "1"
string("") => ""
string(@"2017-01-01") => "2017-01-01"
string(@"2017-01-01T10:00:00Z") => "2017-01-01T10:00:00Z"
string(@"2017-01-01T10:00:00+00:00") => "2017-01-01T10:00:00Z"
string(@"P1DT0H") => "P1D"
string(@"P0D") => "PT0S"
string(@"P0Y") => "P0M"
string(@"PT36H") => "P1DT12H"
string(@"-P14M") => "-P1Y2M"
string([1,"a",null,true]) => "[1, \"a\", null, true]"
string({a: "foo", b: 1}) => "{a: \"foo\", b: 1}"
string({"a b": 1}) => "{\"a b\": 1}"
string([]) => "[]"
string({}) => "{}"
string([1..2]) => "[1..2]"
string((1..2)) => "(1..2)"
string(["a".."b"]) => "[\"a\"..\"b\"]"
string([@"2017-01-01"]) => "[2017-01-01]"
string([[1,2],{a:"\"x\""}]) => "[[1, 2], {a: \"\\\"x\\\"\"}]"
string(duration("P13M")) => "P1Y1M"
string(duration("PT90M")) => "PT1H30M"
string(duration("-PT0.5S")) => "-PT0.5S"
string(for i in 1..3 return i) => "[1, 2, 3]"
string(@"2018-12-08T10:30:11.123456789Z") => "2018-12-08T10:30:11.123456789Z"
string(abs) => "function(n)"
"""
)
def test_string_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
string join(["a","b"]) => "ab"
string join(["a","b"], null) => "ab"
string join([null]) => ""
string join([null], "X") => ""
string join([1,2]) => null
string join(["a"], 1) => null
string join(list: ["a","b"], delimiter: "-") => "a-b"
string join(["a","b"], "-", "[", "]") => null
string join(["a","b"], ",", "x") => null
string join("a") => "a"
string join(1) => null
string join(["a", "", "c"], "-") => "a--c"
"""
)
def test_string_join_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)

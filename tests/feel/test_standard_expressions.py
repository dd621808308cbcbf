"""Literals, names, members, filters, loops and functions (DMN 1.5, 10.3.1 and 10.3.2)."""

from __future__ import annotations

from tests.feel.standard import cases, check


@cases(
    r"""
{a: 1}.b => null
[{x:1,y:2},{x:2}].y => [2,null]
[{a: {b: 1}}, {a: {b: [2.1, 2.2]}}, {a: {b: 3}}, {a: {b: 4}}, {a: {b: 5}}].a.b => [1,[2.1,2.2],3,4,5]
date("2018-12-10").year => 2018
date("2018-12-10").weekday => 1
date("2018-12-10").hour => null
date("2018-12-10").time offset => null
date("2018-12-10").timezone => null
date and time("2018-12-10T10:30:01").hour => 10
date and time("2018-12-10T10:30:01").weekday => 1
date and time("2018-12-10T10:30:01").time offset => null
date and time("2018-12-10T10:30:00@Etc/UTC").time offset => @"PT0S"
date and time("2018-12-10T10:30:00+05:00").timezone => null
date and time("2018-12-10").time offset => null
date and time("2018-12-10").hour => 0
time("10:30:00@Etc/UTC").timezone => "Etc/UTC"
time("10:30:01").year => null
time("10:30:01.5").second => 1.5
duration("P1Y2M").months => 2
duration("P2M").months => 2
duration("P1Y").minutes => null
duration("P1Y").seconds => null
duration("PT2M").minutes => 2
duration("P1D").days => 1
duration("-P1DT2H").hours => -2
duration("PT1000S").seconds => 40
duration("P1D").seconds => 0
(<=10).start included => false
(<=10).end included => true
(>10).start => 10
(>10).end => null
(>=10).start included => true
(>10).end included => false
[1..10].foo => null
duration("PT1.5S").seconds => 1.5
[].a => []
[1].a => [null]
[{a:1},null].a => [1,null]
[{a: 1}, {b: 2}].a => [1, null]
date(-1,12,31).year => -1
date("2020-01-01").month => 1
time("10:11:12.345").second => 12.345
date and time("2020-01-01T10:11:12").date => null
"""
)
def test_members_are_those_of_the_kind_of_value(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
null instance of Null => true
null instance of Any => false
1 instance of Null => false
[] instance of list<number> => true
[1,null] instance of list<number> => true
[1,2] instance of list => true
{a:1} instance of context => true
{a: null} instance of context<a: number> => true
{} instance of context<a: number> => false
{} instance of context<> => true
[1..2] instance of range<number> => true
[1..2] instance of range<string> => false
["a".."b"] instance of range<string> => true
[@"P1D"..@"P2D"] instance of range<days and time duration> => true
(>1) instance of range<number> => true
(function(a: number) 1) instance of function<number> -> number => true
(function(a: number) "1") instance of function<number> -> string => true
(function(a: number) a) instance of function<string> -> number => false
(function() "foo") instance of function<> -> Any => true
(function(a) "foo") instance of function<> -> Any => false
abs instance of function<number> -> number => true
abs instance of function<> -> Any => false
duration("P1D") instance of duration => false
@"2018-12-08" instance of date and time => false
@"P1D" instance of years and months duration => false
null instance of list<Any> => false
null instance of context<a: string> => false
null instance of range<number> => false
[1..10] instance of Any => true
[1..10] instance of list<number> => false
[1,"a"] instance of list<Any> => true
[[1]] instance of list<list<number>> => true
[{a: 1}] instance of list<context<a: number>> => true
@"10:30:11+11:00" instance of time => true
now() instance of date => false
duration("P1M") instance of years and months duration => true
(function(a: string, b: number) a) instance of function<string, number> -> string => true
(function(a: string) a) instance of function<string, number> -> string => false
(function(a: Any) 1) instance of function<string> -> number => true
1 instance of number and true => true
1+1 instance of number => null
(1+1) instance of number => true
if 1 instance of number then 1 else 2 => 1
for i in 1..2 return i instance of number => [true, true]
"a" instance of string = true => true
"""
)
def test_a_value_is_an_instance_of_its_own_types(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
"\U000041" => "A"
"\t\n\r\"\\\'" => "\u0009\u000A\u000D\u0022\u005C\u0027"
@"2019-03-31T25:00:00" => null
@"" => null
@"P1Y1D" => null
@"-PT1H" => -@"PT1H"
@"24:00:00" => @"00:00:00"
[3..1] => null
[1.."a"] => null
[null..null] => null
["b".."a"] => null
1.5E+2 => 150
01 => 1
1. => null
'a' => null
"foo".a => null
true.a => null
1e2 => 100
1E-2 => 0.01
"\u0041\u00e9\u4e2d" => "Aé中"
"\U01F600" => "😀"
'single' => null
[1,2,] => null
(1, 2) => null
[1 2] => null
1 = => null
12345678901234567890.12345678901234567890 => 12345678901234567890.12345678901235
@"2020-01-01T23:00:00-05:00".day => 1
@"2020-01-01T00:00:00-05:00".time offset => @"-PT5H"
@"10:00:00-05:30".time offset => @"-PT5H30M"
@"PT36H".days => 1
@"PT36H".hours => 12
@"-PT36H".days => -1
@"P14M".years => 1
@"-P14M".months => -2
@"PT0.5S".seconds => 0.5
"""
)
def test_literals_have_their_value(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
{} => {}
{a: 1, a: 2} => null
{a: {b: 1}, c: a.b} => {a:{b:1}, c:1}
{"a b": 1}."a b" => null
{foo bar: "foo"} => {"foo bar": "foo"}
{foo+bar: "foo"} => {"foo+bar": "foo"}
{foo+bar((!!],foo: "foo"} => null
{"foo+bar((!!],foo": "foo"} => {"foo+bar((!!],foo": "foo"}
{"": "foo"} => {"": "foo"}
{a: 1 + 2, b: 3, c: {d e: a + b}} => {a:3,b:3,c:{d e:6}}
{a:1} in {a:1} => true
{a: "foo"}.b => null
{a-b: 1, c: a-b}.c => 1
{a: 5, b: 3, c: a-b}.c => 2
{if foo: 1}.if foo => 1
{for each: 1, x: for each + 1}.x => 2
{android: 1, x: android}.x => 1
{a b c: 1, a b: 2, x: a b c + a b}.x => 3
{total + tax: 3, total: 1, x: total + tax}.x => 3
{x and y: true, z: x and y}.z => true
{date: 1}.date => 1
{string length: 3, x: string length}.x => 3
{time zone: "a"}.time zone => "a"
{null value: 1, b: null value}.b => 1
{in stock: 1, b: in stock + 1}.b => 2
{_a: 1}._a => 1
{a_1: 1}.a_1 => 1
{é: 1}.é => 1
{my.name: 1, b: my.name}.b => 1
{it's: 1, b: it's}.b => 1
{a: {b c: 1}, d: a.b c}.d => 1
{a: [1,2,3], b: a[item > 1]}.b => [2,3]
{x: 5, a: [{x: 1},{x: 9}], b: a[x > 4]}.b => [{x:9}]
{y: 5, a: [{x: 1},{x: 9}], b: a[x > y]}.b => [{x:9}]
{i: 2, a: [1,2,3], b: a[i]}.b => 2
{i: "a", a: [1,2,3], b: a[i]}.b => null
{Bob’s age: 1, b: Bob’s age + 1}.b => 2
{a: 1}'s => null
{a: null}.a.b => null
{a: 1, b: {a: 2, c: a}}.b.c => 2
{a: 1, b: {c: a}}.b.c => 1
{"a": 1, b: a}.b => 1
{a: b, b: 1}.a => null
{a: [1,2], b: count(a)}.b => 2
{a: {b: [{c: 1},{c: 2}]}}.a.b.c => [1,2]
{a b: {c d: 1}, e: a b.c d}.e => 1
{a: @"2020-01-01", y: a.year}.y => 2020
{l: [{n: "a", v: 1},{n: "b", v: 2}], r: sum(l.v)}.r => 3
{l: [{n: "a"},{n: "b"}], r: for x in l return x.n}.r => ["a","b"]
{item: 5, l: [1,2], r: l[item > 1]}.r => [2]
{partial: 3, r: partial}.r => 3
{r: for i in 1..2 return partial}.r => [[],[[]]]
"""
)
def test_names_hold_spaces_symbols_and_keywords(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
# A null is no list of one null: nothing can be filtered.
[1,2,3][0] => null
[1,2,3][-3] => 1
[][1] => null
[][0] => null
[1,2,3][true] => [1,2,3]
[1,2,3][false] => []
[1,2,3][null] => []
[1,2,3]["a"] => null
true[0] => null
true[2] => null
true[-1] => true
null[1] => null
null[true] => null
null[false] => null
100[false] => []
"foo"[1] => "foo"
"foo"[2] => null
{a: 1}[true] => [{a:1}]
{a: 1}[1] => {a:1}
[{item: 1}, {item: 2}, {item: 3}][item >= 2] => [{item:2},{item:3}]
[{x:1,y:2},{x:2,y:3}][x=1].y => [2]
[{x:1,y:2},{y:3}][x=1] => [{x:1,y:2}]
[{a: {b: [1]}}, {a: {b: [2.1, 2.2]}}, {a: {b: [3]}}].a.b[1] => [1]
[[1,2,3],[4]][1][2] => 2
[1,2,3,4][item > 1][1] => 2
get entries({a: "foo", b: "bar"})[key="a"].value => ["foo"]
before([1..10),10) => true
before([1..10),[10..20]) => true
after(10,[1..10)) => true
overlaps([1..5),[5..8]) => false
overlaps before([1..5),[1..5]) => false
overlaps after([1..5],[1..5)) => false
finished by([1..10),[5..10)) => true
includes([1..10),[5..10)) => true
[1,2,3][1.5] => 1
[1,2,3][even(item)] => [2]
{a: {b: [{c: 1},{c: 2}]}}.a.b[c=2].c => [2]
[[1]][[1]] => null
[true, false][item] => [true]
[true, false, null][not(item)] => [false]
1[1][1] => 1
"abc"[1][1] => "abc"
{a: 1}["a"] => null
[1,2,3][function(x) true] => null
[1..3][1] => [1..3]
[1..3][2] => null
"""
)
def test_filters_select_by_condition_or_position(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
for i in [] return i => []
for i in null return i => null
for i in 1 return i => [1]
for i in 1..3, j in 1..2 return i*j => [1,2,2,4,3,6]
for i in 3..1 return i => [3,2,1]
for i in [1..3] return i => [1,2,3]
for i in (1..4) return i => [2,3]
for i in (1..4] return i => [2,3,4]
for i in [1..4) return i => [1,2,3]
for i in 1..3, j in i..3 return j => [1,2,3,2,3,3]
for i in 1.5..3 return i => null
for i in 1..null return i => null
for i in [1..null] return i => null
for i in (>1) return i => null
for i in 0..1 return partial => [[],[[]]]
for i in 1..3 return count(partial) => [0,1,2]
for i in "foo" return i => ["foo"]
for i in {a:1} return i.a => [1]
for i in true return i => [true]
for i in @"1980-01-01" return i => [@"1980-01-01"]
for i in [@"1980-01-01"..@"1980-01-03"] return i => [@"1980-01-01",@"1980-01-02",@"1980-01-03"]
for i in (@"1980-01-01"..@"1980-01-03") return i => [@"1980-01-02"]
for i in [@"1980-01-03"..@"1980-01-01"] return i => null
for i in @"1980-01-01T00:00:00"..@"1980-01-03T00:00:00" return i => null
for i in @"00:00:00"..@"01:00:00" return i => null
for i in @"P1D"..@"P2D" return i => null
for i in @"P1Y"..@"P2Y" return i => null
for i in 1..@"1980-01-03" return i => null
for x in [[1,2],[3,4]] return x => [[1,2],[3,4]]
for x in [1,2] return for y in [x] return y => [[1],[2]]
for i in [1,2], i in [3] return i => [3,3]
for i in [[1,2],[3]], j in i return j*2 => [2,4,6]
for i in 1..2 return {a: i} => [{a:1},{a:2}]
for i in -1..1 return i => [-1,0,1]
for i in 1..0 return i => [1,0]
for i in @"2020-02-28"..@"2020-03-01" return i => [@"2020-02-28",@"2020-02-29",@"2020-03-01"]
for i in [1] return j => [null]
for i in (1) return i => [1]
for i in [1] => null
"""
)
def test_for_returns_a_list(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
some x in [1,2] satisfies x > 1 => true
some x in [] satisfies true => false
every x in [] satisfies false => true
some x in null satisfies true => null
every x in null satisfies true => null
some x in [null,1] satisfies x > 0 => true
some x in [null] satisfies x > 0 => null
every x in [null,1] satisfies x > 0 => null
every x in [null,-1] satisfies x > 0 => false
some x in [1,2], y in [2,3] satisfies x = y => true
every x in [1,2], y in [x] satisfies x = y => true
some x in 1..3 satisfies x = 3 => true
every x in [1..3] satisfies x > 0 => true
some x in 1 satisfies x = 1 => true
some x in [1] satisfies "a" => null
every x in [1] satisfies null => null
some x in [true, null] satisfies x => true
every x in [false, "a"] satisfies x => false
some i in [1,2,3], j in [i] satisfies j > 2 => true
some i in [1,2] satisfies some j in [1,2] satisfies i + j = 4 => true
every i in 1..3 satisfies i < 4 => true
every i in [1..3], j in [i..3] satisfies j >= i => true
some i in "a" satisfies i = "a" => true
"""
)
def test_some_and_every_decide_in_three_values(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
(function() 1) = null => false
(function(a, b) a + b)(1, 2) => 3
(function(a, b) a + b)(b: 1, a: 2) => 3
(function(a, b) a + b)(1) => null
(function(a: number) a)("1") => null
(function(a: number) a)([1]) => 1
(function(a: list<number>) a)(1) => [1]
(function(a: string) a)(null) => null
{f: function(n: number) if n <= 1 then 1 else n * f(n - 1), r: f(5)}.r => 120
[function(a) a, function(b) b*2][2](5) => 10
{m: abs, r: m(-1)}.r => 1
{f: function(x) x[item > 1], r: f([1,2])}.r => [2]
{make adder: function(n) function(x) x + n, r: make adder(2)(3)}.r => 5
{fib: function(n) if n < 2 then n else fib(n-1) + fib(n-2), r: fib(10)}.r => 55
{f: function(a, a b) a + a b, r: f(1, 2)}.r => 3
{f: function(a: number, b: string) b, r: f(b: "x", a: 1)}.r => "x"
{f: function(a) a, r: f(b: 1)}.r => null
{f: function(a) a, r: f()}.r => null
{f: function(a) a, r: f(null)}.r => null
{f: function() 1, r: f()}.r => 1
(function(x: Any) x)(1) => 1
(function(x: date) x)("2020-01-01") => null
(function(x: list<string>) x)(["a", 1]) => null
(function(x: context<a: number>) x.a)({a: 1, b: 2}) => 1
(function(f: function<number> -> number) f(2))(function(a: number) a * 2) => 4
(function(f: function<number> -> number) f(-2))(abs) => 2
{a: function(x) x + 1, b: a(1)}.b => 2
{a: "x", f: function(a) a, r: f("y")}.r => "y"
"""
)
def test_functions_are_values(expression: str, expected: str) -> None:
    check(expression, expected)

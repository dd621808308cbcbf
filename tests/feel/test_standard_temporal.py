"""Built-in functions on dates, times and durations (DMN 1.5, 10.3.4.1, 10.3.4.6 and 10.3.4.8)."""

from __future__ import annotations

from tests.feel.standard import cases, check


@cases(
    r"""
time("24:00:00") => time("00:00:00")
time("11:00:00.123456789") => @"11:00:00.123456789"
time("11:00") => null
time("11:00:00z") => null
time("T11:00:00") => null
time(@"2017-01-01") => @"00:00:00Z"
time("2017-01-01") => null
time("2017-01-01T10:00:00") => null
time(from: @"10:00:00") => @"10:00:00"
time(11,59,60,null) => null
time(11,60,0,null) => null
time(-1,0,0,null) => null
time(11,59,45.5,duration("PT1H")) => @"11:59:45.5+01:00"
time(11,59,45) => @"11:59:45"
time(11,59) => null
time(11,59,45,"Z") => null
time(11,59,45,duration("P1D")) => null
time(11,59,45,duration("PT18H")) => @"11:59:45+18:00"
time(11,59,45,duration("PT19H")) => null
time("13:20:00+19:00") => null
time("13:20:00-18:01") => null
time("13:20:00@europe/paris") => null
time("13:20:00@Foo") => null
time("23:59:00Z[Europe/Paris]") => null
time("13:20:00 ") => null
time(null) => null
"""
)
def test_time_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
date and time("2017-12-31T24:00:00") => date and time("2018-01-01T00:00:00")
date and time("2017-12-31T11:22") => null
date and time("2017-12-31 11:22:33") => null
date and time("2017-12-31T11:22:33Z@Europe/Paris") => null
date and time("2017-02-29T11:22:33") => null
date and time("2017-12-31T11:22:33.") => null
date and time("2017-12-31T") => null
date and time("T11:22:33") => null
date and time(@"2017-12-31") => @"2017-12-31T00:00:00Z"
date and time(from:"2017-12-31T11:22:33") => @"2017-12-31T11:22:33"
date and time(date("2017-01-01"), "10:00:00") => null
date and time("2017-01-01", time("10:00:00")) => null
date and time(2017,1,1,10,0,0) => @"2017-01-01T10:00:00"
date and time(2017,1,1,10,0,0,@"PT1H") => @"2017-01-01T10:00:00+01:00"
"""
)
def test_date_and_time_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
day of year(@"2019-01-01") => 1
day of year(null) => null
day of year("2019-01-01") => null
day of year(@"2020-02-29") => 60
"""
)
def test_day_of_year_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
day of week(@"2019-09-17") => "Tuesday"
day of week(@"1970-01-01") => "Thursday"
day of week(@"-0001-01-01") => "Friday"
day of week(@"10:00:00") => null
day of week("2020-01-01") => null
day of week(@"2020-01-01T10:00:00+05:00") => "Wednesday"
"""
)
def test_day_of_week_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
month of year(@"2019-09-17") => "September"
month of year(@"0001-01-01") => "January"
"""
)
def test_month_of_year_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
week of year(@"2005-01-01") => 53
week of year(@"2004-01-01") => 1
week of year("foo") => null
week of year(@"2020-12-31") => 53
week of year(@"2021-01-03") => 53
week of year(@"2021-01-04") => 1
"""
)
def test_week_of_year_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
is(1, 1) => true
is(1, 1.0) => true
is(1, "1") => false
is(null, null) => true
is(null, 1) => false
is() => null
is(1) => null
is(value1: 1, value2: 1) => true
is(@"23:00:50Z", @"23:00:50") => false
is(@"23:00:50@Etc/UTC", @"23:00:50Z") => false
is(@"2012-12-25T10:10:10Z", @"2012-12-25T10:10:10+00:00") => true
is([1,2],[1,2]) => true
is({a:1},{a:1}) => true
is([1..2],[1..2]) => true
is(@"P1Y", @"P12M") => true
is(@"P1D", @"PT24H") => true
is(@"P0D", @"P0Y") => false
is(@"10:00:00+01:00", @"09:00:00Z") => false
is(@"10:00:00.0", @"10:00:00") => true
is([], []) => true
is({}, []) => false
is("a", "a", "a") => null
is(@"2020-01-01", @"2020-01-01") => true
"""
)
def test_is_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
date("") => null
date("2017-02-29") => null
date("2016-02-29") => @"2016-02-29"
date("2017-12-31T11:00:00") => null
date("+2017-01-01") => null
date("02017-01-01") => null
date("2017-1-01") => null
date("2017-01-1") => null
date("20170101") => null
date(2017.5,1,1) => @"2017-01-01"
date(2017,1) => null
date(2017,1,1,1) => null
date("2017",1,1) => null
date(year:2017,month:1,day:1) => @"2017-01-01"
date(from:"2017-01-01") => @"2017-01-01"
date(from:@"2017-01-01T10:00:00") => @"2017-01-01"
date(from:@"2017-01-01") => @"2017-01-01"
date(2017,0,1) => null
date(2017,1,0) => null
date(999999999,12,31) => @"999999999-12-31"
date(1000000000,12,31) => null
date(true) => null
date(time("10:00:00")) => null
"""
)
def test_date_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
now(1) => null
"""
)
def test_now_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
years and months duration(@"2020-01-31", @"2020-02-29") => @"P0M"
years and months duration(@"2016-01-21", @"2016-01-21") => @"P0M"
years and months duration(@"2016-01-21", @"2016-02-20") => @"P0M"
years and months duration(@"2011-12-22", "2013-08-24") => null
years and months duration(@"10:00:00", @"2013-08-24") => null
years and months duration(to: @"2013-08-24", from: @"2011-12-22") => @"P1Y8M"
years and months duration(@"2013-08-24") => null
years and months duration(date("2017-12-15T00:59:59"), date("2013-08-24")) => null
"""
)
def test_years_and_months_duration_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
duration("P1YT1H") => null
duration("P1M1Y") => null
duration("PT") => null
duration("P1DT") => null
duration("-P1D") => -@"P1D"
duration("+P1D") => null
duration("P-1D") => null
duration("P1.5D") => null
duration("PT1.5H") => null
duration("p1d") => null
duration("P1W") => null
duration(@"P1D") => @"P1D"
duration(1) => null
duration(null) => null
duration(from: null) => null
"""
)
def test_duration_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)

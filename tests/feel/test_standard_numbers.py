"""Built-in functions on numbers and booleans (DMN 1.5, 10.3.4.2 and 10.3.4.5)."""

from __future__ import annotations

from tests.feel.standard import cases, check


@cases(
    r"""
abs() => null
abs(n:null) => null
abs([]) => null
abs([-1]) => 1
abs(number:-1) => null
abs(1 => null
abs(-1.5) => 1.5
abs(@"-PT1H") => @"PT1H"
"""
)
def test_abs_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
sqrt(number:4) => 2
sqrt(null) => null
sqrt() => null
sqrt(4,4) => null
sqrt(0) => 0
sqrt(2) => 1.414213562373095048801688724209698
"""
)
def test_sqrt_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
exp(0) => 1
exp(null) => null
exp(1) => 2.718281828459045235360287471352662
"""
)
def test_exp_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
log(1) => 0
log(-1) => null
log(10) => 2.302585092994045684017991454684364
"""
)
def test_log_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
even(1.5) => false
even(2.3) => false
even(null) => null
even(-2) => true
even(1e30) => true
"""
)
def test_even_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
odd(1.5) => false
odd(2.9) => false
odd("1") => null
odd(-3) => true
"""
)
def test_odd_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
modulo(-10, 4) => 2
modulo(-10, -4) => -2
modulo(10,null) => null
modulo(10.1, -4.5) => -3.4
modulo(-10.1, -4.5) => -1.1
modulo(5,4,3) => null
modulo(divisor:4, dividend:10) => 2
modulo(dividend:10) => null
modulo(5.5, 2) => 1.5
modulo(-5.5, 2) => 0.5
modulo(0, 5) => 0
modulo(5, 0.3) => 0.2
"""
)
def test_modulo_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
not("true") => null
not() => null
not(true, false) => null
not(negand: true) => false
not(1 instance of string) => true
"""
)
def test_not_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
decimal(1/3, 2) => 0.33
decimal(1.5, 0) => 2
decimal(0.515, 2) => 0.52
decimal(2.5, null) => null
decimal(null, 1) => null
decimal(1, 6177) => null
decimal(1, -6112) => null
decimal(1.5) => null
decimal(123.4, -2) => 100
decimal(2.5, 0.9) => 2
decimal(-2.5, 0) => -2
decimal(-3.5, 0) => -4
decimal(0.125, 2) => 0.12
decimal(12345, -3) => 12000
decimal(1, 6176) => 1
"""
)
def test_decimal_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
floor(1.5) => 1
floor(1.56, 1) => 1.5
floor(-1.56, 1) => -1.6
floor(1.5, 6177) => null
floor(1.5, -6112) => null
floor(n: 1.5) => 1
floor(n: 1.56, scale: 1) => 1.5
floor(-0.5) => -1
"""
)
def test_floor_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
ceiling(1.56, 1) => 1.6
ceiling(-1.56, 1) => -1.5
ceiling(1.5) => 2
ceiling(n:1.5, scale:null) => null
ceiling(-0.5) => 0
ceiling(123.456, -1) => 130
"""
)
def test_ceiling_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
round up(5.5) => null
round up(1.121, 2) => 1.13
round up(-1.126, 2) => -1.13
round up(5.5, 6177) => null
round up(5.5, -6112) => null
round up(scale: 0, n: 5.5) => 6
round up(123, -2) => 200
round up(-5.5, 0) => -6
"""
)
def test_round_up_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
round down(1.126, 2) => 1.12
round down(-5.5, 0) => -5
"""
)
def test_round_down_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
round half up(5.5, 0) => 6
round half up(1.5, 0) => 2
round half up(5.5, null) => null
round half up(-5.5, 0) => -6
round half up(2.5, 0) => 3
"""
)
def test_round_half_up_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
round half down(-1.126, 2) => -1.13
round half down(5.51, 0) => 6
round half down(-5.5, 0) => -5
round half down(2.5, 0) => 2
"""
)
def test_round_half_down_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)

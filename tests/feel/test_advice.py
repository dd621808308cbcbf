"""A mistake in an expression is told where it stands, with what to write instead."""

from __future__ import annotations

import sys

import pytest

from dsl import feel
from dsl.feel import ANY, BOOLEAN, DATE, DATETIME, NUMBER, STRING, Choice, HostFunction, ListOf, RecordOf, Scope

ENTITIES = {
    "order": {
        "number": STRING, "total": NUMBER, "ordered": DATE, "created_at": DATETIME, "urgent": BOOLEAN, "customer": RecordOf("customer"),
        "status": Choice("status", ("draft", "approved")), "lines": ListOf(RecordOf("order.lines")), "owner": RecordOf("user"),
    },
    "order.lines": {"quantity": NUMBER, "note": STRING},
    "customer": {"name": STRING, "level": Choice("level", ("silver", "gold")), "tags": ListOf(Choice("tags", ("vip", "late")))},
    "user": {"name": STRING},
}  # fmt: skip
HOST = {"manager of": HostFunction("manager of", (("u", RecordOf("user")), ("level", NUMBER)), RecordOf("user"), optional=1)}
SCOPE = Scope({**ENTITIES["order"], "payload": ANY}, ENTITIES.get, frozenset({"order", "customer", "user"}), HOST)


def told(text: str) -> list[tuple[str, int, str]]:
    return [(problem.code, problem.at.column, problem.hint) for problem in feel.check(text, SCOPE).problems]


@pytest.mark.parametrize(
    ("text", "column", "hint"),
    [
        ("total == 3", 8, "write '=' to compare"),
        ("total <> 3", 8, "write '!='"),
        ("urgent && true", 8, "write 'and'"),
        ("!urgent", 1, "write 'not(…)'"),
        ("not urgent", 5, "write 'not(…)'"),
        ("number = 'SO-1'", 10, "straight double quotes"),
        ("number = “SO-1”", 10, "straight double quotes"),
        ("total is null", 7, "write '= null'"),
        ("total ≥ 3", 7, "write '>='"),
        ("total % 3", 7, "modulo(a, b)"),
        ("count（lines）", 6, "English keyboard"),
        ("urgent ? 1 : 2", 8, "if … then … else"),
        ("if urgent then 1", 16, "every 'if' has an 'else'"),
    ],
)
def test_a_slip_from_another_language_is_recognized(text: str, column: int, hint: str) -> None:
    ((code, at, advice),) = told(text)

    assert (code, at) == ("TW2001", column)
    assert hint in advice


@pytest.mark.parametrize(
    ("text", "code", "column", "hint"),
    [
        ("order_total > 3", "TW2002", 1, ""),
        ("level", "TW2002", 1, "did you mean 'customer.level'?"),
        ("uper case(number)", "TW2004", 1, "did you mean 'upper case'?"),
        ("1 + count(manager off(owner))", "TW2004", 11, "did you mean 'manager of'?"),
        ("for l in lines return quantity", "TW2002", 23, "did you mean 'l.quantity'?"),
        ("today > ordered", "TW2002", 1, "write today()"),
        ("total instance of numbr", "TW2002", 19, "did you mean 'number'?"),
        ("sort(lines, function(a, b) a.quantiy < b.quantity)", "TW2003", 30, "did you mean 'quantity'?"),
        ('total + "x"', "TW2005", 1, "string(…)"),
        ("total > customer", "TW2005", 9, "one of its fields"),
        ("1 + (total * customer)", "TW2005", 14, ""),
        ("ordered + 3", "TW2005", 1, 'duration("P3D")'),
        ("ordered = created_at", "TW2005", 1, "date(…)"),
        ('ordered > "2026-01-01"', "TW2005", 1, "date("),
        ("today() - ordered > 30", "TW2005", 1, 'duration("P30D")'),
        ("lines.quantity > 3", "TW2005", 1, "some x in"),
        ("sum(lines.note)", "TW2005", 5, ""),
        ("all(lines.quantity)", "TW2005", 5, ""),
        ("min(number, total)", "TW2005", 13, ""),
        ("string join(lines.quantity)", "TW2005", 13, "string(x)"),
        ("list contains(customer.tags, 3)", "TW2005", 30, ""),
        ('(function(x: number) x + 1)("a")', "TW2005", 29, ""),
        ("manager of(customer)", "TW2005", 12, ""),
        ('"vpi" in customer.tags', "TW2006", 1, "did you mean 'vip'?"),
        ('list contains(customer.tags, "vpi")', "TW2006", 30, "did you mean 'vip'?"),
        ('list contains(["draft", "aproved"], status)', "TW2006", 25, "did you mean 'approved'?"),
        ("status = customer.level", "TW2006", 10, ""),
        ("substring(string: number, start: 1)", "TW2008", 27, "start position"),
        ("manager of(u: owner, levl: 2)", "TW2008", 22, "did you mean 'level'?"),
        ('date("2026-13-01")', "TW2012", 6, 'date("2026-11-23")'),
        ('@"2026-13-01" > ordered', "TW2012", 1, "@"),
        ('duration("3 days")', "TW2012", 10, 'duration("P3D")'),
        ('matches(number, "(SO")', "TW2012", 17, ""),
        ("total > null", "TW2013", 9, "compare with null by = or !="),
        ("1 + (if urgent then null else null)", "TW2013", 6, ""),
        ("if null then 1 else 2", "TW2013", 4, ""),
        ("total between 1 and null", "TW2013", 21, ""),
        ("string length(null)", "TW2013", 15, ""),
    ],
)
def test_a_mistake_is_told_at_its_column_with_what_to_write(text: str, code: str, column: int, hint: str) -> None:
    ((found, at, advice),) = told(text)

    assert (found, at) == (code, column)
    assert hint in advice


def test_all_mistakes_of_an_expression_are_told_in_order() -> None:
    assert [problem[:2] for problem in told('totl > 3 and status = "drft" or sum(lines.nte) > 1')] == [
        ("TW2002", 1),
        ("TW2006", 23),
        ("TW2003", 43),
    ]


@pytest.mark.parametrize(
    "text", ['payload.a.b > "x"', "payload + 1", "payload[size > 3].name", "total = null", "sum(payload)", "payload in (1, 2)"]
)
def test_what_is_not_known_raises_no_alarm(text: str) -> None:
    assert told(text) == []


def test_a_result_must_be_of_the_needed_type_and_options() -> None:
    status = Choice("status", ("draft", "approved"))

    assert feel.check("total", SCOPE, expected=STRING).problems[0].code == "TW2009"
    assert feel.check("total", SCOPE, expected=BOOLEAN).problems[0].code == "TW2007"
    assert feel.check('if urgent then "draft" else "aproved"', SCOPE, expected=status).problems[0].at.column == 29
    assert not feel.check('if urgent then "draft" else null', SCOPE, expected=status).problems


def test_named_arguments_of_a_host_function_reach_it_in_its_order() -> None:
    class Office:
        def call(self, name: str, args: tuple[object, ...]) -> object:
            return [name, *args]

    expression = feel.check("manager of(level: 2, u: owner)", SCOPE).expression

    assert expression is not None
    assert expression({"owner": "amy"}, Office()) == ["manager of", "amy", 2]


@pytest.mark.parametrize(
    "text",
    [
        "1 instance of " + "list<" * 5_000 + "number" + ">" * 5_000,
        "(<" * 5_000 + "1" + ")" * 5_000,
        "for " + ", ".join(f"x{i} in [1]" for i in range(1_000)) + " return 1",
        "x" + "[1" * 5_000,
    ],
)
def test_hostile_text_is_refused_without_a_traceback(text: str) -> None:
    assert [problem.code for problem in feel.check(text, SCOPE).problems] == ["TW2011"]
    assert feel.evaluate(text) is None


def test_a_caller_deep_in_the_stack_gets_a_problem_too() -> None:
    def deep(levels: int) -> str:
        return deep(levels - 1) if levels else feel.check("(" * 90 + "1" + ")" * 90, SCOPE).problems[0].code

    assert deep(sys.getrecursionlimit() - 300) == "TW2011"

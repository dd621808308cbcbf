"""Compiles the texts of documents (expressions, values, labels, templates, scripts) and collects what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass

from dsl import feel, script
from dsl.feel import Expression, ast
from dsl.feel.types import BOOLEAN, Scope, Type
from dsl.problems import Problem, Severity, did_you_mean
from dsl.source import Located, Span
from engine.model.model import Text, Value
from engine.model.names import NOT_YET, Names
from engine.model.part import Part

STATEMENTS = script.STATEMENTS - {"call"}  # connectors come later


class Checker:
    """Holds the problems of one build, and the names that expressions may use."""

    def __init__(self, names: Names, roles: frozenset[str] = frozenset()) -> None:
        self.names = names
        self.roles = roles
        self.problems: list[Problem] = []

    def report(self, code: str, message: str, at: Span, hint: str = "", severity: Severity = "error") -> None:
        self.problems.append(Problem(code, message, at, severity, hint))

    def unknown(self, code: str, what: str, name: str, known: Iterable[str], at: Span) -> None:
        """A name that means nothing, with the nearest one that does."""
        self.report(code, f"{what} '{name}'", at, did_you_mean(name, known))

    # ---- expressions ----

    def expression(self, part: Part | None, scope: Scope, expected: Type | None = None) -> Expression | None:
        return None if part is None else self.compiled(part.text, scope, expected)

    def condition(self, part: Part | None, scope: Scope) -> Expression | None:
        return self.expression(part, scope, BOOLEAN)

    def compiled(self, text: Located, scope: Scope, expected: Type | None = None) -> Expression | None:
        return self.taken(feel.check(text, scope, expected=expected), text)

    def rows(self, part: Part | None, scope: Scope, entity: str) -> Expression | None:
        """A condition on rows of an entity: bare names are the row's fields, else those of the scope."""
        if part is None:
            return None
        if entity not in self.names.entities:
            return None
        return self.taken(feel.check_condition(part.text, scope, entity), part.text)

    def taken(self, checked: feel.Checked, text: Located) -> Expression | None:
        for problem in checked.problems:
            self.problems.append(not_yet(problem))
        if checked.expression is not None:
            self.check_roles(checked.expression, text)
        return checked.expression

    def check_roles(self, expression: Expression, text: Located) -> None:
        """Texts that name a role must name one that there is."""
        for node in walk(expression.ast):
            match node:
                case ast.Call(ast.Name(name="users with role"), (ast.Literal(value=str(role)) as literal,)) if role not in self.roles:
                    self.unknown("TW1506", "there is no role", role, self.roles, text.part(literal.start, literal.end))

    def value(self, part: Part | None, scope: Scope, expected: Type | None, literal: Callable[[Part], object]) -> Value | None:
        """A literal, or an expression where the text begins with `=`."""
        if part is None or part.value is None:
            return None
        if isinstance(part.value, str) and part.value.startswith("="):
            expression = self.compiled(part.text.slice(1), scope, expected)
            return None if expression is None else Value(expression=expression)
        found = literal(part)
        return None if found is None else Value(literal=found)

    # ---- texts ----

    def templates(self, part: Part | None, scope: Scope) -> dict[str, Expression]:
        """The texts with `{expressions}` of a label-like value, compiled by locale."""
        found = {}
        for locale, text in texts(part):
            checked = feel.template(text.text, scope)
            expression = self.taken(checked, text.text)
            if expression is not None:
                found[locale] = expression
        return found

    def script(self, part: Part | None, scope: Scope, writable: script.Writable) -> script.Script | None:
        if part is None:
            return None
        checked = script.check(part.text, scope, writable=writable, available=STATEMENTS)
        for problem in checked.problems:
            self.problems.append(not_yet(problem))
        return checked.script


def not_yet(problem: Problem) -> Problem:
    """A function of the specification that this version lacks is not merely unknown."""
    written = problem.at.source.text[problem.at.start : problem.at.end]
    for name, why in NOT_YET.items():
        if problem.code == "TW2004" and written.startswith(name):
            return Problem("TW1190", why, problem.at)
    return problem


def walk(node: object) -> Iterator[object]:
    """A syntax tree's nodes, from the root down."""
    if isinstance(node, tuple):
        for each in node:
            yield from walk(each)
    elif is_dataclass(node):
        yield node
        for each in dataclass_fields(node):
            value = getattr(node, each.name)
            if isinstance(value, tuple) or is_dataclass(value):
                yield from walk(value)


def texts(part: Part | None) -> Iterator[tuple[str, Part]]:
    """The texts of a label by locale; "" for one without."""
    if part is None:
        return
    if isinstance(part.value, Mapping):
        yield from part.items()
    elif isinstance(part.value, str):
        yield "", part


def label(part: Part | None, name: str = "") -> Text:
    """A label, help or message; without one, the humanized name."""
    found = {locale: str(text.value) for locale, text in texts(part)}
    if not found and name:
        return Text({"": humanized(name)})
    return Text(found)


def humanized(name: str) -> str:
    """`x_promised_date` as people write it: Promised date."""
    return name.removeprefix("x_").replace("_", " ").strip().capitalize()

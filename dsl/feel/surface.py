"""Check, compile and evaluate expressions: the parts of `dsl.feel` put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from dsl.feel import ast
from dsl.feel.check import Checker, Row
from dsl.feel.compiler import Expression, build
from dsl.feel.lexer import Names
from dsl.feel.limits import LimitExceeded
from dsl.feel.parser import Parser
from dsl.feel.paths import paths
from dsl.feel.reader import BASE, SyntaxProblem
from dsl.feel.runtime import Host
from dsl.feel.trouble import Warning
from dsl.feel.types import ANY, BOOLEAN, ContextOf, ListOf, RecordOf, Scope, Type
from dsl.problems import InvalidText, Problem, in_order
from dsl.source import Located


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a check: all problems by position, the type, and the expression if there was no error."""

    problems: tuple[Problem, ...]
    type: Type
    expression: Expression | None
    ast: ast.Node | None = None


def located(text: str | Located) -> Located:
    return Located.plain(text) if isinstance(text, str) else text


@lru_cache(maxsize=256)
def _several(names: frozenset[str]) -> Names:
    return Names(names, BASE)


def names_of(scope: Scope) -> Names:
    """The names in scope that are more than one token; most scopes of documents have none."""
    found = {name for name in scope.names if not name.isidentifier()}
    found.update(name for name in scope.functions if " " in name)
    for type_ in scope.names.values():
        if isinstance(type_, ListOf | ContextOf):
            found.update(_inner(type_))
    return _several(frozenset(found)) if found else BASE


def _inner(type_: Type) -> Iterable[str]:
    """Names of several tokens among the members of contexts."""
    if isinstance(type_, ListOf):
        yield from _inner(type_.item)
    elif isinstance(type_, ContextOf):
        for name, member in type_.members.items():
            if not name.isidentifier():
                yield name
            yield from _inner(member)


def parse(text: str | Located, scope: Scope) -> tuple[ast.Node | None, list[Problem]]:
    """The tree of an expression as written, or the problem that keeps it from being one."""
    return _parsed(located(text), scope, Parser.whole)


def _parsed(text: Located, scope: Scope, how: Callable[[Parser], ast.Node]) -> tuple[ast.Node | None, list[Problem]]:
    try:
        return how(Parser(text.text, names_of(scope), queries=bool(scope.entities))), []
    except RecursionError:
        return None, [_too_deep(text)]
    except SyntaxProblem as problem:
        return None, [Problem(problem.code, problem.message, text.part(problem.start, problem.end), hint=problem.hint)]


def _too_deep(text: Located) -> Problem:
    """What is reported where Python's stack ends first: the limits of the parser leave room, but the caller may have used it up."""
    return Problem("TW2011", "the expression is nested too deeply", text.part(0, len(text.text)))


def check(text: str | Located, scope: Scope, *, expected: Type | None = None, business: bool = True) -> Checked:
    """Parse, resolve, type-check and compile; never raises for bad input.

    `expected` is the type of value that is needed. `business` expressions sum nothing to 0 (spec 2.1).
    """
    return _check(located(text), scope, (), expected, business)


def check_condition(text: str | Located, scope: Scope, entity: str, *, expected: Type | None = BOOLEAN) -> Checked:
    """Check an expression about a row of an entity: bare names are its fields, else those outside.

    `record` is the row, unless the scope has a `record` already: in an `update`, and in a link's filter, that is the one
    outside (spec 2.3).
    """
    own = ("item",) if "record" in scope.names else ("record", "item")
    row = Row(RecordOf(entity), scope.members(entity) or {}, own)
    return _check(located(text), scope, (row,), expected, True)


def check_tests(text: str | Located, scope: Scope, subject: Type) -> Checked:
    """Check a decision table's cell; `subject` is the type of what it tests."""
    row = Row(subject, {}, ("?",))
    return _check(located(text), scope, (row,), None, True, Parser.cell)


def _check(
    text: Located,
    scope: Scope,
    frames: tuple[Row, ...],
    expected: Type | None,
    business: bool,
    how: Callable[[Parser], ast.Node] = Parser.whole,
) -> Checked:
    node, problems = _parsed(text, scope, how)
    if node is None:
        return Checked(tuple(problems), ANY, None)
    try:
        return _resolved(text, node, Checker(text, scope, frames), expected, business)
    except RecursionError:
        return Checked((_too_deep(text),), ANY, None)


def _resolved(text: Located, node: ast.Node, checker: Checker, expected: Type | None, business: bool) -> Checked:
    """Check a tree and compile it if nothing is wrong."""
    resolved, type_ = checker.infer(node)
    found = checker.problems
    if expected is not None:
        checker.expect(resolved, type_, expected)
    if any(problem.severity == "error" for problem in found):
        return Checked(tuple(in_order(found)), type_, None, resolved)
    expression = build(resolved, text.text, type_, paths(resolved), business=business)
    return Checked(tuple(found), type_, expression, resolved)


def compile(
    text: str | Located,
    names: Mapping[str, Type] | Scope | None = None,
    *,
    expected: Type | None = None,
    business: bool | None = None,
) -> Expression:
    """An expression ready to run. Raises InvalidText if it has errors.

    `names` are the names that it may use, or a whole scope; with a scope it counts as a document's (`business`).
    """
    scope = names if isinstance(names, Scope) else Scope(names or {})
    checked = check(text, scope, expected=expected, business=isinstance(names, Scope) if business is None else business)
    if checked.expression is None:
        raise InvalidText(checked.problems)
    return checked.expression


def compile_open(
    text: str,
    names: Iterable[str] = (),
    context: Mapping[str, object] | None = None,
    types: Mapping[str, ast.TypeName] | None = None,
) -> Expression:
    """An expression of pure FEEL over names of unknown type: only its syntax is checked. Raises InvalidText.

    `context` may be given for the names (of several words) that its inner contexts have, `types` for types beside FEEL's own.
    """
    known = names if isinstance(names, frozenset) and not context else frozenset([*names, *names_within(context or {})])
    return _compiled(text, known, tuple((types or {}).items()), False)


def compile_open_tests(
    text: str, names: frozenset[str] = frozenset(), types: Mapping[str, ast.TypeName] | None = None
) -> Expression:
    """Unary tests of pure FEEL over names of unknown type, as `compile_open`; the tested value goes by the name `?`."""
    return _compiled(text, names, tuple((types or {}).items()), True)


@lru_cache(maxsize=2048)
def _compiled(
    text: str, names: frozenset[str], types: tuple[tuple[str, ast.TypeName], ...], cell: bool
) -> Expression:
    source = Located.plain(text)
    scope = Scope(dict.fromkeys(names, ANY), open=True)
    node, problems = _parsed(source, scope, Parser.cell if cell else Parser.whole)
    if node is None:
        raise InvalidText(problems)
    frames = (Row(ANY, {}, ("?",)),) if cell else ()
    try:
        resolved, type_ = Checker(source, scope, frames).infer(node)
        return build(resolved, text, type_, paths(resolved), declared=dict(types))
    except RecursionError as error:
        raise InvalidText([_too_deep(source)]) from error


def names_within(value: object) -> Iterable[str]:
    """The names of several words, or with signs, among the entries of contexts: the lexer has to know them."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not str(key).isidentifier():
                yield str(key)
            yield from names_within(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from names_within(inner)


def evaluate(
    text: str,
    context: Mapping[str, object] | None = None,
    *,
    host: Host | None = None,
    types: Mapping[str, ast.TypeName] | None = None,
) -> object:
    """The value of an expression over a context; None where FEEL says null, for text that is no expression too."""
    values = context or {}
    warnings: list[Warning] = []
    try:
        return compile_open(text, values, values, types)(values, host, warnings)
    except (InvalidText, LimitExceeded):
        return None

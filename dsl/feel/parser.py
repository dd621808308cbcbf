"""FEEL's grammar (DMN 1.5, 10.3.1.2) as a precedence-climbing parser over `dsl.feel.lexer`.

Hand-written rather than a Lark grammar: what a text means depends on the names in scope (`a-b`, `first name`), range ends may be brackets
the wrong way round (`[1..5[`), and it parses ten times faster. Scripts, whose lines have a fixed grammar, are parsed with Lark.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from dsl.feel import ast
from dsl.feel.lexer import KEYWORDS, Token, unescaped
from dsl.feel.operators import ARITHMETIC
from dsl.feel.reader import QUERIES, Reader, SyntaxProblem
from dsl.feel.temporal import parse_literal

MAX_CHAIN = 200
MAX_ITERATORS = 10
COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
BINARY: dict[str, int] = {"or": 1, "and": 2, "=": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "between": 3, "in": 3,
                          "+": 4, "-": 4, "*": 5, "/": 5, "**": 6}  # fmt: skip
_FOLLOWING = frozenset({".", "[", "(", "instance"})


class Parser(Reader):
    """Parses one text."""

    # ---- entry points ----

    def whole(self) -> ast.Node:
        """The text as one expression."""
        node = self.expression()
        if self.token.kind != "end":
            raise self.unexpected("an operator or the end")
        return node

    def cell(self) -> ast.UnaryTests:
        """The text as unary tests (grammar rule 17): a decision table's cell."""
        start = self.token.start
        if self.is_("-") and self.tokens[self.at + 1].kind == "end":
            self.at += 1
            return ast.UnaryTests(start, self.end(), ())
        negated = self.is_("not") and self.tokens[self.at + 1].text == "(" and self.closes_last(self.at + 1)
        if negated:
            self.at += 2
        tests = self.separated(self.unary_test)
        if negated:
            self.expect(")")
        if self.token.kind != "end":
            raise self.unexpected("',' or the end")
        return ast.UnaryTests(start, self.end(), tuple(tests), negated)

    # ---- expressions ----

    def expression(self) -> ast.Node:
        self.deeper()
        node = self.binary(0)
        self.depth -= 1
        return node

    def binary(self, least: int, first: ast.Node | None = None) -> ast.Node:
        """Operators that bind more tightly than `least`, all of them grouping from the left. `first` is a left side parsed already."""
        left = self.unary() if first is None else first
        for _ in range(MAX_CHAIN):
            op = self.tokens[self.at].text
            precedence = BINARY.get(op, 0)
            if precedence <= least:
                return left
            self.at += 1
            left = self.operation(left, op, precedence)
        raise SyntaxProblem(f"an expression chains at most {MAX_CHAIN} operators", self.token.start, self.token.end, "TW2011")

    def operation(self, left: ast.Node, op: str, precedence: int) -> ast.Node:
        if op == "in":
            tests = self.tests()
            return ast.In(left.start, self.end(), left, tests)
        if op == "between":
            low = self.binary(3)
            self.expect("and", "after the lower end of 'between'")
            high = self.binary(3)
            return ast.Between(left.start, high.end, left, low, high)
        right = self.binary(precedence)
        make: Any = ast.Logic if precedence < 3 else ast.Comparison if precedence == 3 else ast.Arithmetic
        node: ast.Node = make(left.start, right.end, op, left, right)
        return node

    def unary(self) -> ast.Node:
        if self.tokens[self.at].text != "-":
            return self.postfix(self.primary())
        start = self.token.start
        self.at += 1
        self.deeper()
        value = self.unary()
        self.depth -= 1
        return ast.Negate(start, value.end, value)

    def postfix(self, node: ast.Node) -> ast.Node:
        for _ in range(MAX_CHAIN):
            following = self.tokens[self.at].text
            if following not in _FOLLOWING:
                return node
            if following == ".":
                self.at += 1
                member = self.member()
                node = ast.Path(node.start, self.end(), node, member)
            elif following == "[":
                if self.range_closes_here():
                    return node
                self.at += 1
                condition = self.expression()
                self.expect("]")
                node = ast.Filter(node.start, self.end(), node, condition)
            elif following == "(":
                node = self.call(node)
            elif self.tokens[self.at + 1].text == "of":
                self.at += 2
                node = ast.InstanceOf(node.start, self.end(), node, self.type_name())
            else:
                return node
        raise SyntaxProblem(f"an expression chains at most {MAX_CHAIN} steps", self.token.start, self.token.end, "TW2011")

    def range_closes_here(self) -> bool:
        """Whether this `[` ends a range (`[1..5[`) rather than opening a filter: then no value follows, or nothing closes it in turn."""
        if not any(token.text == ".." for token in self.tokens[: self.at]):
            return False
        following = self.tokens[self.at + 1]
        if following.kind == "end" or (following.kind == "symbol" and following.text not in ("(", "[", "{", "-", "@")):
            return True
        if following.kind == "name" and (following.text in BINARY or following.text in ("then", "else", "return", "satisfies", "instance")):
            return True
        return self.closing(self.at) is None

    # ---- primaries ----

    def primary(self) -> ast.Node:
        token = self.token
        start = token.start
        if token.kind == "number":
            self.at += 1
            return ast.Literal(start, token.end, self.number(token))
        if token.kind == "string":
            self.at += 1
            return ast.Literal(start, token.end, unescaped(token.text[1:-1]))
        if token.kind == "symbol":
            return self.symbol(token)
        if token.kind != "name":
            raise self.unexpected("a value")
        if token.text in KEYWORDS and not self.several(self.at):
            made = self.word(token)
            if made is not None:
                return made
        return self.named(start)

    def number(self, token: Token) -> Decimal:
        """The value of a number as written, rounded to 34 digits."""
        try:
            return Decimal(token.text) if len(token.text) <= ARITHMETIC.prec else ARITHMETIC.create_decimal(token.text)
        except DecimalException as error:
            raise SyntaxProblem("the number is too large or too close to zero", token.start, token.end, "TW2011") from error

    def symbol(self, token: Token) -> ast.Node:
        if token.text == "(":
            return self.parenthesis()
        if token.text in ("[", "]"):
            return self.bracket()
        if token.text == "{":
            return self.context()
        if token.text == "@":
            self.at += 1
            text = self.token
            if text.kind != "string":
                raise self.unexpected("a text such as \"2026-11-23\"")
            self.at += 1
            return ast.Literal(token.start, text.end, parse_literal(unescaped(text.text[1:-1])))
        raise self.unexpected("a value")

    def word(self, token: Token) -> ast.Node | None:
        """An expression that begins with a keyword."""
        match token.text:
            case "true" | "false" | "null":
                self.at += 1
                return ast.Literal(token.start, token.end, {"true": True, "false": False}.get(token.text))
            case "if":
                return self.if_()
            case "for":
                return self.for_()
            case "some" | "every":
                return self.quantified()
            case "function" if self.tokens[self.at + 1].text == "(":
                return self.function()
            case text if text in KEYWORDS:
                raise self.unexpected("a value")
        return None

    def named(self, start: int) -> ast.Node:
        name = self.name("a value")
        if self.queries and name in QUERIES and self.is_("("):
            return self.query(start, name)
        return ast.Name(start, self.end(), name)

    def query(self, start: int, kind: str) -> ast.Node:
        self.at += 1
        token = self.token
        if token.kind == "string":
            self.at += 1
            entity = unescaped(token.text[1:-1])
        else:
            entity = self.name("an entity")
        condition = self.expression() if self.take(",") else None
        self.expect(")")
        return ast.Query(start, self.end(), kind, entity, condition)  # type: ignore[arg-type]

    def parenthesis(self) -> ast.Node:
        start = self.token.start
        self.at += 1
        if self.token.text in COMPARISONS and self.token.kind == "symbol":
            test = self.unary_test()
            self.expect(")")
            return test
        node = self.expression()
        if self.is_(".."):
            return self.range(start, node, False)
        self.expect(")")
        return node

    def bracket(self) -> ast.Node:
        opening = self.token
        self.at += 1
        if opening.text == "[" and self.take("]"):
            return ast.ListNode(opening.start, self.end(), ())
        first = self.expression()
        if self.is_(".."):
            return self.range(opening.start, first, opening.text == "[")
        if opening.text == "]":
            raise self.unexpected("'..'")
        items = [first]
        while self.take(","):
            items.append(self.expression())
        self.expect("]", "or ','")
        return ast.ListNode(opening.start, self.end(), tuple(items))

    def range(self, start: int, low: ast.Node, included: bool) -> ast.Node:
        self.expect("..")
        high = self.expression()
        closing = self.token
        if closing.text not in ("]", ")", "["):
            raise self.unexpected("the range's end, ']' or ')',")
        self.at += 1
        return ast.RangeNode(start, self.end(), low, high, included, closing.text == "]")

    def context(self) -> ast.Node:
        start = self.token.start
        self.at += 1
        entries: list[tuple[str, ast.Node]] = []
        outer = self.names
        while not self.is_("}"):
            token = self.token
            if token.kind == "string":
                self.at += 1
                key = unescaped(token.text[1:-1])
            else:
                key = self.new_name(":")
            self.expect(":", "after the key")
            entries.append((key, self.expression()))
            self.names = self.names.plus(key)
            if not self.take(","):
                break
        self.names = outer
        self.expect("}", "or ','")
        return ast.ContextNode(start, self.end(), tuple(entries))

    # ---- keywords ----

    def if_(self) -> ast.Node:
        start = self.token.start
        self.at += 1
        condition = self.expression()
        self.expect("then")
        then = self.expression()
        self.expect("else", hint="every 'if' has an 'else'")
        otherwise = self.expression()
        return ast.If(start, self.end(), condition, then, otherwise)

    def iterators(self, word: str) -> tuple[ast.Iterator, ...]:
        found: list[ast.Iterator] = []
        while True:
            if len(found) == MAX_ITERATORS:
                token = self.token
                raise SyntaxProblem(f"a loop goes over at most {MAX_ITERATORS} lists", token.start, token.end, "TW2011")
            start = self.token.start
            name = self.new_name("in")
            self.expect("in")
            source = self.expression()
            until = self.expression() if self.take("..") else None
            found.append(ast.Iterator(start, self.end(), name, source, until))
            self.names = self.names.plus(name)
            if not self.take(","):
                self.expect(word)
                return tuple(found)

    def for_(self) -> ast.Node:
        start, outer = self.token.start, self.names
        self.at += 1
        iterators = self.iterators("return")
        result = self.expression()
        self.names = outer
        return ast.For(start, result.end, iterators, result)

    def quantified(self) -> ast.Node:
        token, outer = self.token, self.names
        self.at += 1
        iterators = self.iterators("satisfies")
        condition = self.expression()
        self.names = outer
        return ast.Quantified(token.start, condition.end, token.text, iterators, condition)  # type: ignore[arg-type]

    def function(self) -> ast.Node:
        start, outer = self.token.start, self.names
        self.at += 2
        params: list[tuple[str, ast.TypeName | None]] = []
        while not self.is_(")"):
            name = self.parameter()
            type_ = self.type_name() if self.take(":") else None
            params.append((name, type_))
            self.names = self.names.plus(name)
            if not self.take(","):
                break
        self.expect(")")
        if self.is_("external"):
            raise SyntaxProblem("functions outside FEEL cannot be called", self.token.start, self.token.end)
        body = self.expression()
        self.names = outer
        return ast.FunctionNode(start, body.end, tuple(params), body)

    def call(self, function: ast.Node) -> ast.Node:
        self.at += 1
        args: list[ast.Node] = []
        names: list[str] = []
        while not self.is_(")"):
            if length := self.argument_name():
                names.append(self.consume(length))
                self.at += 1
            elif names:
                raise self.unexpected("a parameter's name and ':'")
            args.append(self.expression())
            if not self.take(","):
                break
        self.expect(")", "or ','")
        return ast.Call(function.start, self.end(), function, tuple(args), tuple(names) if names else None)

    # ---- tests and types ----

    def tests(self) -> tuple[ast.Node, ...]:
        """What follows `in`: one test, or several in parentheses."""
        start = self.token.start
        if not self.take("("):
            return (self.unary_test(),)
        first = self.listed_test()
        if self.is_(".."):
            return (self.binary(3, self.postfix(self.range(start, first, False))),)
        found = [first]
        while self.take(","):
            found.append(self.listed_test())
        self.expect(")", "or ','")
        return tuple(found) if len(found) > 1 else (self.binary(3, self.postfix(first)),)

    def listed_test(self) -> ast.Node:
        """One of several tests: a comparison with the tested value, or any expression."""
        token = self.token
        return self.unary_test() if token.kind == "symbol" and token.text in COMPARISONS else self.expression()

    def unary_test(self) -> ast.Node:
        token = self.token
        if token.kind == "symbol" and token.text in COMPARISONS:
            self.at += 1
            self.deeper()
            value = self.binary(3)
            self.depth -= 1
            return ast.UnaryTest(token.start, value.end, token.text, value)  # type: ignore[arg-type]
        if self.depth == 0 or self.is_("if") or self.is_("for"):
            return self.expression()
        return self.binary(3)

    def separated(self, item: Callable[[], ast.Node]) -> list[ast.Node]:
        found = [item()]
        while self.take(","):
            found.append(item())
        return found

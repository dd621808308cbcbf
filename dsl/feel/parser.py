"""FEEL's grammar (DMN 1.5, 10.3.1.2) as a precedence-climbing parser over `dsl.feel.lexer`.

Hand-written rather than a Lark grammar: what a text means depends on the names in scope (`a-b`, `first name`), range ends may be brackets
the wrong way round (`[1..5[`), and it parses ten times faster. Scripts, whose lines have a fixed grammar, are parsed with Lark.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dsl.feel import ast
from dsl.feel.builtins import BUILT_INS
from dsl.feel.lexer import KEYWORDS, Names, Token, raw_tokens, unescaped
from dsl.feel.operators import ARITHMETIC
from dsl.feel.slips import hint_for
from dsl.feel.temporal import parse_literal

MAX_DEPTH = 100
MAX_CHAIN = 200
MAX_ITERATORS = 10
MAX_TEXT = 100_000
QUERIES = ("lookup all", "lookup", "exists", "count of")
TYPES = ("date and time", "days and time duration", "years and months duration")
_NEVER_IN_NAMES = frozenset({"(", ")", "[", "]", "{", "}", ",", "return", "satisfies"})
COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
MEMBERS = ("time offset", "start included", "end included")
BASE = Names([*BUILT_INS, *MEMBERS, *QUERIES, "users with role", "manager of", "managers of", "department head",
              "next number", "convert currency", "working days", "add working days"])  # fmt: skip
BINARY: dict[str, int] = {"or": 1, "and": 2, "=": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "between": 3, "in": 3,
                          "+": 4, "-": 4, "*": 5, "/": 5, "**": 6}  # fmt: skip


@dataclass(frozen=True)
class SyntaxProblem(Exception):
    """The text is no expression: a sentence, the offsets of what is wrong, and what to do if that is known."""

    message: str
    start: int
    end: int
    code: str = "TW2001"
    hint: str = ""


class Parser:
    """Parses one text. `queries` says whether `lookup(entity, condition)` and its kin are known."""

    def __init__(self, text: str, names: Names = BASE, *, queries: bool = False) -> None:
        if len(text) > MAX_TEXT:
            raise SyntaxProblem(f"an expression has at most {MAX_TEXT} characters", 0, 1, "TW2011")
        self.text = text
        self.tokens = raw_tokens(text)
        self.at = 0
        self.names = names
        self.queries = queries
        self.depth = 0

    # ---- tokens ----

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def is_(self, text: str) -> bool:
        token = self.tokens[self.at]
        return token.text == text and token.kind != "string"

    def take(self, text: str) -> bool:
        if self.is_(text):
            self.at += 1
            return True
        return False

    def expect(self, text: str, where: str = "", hint: str = "") -> Token:
        token = self.token
        if not self.is_(text):
            raise self.unexpected(f"'{text}'" + (f" {where}" if where else ""), hint)
        self.at += 1
        return token

    def unexpected(self, wanted: str, hint: str = "") -> SyntaxProblem:
        token = self.token
        if len(self.tokens) == 1:
            before = max(token.start - 1, 0)
            return SyntaxProblem("an expression is missing here", before, before + 1)
        if token.kind == "end":
            last = self.tokens[self.at - 1]
            return SyntaxProblem(f"the expression ends where {wanted} should follow", last.start, last.end, hint=hint)
        hint = hint_for(self.tokens, self.at, self.names) or hint
        if token.kind == "wrong":
            unclosed = {'"': "this text is never closed", "`": "this back-tick is never closed"}
            what = unclosed.get(token.text, f"the character {token.text} does not belong into an expression")
            return SyntaxProblem(what, token.start, token.end, hint=hint)
        if token.text == "/" and self.tokens[self.at + 1].text.startswith("*") and token.end == self.tokens[self.at + 1].start:
            return SyntaxProblem("this comment is never closed", token.start, token.end + 1, hint="end it with '*/'")
        return SyntaxProblem(f"expected {wanted} before '{token.text}'", token.start, token.end, hint=hint)

    def deeper(self) -> None:
        """One level further down. Levels are not given back after a problem, since nothing is parsed then."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            token = self.token
            raise SyntaxProblem(f"an expression is nested at most {MAX_DEPTH} levels deep", token.start, token.end, "TW2011")

    def end(self) -> int:
        return self.tokens[self.at - 1].end

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

    def closes_last(self, opening: int) -> bool:
        """Whether the bracket at `opening` is closed by the text's last token."""
        closing = self.closing(opening)
        return closing is not None and self.tokens[closing + 1].kind == "end"

    def closing(self, opening: int) -> int | None:
        """The index of the bracket that closes the one at `opening`, if all between is balanced."""
        pairs = {"(": ")", "[": "]", "{": "}"}
        stack: list[str] = []
        for index in range(opening, len(self.tokens)):
            token = self.tokens[index]
            if token.kind != "symbol":
                continue
            if token.text in pairs:
                stack.append(pairs[token.text])
            elif token.text in (")", "]", "}"):
                if not stack or stack.pop() != token.text:
                    return None
                if not stack:
                    return index
        return None

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
            token = self.token
            precedence = BINARY.get(token.text, 0) if token.kind in ("symbol", "name") else 0
            if not precedence or precedence <= least:
                return left
            self.at += 1
            left = self.operation(left, token.text, precedence)
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
        if not self.is_("-"):
            return self.postfix(self.primary())
        start = self.token.start
        self.at += 1
        self.deeper()
        value = self.unary()
        self.depth -= 1
        return ast.Negate(start, value.end, value)

    def postfix(self, node: ast.Node) -> ast.Node:
        for _ in range(MAX_CHAIN):
            if self.is_("."):
                self.at += 1
                member = self.member()
                node = ast.Path(node.start, self.end(), node, member)
            elif self.is_("["):
                if self.range_closes_here():
                    return node
                self.at += 1
                condition = self.expression()
                self.expect("]")
                node = ast.Filter(node.start, self.end(), node, condition)
            elif self.is_("("):
                node = self.call(node)
            elif self.is_("instance") and self.tokens[self.at + 1].text == "of":
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

    # ---- names ----

    def several(self, at: int) -> int:
        """How many tokens from `at` are one known name; 0 where only a single token can be."""
        token = self.tokens[at]
        if token.kind != "name":
            return 0
        for parts in self.names.by_first.get(token.text, ()):
            if all(self.tokens[at + i].text == part and self.tokens[at + i].kind != "string" for i, part in enumerate(parts)):
                called = self.tokens[at + len(parts)].text == "("
                joined = " ".join(parts)
                if joined in BUILT_INS and not called and not KEYWORDS.isdisjoint(parts):
                    continue
                return len(parts)
        return 0

    def name(self, what: str = "a name") -> str:
        """A name to use or to bind: a known one of several tokens, one in back-ticks, or one word."""
        length = self.several(self.at) or 1
        token = self.token
        if token.kind != "name" or (length == 1 and token.text in KEYWORDS):
            raise self.unexpected(what)
        return self.consume(length)

    def consume(self, length: int) -> str:
        """The text of `length` tokens, white space between words folded to one space."""
        start, self.at = self.at, self.at + length
        if length == 1:
            return self.tokens[start].text.strip("`")
        return " ".join(self.text[self.tokens[start].start : self.end()].split())

    def new_name(self, *ends: str) -> str:
        """A name that is being bound: all tokens up to one of `ends` (names may hold spaces and symbols)."""
        start = self.at
        if self.token.kind != "name":
            raise self.unexpected("a name")
        while not any(self.is_(end) for end in ends):
            if self.token.kind in ("end", "string", "wrong") or self.token.text in _NEVER_IN_NAMES:
                raise self.unexpected(" or ".join(f"'{end}'" for end in ends))
            self.at += 1
        length, self.at = self.at - start, start
        return self.consume(length)

    def member(self) -> str:
        """What follows a dot: a known name, else the longest run of words."""
        length = self.several(self.at)
        if not length:
            if self.token.kind != "name":
                raise self.unexpected("a member's name")
            length = 1
            while self.tokens[self.at + length].kind == "name" and self.tokens[self.at + length].text not in KEYWORDS:
                length += 1
        return self.consume(length)

    # ---- primaries ----

    def primary(self) -> ast.Node:
        token = self.token
        start = token.start
        if token.kind == "number":
            self.at += 1
            exact = Decimal(token.text) if len(token.text) <= ARITHMETIC.prec else ARITHMETIC.create_decimal(token.text)
            return ast.Literal(start, token.end, exact)
        if token.kind == "string":
            self.at += 1
            return ast.Literal(start, token.end, unescaped(token.text[1:-1]))
        if token.kind == "symbol":
            return self.symbol(token)
        if token.kind != "name":
            raise self.unexpected("a value")
        if not self.several(self.at):
            made = self.word(token)
            if made is not None:
                return made
        return self.named(start)

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

    def parameter(self) -> str:
        ends = (":", ",", ")")
        start = self.at
        while self.token.text not in ends and self.token.kind not in ("end", "string"):
            self.at += 1
        length, self.at = self.at - start, start
        if not length:
            raise self.unexpected("a parameter's name")
        return self.consume(length)

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

    def argument_name(self) -> int:
        """How many tokens before a `:` name the argument; 0 for a positional one."""
        length = 0
        while self.tokens[self.at + length].kind == "name":
            length += 1
        return length if length and self.tokens[self.at + length].text == ":" else 0

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

    def type_name(self) -> ast.TypeName:
        start = self.token.start
        self.deeper()
        name = self.type_words()
        args: list[ast.TypeName] = []
        members: list[tuple[str, ast.TypeName]] = []
        if self.is_("<"):
            self.at += 1
            while not self.is_(">"):
                if name == "context":
                    key = self.new_name(":")
                    self.expect(":")
                    members.append((key, self.type_name()))
                else:
                    args.append(self.type_name())
                if not self.take(","):
                    break
            self.expect(">", "or ','")
        if name == "function" and self.take("->"):
            args.append(self.type_name())
        self.depth -= 1
        return ast.TypeName(start, self.end(), name, tuple(args), tuple(members))

    def type_words(self) -> str:
        for known in TYPES:
            words = known.split()
            if [t.text for t in self.tokens[self.at : self.at + len(words)]] == words:
                return self.consume(len(words))
        if self.token.kind != "name":
            raise self.unexpected("a type")
        length = 1
        while True:
            following = self.tokens[self.at + length]
            if following.kind == "name" and following.text not in KEYWORDS:
                length += 1
            elif following.text == "." and self.tokens[self.at + length + 1].kind == "name":
                length += 2
            else:
                return self.consume(length)

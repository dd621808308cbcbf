"""From a script's text to its statements: each line by the grammar, blocks by their `end`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from lark import Lark, Token, Transformer, Tree, v_args
from lark.exceptions import UnexpectedToken
from lark.lexer import Lexer

from dsl.problems import Problem, did_you_mean
from dsl.script.ast import (
    Assignment,
    Branch,
    Call,
    Create,
    Delete,
    Emit,
    Fail,
    ForEach,
    If,
    Let,
    Log,
    Notify,
    Require,
    Send,
    Set,
    Start,
    Statement,
    Update,
    Word,
)
from dsl.script.lines import PHRASES, Raw, cut, split
from dsl.source import Located, Span

MAX_DEPTH = 30
"""Blocks within blocks."""
FORMS = {
    "set": "set FIELD = VALUE, FIELD = VALUE",
    "let": "let NAME = VALUE",
    "create": "create ENTITY as NAME with FIELD = VALUE, FIELD = VALUE",
    "update": "update ENTITY where CONDITION set FIELD = VALUE",
    "delete": "delete ENTITY where CONDITION",
    "require": 'require CONDITION else "TEXT"',
    "fail": 'fail "TEXT"',
    "log": 'log "TEXT"',
    "if": "if CONDITION",
    "else": "else, or else if CONDITION",
    "for": "for each NAME in LIST where CONDITION",
    "end": "end",
    "notify": "notify USERS using TEMPLATE",
    "send": "send TEMPLATE to ADDRESS",
    "start": "start process NAME for RECORD with VARIABLE = VALUE",
    "call": "call CONNECTOR.OPERATION with NAME = VALUE",
    "emit": 'emit "NAME" with NAME = VALUE',
}
"""Every statement by its first word, and how it is written."""
_SYMBOLS = {",": "COMMA", ".": "DOT", "=": "EQUAL"}
_WORDS = {
    "COMMA": "','",
    "DOT": "'.'",
    "EQUAL": "'='",
    "NAME": "a name",
    "EXPR": "an expression",
    "$END": "the end of the line",
}


@dataclass(frozen=True, slots=True)
class Parsed:
    statements: tuple[Statement, ...]
    problems: tuple[Problem, ...]


def parse(script: Located, names: Collection[str] = PHRASES) -> Parsed:
    """The statements of a script, as far as it is well formed, and the problems of the rest.

    `names` are the names in scope that hold a word of the grammar (`users with role`), from `lines.phrases`.
    Never raises for bad input.
    """
    found = split(script)
    problems = list(found.problems)
    blocks = _Blocks(problems)
    if not problems:
        for line in found.lines:
            try:
                blocks.add(_line(found.text, line, names))
            except _Misfit as misfit:
                problems.append(misfit.problem)
                blocks.skip(line[0].text)
    return Parsed(blocks.finish(), tuple(problems))


# ---- lines ----


@dataclass(frozen=True, slots=True)
class _Header:
    """The first line of a block or of one of its parts."""

    at: Span


@dataclass(frozen=True, slots=True)
class _If(_Header):
    condition: Located


@dataclass(frozen=True, slots=True)
class _ElseIf(_Header):
    condition: Located


@dataclass(frozen=True, slots=True)
class _Else(_Header):
    pass


@dataclass(frozen=True, slots=True)
class _ForEach(_Header):
    name: Word
    source: Located
    where: Located | None


@dataclass(frozen=True, slots=True)
class _End(_Header):
    pass


class _Misfit(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class _Fed(Lexer):
    """No lexer at all: tokens are fed one by one, as the parser's state allows them."""

    def __init__(self, conf: object) -> None:
        pass

    def lex(self, *args: object) -> Iterator[Token]:
        return iter(())


@cache
def _grammar() -> Lark:
    return Lark.open("grammar.lark", rel_to=__file__, parser="lalr", lexer=_Fed, start="line", maybe_placeholders=True)


def _line(text: Located, line: tuple[Raw, ...], names: Collection[str]) -> Statement | _Header:
    first = line[0]
    if first.text not in FORMS:
        raise _Misfit(_unknown(text, first))
    parser: Any = _grammar().parse_interactive("")
    index = 0
    while index < len(line):
        token, index = _next(text, line, index, parser.choices(), parser, names)
        parser.feed_token(token)
    try:
        tree: Tree[Token] = parser.feed_token(Token("$END", ""))
    except UnexpectedToken:
        missing = " or ".join(_readable(parser.choices()))
        at = text.part(line[-1].end - 1, line[-1].end)
        raise _Misfit(
            Problem("TW2102", f"'{first.text}' is not finished: {missing} is missing", at, hint=_form(first.text))
        ) from None
    result: Statement | _Header = _Build(text, text.part(first.start, first.end)).transform(tree)
    return result


def _next(
    text: Located, line: tuple[Raw, ...], index: int, choices: Collection[str], parser: Any, names: Collection[str]
) -> tuple[Token, int]:
    """The token that the parser may take next, and the index after it."""
    raw = line[index]
    if "EXPR" in choices:
        trial = parser.copy()
        trial.feed_token(Token("EXPR", ""))
        stops = {"," if name == "COMMA" else name.lower() for name in trial.choices() if name.isupper()}
        until = cut(line, index, stops, names)
        if until == index:
            raise _Misfit(
                Problem(
                    "TW2102",
                    f"an expression is missing before '{raw.text}'",
                    text.part(raw.start, raw.end),
                    hint=_form(line[0].text),
                )
            )
        end = line[until - 1].end
        return Token("EXPR", text.text[raw.start : end], raw.start, end_pos=end), until
    kind = raw.text.upper() if raw.kind == "word" and raw.text.islower() else _SYMBOLS.get(raw.text, "")
    if kind not in choices:
        kind = "NAME" if raw.kind in ("word", "string", "quoted") else ""
    if kind not in choices:
        wanted = " or ".join(_readable(choices))
        at = text.part(raw.start, raw.end)
        raise _Misfit(Problem("TW2102", f"'{raw.text}' does not fit here, {wanted} does", at, hint=_form(line[0].text)))
    name = raw.text[1:-1] if kind == "NAME" and raw.kind != "word" else raw.text
    return Token(kind, name, raw.start, end_pos=raw.end), index + 1


def _readable(choices: Collection[str]) -> list[str]:
    names = sorted(name for name in choices if name.isupper() or name == "$END")
    return [_WORDS.get(name, f"'{name.lower()}'") for name in names if name != "$END"] or [_WORDS["$END"]]


def _form(statement: str) -> str:
    return f"write: {FORMS[statement]}"


def _unknown(text: Located, first: Raw) -> Problem:
    at = text.part(first.start, first.end)
    if first.kind == "symbol" or first.text in ("then", "and", "or", "return", "satisfies", "with", "where", "using"):
        hint = "a line goes on after a comma, an operator or 'with', and inside brackets"
        return Problem("TW2101", f"a line cannot begin with '{first.text}'", at, hint=hint)
    return Problem("TW2101", f"there is no statement '{first.text}'", at, hint=did_you_mean(first.text, FORMS))


@v_args(inline=True)
class _Build(Transformer[Token, Any]):
    """Statements and block headers from the tree of one line."""

    def __init__(self, text: Located, at: Span) -> None:
        super().__init__()
        self.text = text
        self.at = at

    def NAME(self, token: Token) -> Word:  # noqa: N802 (the terminal's name)
        return Word(str(token), self.text.part(token.start_pos or 0, token.end_pos or 0))

    def EXPR(self, token: Token) -> Located:  # noqa: N802
        return self.text.slice(token.start_pos or 0, token.end_pos)

    def path(self, *words: Word) -> tuple[Word, ...]:
        return words

    def assignment(self, target: tuple[Word, ...], value: Located) -> Assignment:
        return Assignment(target, value)

    def assignments(self, *items: Assignment) -> tuple[Assignment, ...]:
        return items

    def line(self, statement: Statement | _Header) -> Statement | _Header:
        return statement

    def set(self, assignments: tuple[Assignment, ...]) -> Set:
        return Set(self.at, assignments)

    def let(self, name: Word, value: Located) -> Let:
        return Let(self.at, name, value)

    def create(self, entity: Word, alias: Word | None, assignments: tuple[Assignment, ...] | None) -> Create:
        return Create(self.at, entity, alias, assignments or ())

    def update(self, target: Located, where: Located | None, assignments: tuple[Assignment, ...]) -> Update:
        return Update(self.at, target, where, assignments)

    def delete(self, target: Located, where: Located | None) -> Delete:
        return Delete(self.at, target, where)

    def require(self, condition: Located, message: Located) -> Require:
        return Require(self.at, condition, message)

    def fail(self, message: Located) -> Fail:
        return Fail(self.at, message)

    def log(self, message: Located) -> Log:
        return Log(self.at, message)

    def if_(self, condition: Located) -> _If:
        return _If(self.at, condition)

    def else_if(self, condition: Located) -> _ElseIf:
        return _ElseIf(self.at, condition)

    def else_(self) -> _Else:
        return _Else(self.at)

    def for_each(self, name: Word, source: Located, where: Located | None) -> _ForEach:
        return _ForEach(self.at, name, source, where)

    def end(self) -> _End:
        return _End(self.at)

    def notify(self, users: Located, template: Word) -> Notify:
        return Notify(self.at, users, template)

    def send(self, template: Word, address: Located) -> Send:
        return Send(self.at, template, address)

    def start(self, process: Word, record: Located | None, assignments: tuple[Assignment, ...] | None) -> Start:
        return Start(self.at, process, record, assignments or ())

    def call(self, connector: Word, operation: Word, assignments: tuple[Assignment, ...] | None) -> Call:
        return Call(self.at, connector, operation, assignments or ())

    def emit(self, event: Located, assignments: tuple[Assignment, ...] | None) -> Emit:
        return Emit(self.at, event, assignments or ())


# ---- blocks ----


@dataclass(slots=True)
class _Block:
    """An open `if` or `for each`; `parts` are the bodies of an `if` so far, the last one still growing."""

    header: _If | _ForEach | None  # None: the header's line was wrong, and the block is only kept to find its end
    at: Span | None
    body: list[Statement] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)
    condition: Located | None = None
    in_else: bool = False


class _Blocks:
    """Puts lines together into nested blocks."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.stack = [_Block(None, None)]

    def add(self, line: Statement | _Header) -> None:
        match line:
            case _If():
                self.open(_Block(line, line.at, condition=line.condition))
            case _ForEach():
                self.open(_Block(line, line.at))
            case _ElseIf() | _Else():
                self.otherwise(line)
            case _End():
                self.close(line)
            case Statement():
                self.stack[-1].body.append(line)

    def open(self, block: _Block) -> None:
        if len(self.stack) == MAX_DEPTH + 1 and block.at is not None:
            self.problems.append(Problem("TW2106", f"blocks are nested more than {MAX_DEPTH} deep", block.at))
        self.stack.append(block)

    def skip(self, first: str) -> None:
        """Keep the blocks in step although a line was wrong."""
        if first in ("if", "for"):
            self.stack.append(_Block(None, None))

    def otherwise(self, line: _ElseIf | _Else) -> None:
        block = self.stack[-1]
        word = "else if" if isinstance(line, _ElseIf) else "else"
        if len(self.stack) == 1 or isinstance(block.header, _ForEach):
            self.problems.append(Problem("TW2104", f"'{word}' stands outside an 'if'", line.at))
            return
        if block.in_else:
            self.problems.append(Problem("TW2104", f"'{word}' after 'else': the block has had its last part", line.at))
            return
        if block.condition is not None:
            block.branches.append(Branch(block.condition, tuple(block.body)))
        block.body = []
        block.condition = line.condition if isinstance(line, _ElseIf) else None
        block.in_else = isinstance(line, _Else)

    def close(self, line: _End) -> None:
        if len(self.stack) == 1:
            self.problems.append(
                Problem("TW2104", "this 'end' closes nothing", line.at, hint="remove it, or look for a missing 'if'")
            )
            return
        self.shut(self.stack.pop())

    def shut(self, block: _Block) -> None:
        body = tuple(block.body)
        match block.header:
            case _If() as header:
                if block.condition is not None:
                    block.branches.append(Branch(block.condition, body))
                    body = ()
                self.stack[-1].body.append(If(header.at, tuple(block.branches), body))
            case _ForEach() as header:
                self.stack[-1].body.append(ForEach(header.at, header.name, header.source, header.where, body))
            case None:
                self.stack[-1].body.extend(body)

    def finish(self) -> tuple[Statement, ...]:
        while len(self.stack) > 1:
            block = self.stack.pop()
            if block.at is not None:
                word = "for each" if isinstance(block.header, _ForEach) else "if"
                self.problems.append(
                    Problem("TW2103", f"this '{word}' has no 'end'", block.at, hint="add 'end' on a line of its own")
                )
            self.shut(block)
        return tuple(self.stack[0].body)

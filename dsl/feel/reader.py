"""Reads tokens and names of one text: what the parser of FEEL's grammar stands on."""

from __future__ import annotations

from dataclasses import dataclass

from dsl.feel import ast
from dsl.feel.builtins import BUILT_INS
from dsl.feel.lexer import KEYWORDS, Names, Token, raw_tokens
from dsl.feel.slips import hint_for, misspelled

MAX_DEPTH = 100
MAX_TEXT = 100_000
QUERIES = ("lookup all", "lookup", "exists", "count of")
TYPES = ("date and time", "days and time duration", "years and months duration")
_NEVER_IN_NAMES = frozenset({"(", ")", "[", "]", "{", "}", ",", "return", "satisfies"})
_APOSTROPHES = frozenset({"'", "’"})  # additional name symbols that are no operators (grammar rule 30)
MEMBERS = ("time offset", "start included", "end included")
BASE = Names([*BUILT_INS, *MEMBERS, *QUERIES, "users with role", "manager of", "managers of", "department head",
              "next number", "convert currency", "working days", "add working days"])  # fmt: skip


@dataclass(frozen=True)
class SyntaxProblem(Exception):
    """The text is no expression: a sentence, the offsets of what is wrong, and what to do if that is known."""

    message: str
    start: int
    end: int
    code: str = "TW2001"
    hint: str = ""


class Reader:
    """A place in the tokens of a text. `queries` says whether `lookup(entity, condition)` and its kin are known."""

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
            ended = self.tokens[self.at - 1]
            return SyntaxProblem(f"the expression ends where {wanted} should follow", ended.start, ended.end, hint=hint)
        first, last, near = misspelled(self.tokens, self.at, self.names)
        if near:
            words, called = self.tokens[first : last + 1], self.tokens[last + 1].text == "("
            message = ("there is no function '" if called else "nothing is named '") + " ".join(word.text for word in words) + "'"
            return SyntaxProblem(message, words[0].start, words[-1].end, "TW2004" if called else "TW2002", near)
        hint = hint_for(self.tokens, self.at) or hint
        if token.kind == "wrong" and token.text.startswith("/*"):
            return SyntaxProblem("this comment is never closed", token.start, token.start + 2, hint="end it with '*/'")
        if token.kind == "wrong":
            unclosed = {'"': "this text is never closed", "`": "this back-tick is never closed"}
            what = unclosed.get(token.text, f"the character {token.text} does not belong into an expression")
            return SyntaxProblem(what, token.start, token.end, hint=hint)
        return SyntaxProblem(f"expected {wanted} before '{token.text}'", token.start, token.end, hint=hint)

    def deeper(self) -> None:
        """One level further down. Levels are not given back after a problem, since nothing is parsed then."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            token = self.token
            raise SyntaxProblem(f"an expression is nested at most {MAX_DEPTH} levels deep", token.start, token.end, "TW2011")

    def end(self) -> int:
        return self.tokens[self.at - 1].end

    # ---- brackets ----

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
            wrong = self.token.kind == "wrong" and self.token.text not in _APOSTROPHES
            if wrong or self.token.kind in ("end", "string") or self.token.text in _NEVER_IN_NAMES:
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

    def parameter(self) -> str:
        ends = (":", ",", ")")
        start = self.at
        while self.token.text not in ends and self.token.kind not in ("end", "string"):
            self.at += 1
        length, self.at = self.at - start, start
        if not length:
            raise self.unexpected("a parameter's name")
        return self.consume(length)

    def argument_name(self) -> int:
        """How many tokens before a `:` name the argument; 0 for a positional one."""
        length = 0
        while self.tokens[self.at + length].kind == "name":
            length += 1
        return length if length and self.tokens[self.at + length].text == ":" else 0

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

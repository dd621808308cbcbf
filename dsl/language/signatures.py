"""How functions are called: their signatures, and which parameter is being written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from dsl.feel.builtins import BUILT_INS, CLOCK
from dsl.feel.lexer import Token, raw_tokens
from dsl.feel.types import Scope
from dsl.language.functions import DESCRIPTIONS

ENTITY_FIRST = ("lookup", "lookup all", "exists", "count of")


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a function: `label` is all of it, `parameters` their names, with `?` and `…` as written."""

    label: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Help:
    """The call that is being written: its signatures, and the position of the parameter (in the first that has it)."""

    function: str
    signatures: tuple[Signature, ...]
    active: int
    parameter: int
    description: str = ""


def signatures(name: str, scope: Scope) -> tuple[Signature, ...]:
    """The ways to call a function of FEEL or of the workspace; empty for what is none."""
    if name in BUILT_INS:
        return _built_in(name)
    host = scope.functions.get(name)
    if host is not None:
        first = len(host.params) - host.optional
        return (_signature(name, [f"{p}?" if i >= first else p for i, (p, _) in enumerate(host.params)]),)
    if name in CLOCK:
        return (_signature(name, []),)
    return (_signature(name, ["entity", "condition"]),) if name in ENTITY_FIRST and scope.entities else ()


@cache
def _built_in(name: str) -> tuple[Signature, ...]:
    found = (
        _signature(name, [f"{p.name}{'…' if p.many else '?' if p.optional else ''}" for p in overload.params])
        for overload in BUILT_INS[name]
    )
    return tuple(dict.fromkeys(found))


def _signature(name: str, parameters: list[str]) -> Signature:
    return Signature(f"{name}({', '.join(parameters)})", tuple(parameters))


@cache
def _descriptions() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for signature, text in DESCRIPTIONS.items():
        found.setdefault(signature.partition("(")[0], text)
    return found


def described(name: str) -> str:
    """What a function is for, in a line."""
    return _descriptions().get(name, "")


def signature_help(text: str, offset: int, scope: Scope) -> Help | None:
    """The call around the offset; None outside of any."""
    tokens = [token for token in raw_tokens(text) if token.end <= offset and token.kind != "end"]
    stack: list[tuple[int, int]] = []  # index of each open bracket, and the commas since
    for index, token in enumerate(tokens):
        if token.kind != "symbol":
            continue
        if token.text in ("(", "[", "{"):
            stack.append((index, 0))
        elif token.text in (")", "]", "}") and stack:
            stack.pop()
        elif token.text == "," and stack:
            stack[-1] = (stack[-1][0], stack[-1][1] + 1)
    for opening, commas in reversed(stack):
        name = called(tokens[:opening], scope) if tokens[opening].text == "(" else ""
        if name:
            return _help(name, signatures(name, scope), tokens[opening + 1 :], commas)
    return None


def called(before: list[Token], scope: Scope) -> str:
    """The function whose name ends the tokens, the longest one; empty if there is none."""
    for count in range(min(5, len(before)), 0, -1):
        name = " ".join(token.text for token in before[-count:])
        if signatures(name, scope):
            return name
    return ""


def _help(name: str, found: tuple[Signature, ...], inside: list[Token], commas: int) -> Help:
    """Which parameter is written: the named one, else by position."""
    words: list[str] = []
    for token in inside:
        if token.text == ",":
            words = []
        elif token.kind == "name" or token.text == ":":
            words.append(token.text)
    named = " ".join(words[: words.index(":")]) if ":" in words else ""
    for index, signature in enumerate(found):
        plain = [parameter.rstrip("?…") for parameter in signature.parameters]
        if named in plain:
            return Help(name, found, index, plain.index(named), described(name))
        if not named and (commas < len(plain) or (signature.parameters and signature.parameters[-1].endswith("…"))):
            return Help(name, found, index, min(commas, len(plain) - 1), described(name))
    return Help(name, found, 0, commas, described(name))

"""What a person who wrote something that is not FEEL may have meant: hints for slips from other languages and keyboards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dsl.feel.lexer import KEYWORDS, Names, Token
from dsl.problems import did_you_mean

_QUOTES = 'texts stand in straight double quotes: "draft"'
_SIGNS: Mapping[str, str] = {
    **dict.fromkeys("'‘’“”„«»「」", _QUOTES),
    "&": "write 'and'",
    "|": "write 'or'",
    "!": "write 'not(…)'",
    "%": "write modulo(a, b) for the rest of a division, 0.1 for 10 %",
    "^": "write '**' for a power",
    "≥": "write '>='",
    "≤": "write '<='",
    "≠": "write '!='",
    "×": "write '*'",
    "÷": "write '/'",
    "，": "write ',' with the English keyboard",
    "（": "write '(' with the English keyboard",
    "）": "write ')' with the English keyboard",
    "：": "write ':' with the English keyboard",
    "；": "an expression has one part only",
    ";": "an expression has one part only",
}
_WORDS: Mapping[str, str] = {
    "is": "write '= null' or '!= null'",
    "like": "write contains(text, part) or matches(text, pattern)",
    "AND": "write 'and'",
    "OR": "write 'or'",
    "elif": "write 'else if'",
    "elseif": "write 'else if'",
    "mod": "write modulo(a, b)",
}


def hint_for(tokens: Sequence[Token], at: int) -> str:
    """What to write instead of the token at `at`, where it is a known slip; else nothing."""
    token, before = tokens[at], tokens[at - 1] if at else None
    if token.kind == "wrong" and token.text == '"':
        return ""
    if token.kind == "wrong":
        return _SIGNS.get(token.text, "")
    joined = before is not None and before.end == token.start
    if token.text == "=" and before is not None and before.text == "=" and joined:
        return "write '=' to compare"
    if token.text == ">" and before is not None and before.text == "<" and joined:
        return "write '!='"
    if token.text in ("?", ":") and before is not None:
        return "write 'if … then … else …'" if token.text == "?" else ""
    if before is not None and before.text == "not":
        return "write 'not(…)'"
    if token.text == "not" and tokens[at + 1].text == "in":
        return "write 'not(value in …)'"
    return _WORDS.get(token.text, "") if token.kind == "name" else ""


def misspelled(tokens: Sequence[Token], at: int, names: Names) -> tuple[int, int, str]:
    """The first and last of the words around `at` where they nearly are a known name of several words, and the hint; "" where not."""
    first = last = at
    while first and _is_word(tokens[first - 1]):
        first -= 1
    while _is_word(tokens[last + 1]):
        last += 1
    if first == last or not _is_word(tokens[at]):
        return at, at, ""
    known = [" ".join(parts) for every in names.by_first.values() for parts in every]
    return first, last, did_you_mean(" ".join(token.text for token in tokens[first : last + 1]), known)


def _is_word(token: Token) -> bool:
    return token.kind == "name" and token.text not in KEYWORDS

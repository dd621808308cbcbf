"""What could be written at a place in an expression."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from dsl.feel.builtins import BUILT_INS, CLOCK
from dsl.feel.lexer import KEYWORDS, Token, raw_tokens
from dsl.feel.reader import QUERIES
from dsl.feel.types import Scope
from dsl.language.probing import probe
from dsl.language.signatures import ENTITY_FIRST, described, signature_help, signatures

VALUES = ("if", "for", "some", "every", "true", "false", "null", "function")  # words with which a value begins
AFTER = ("and", "or", "in", "between", "instance of", "then", "else", "return", "satisfies")  # words that follow one
Kind = Literal["field", "variable", "function", "keyword", "option"]
Describe = Callable[[str, str], str]  # entity and field → a label


@dataclass(frozen=True, slots=True)
class Completion:
    """A proposal: `insert` replaces the text from `start` to `end`. `detail` is a type or a signature."""

    label: str
    kind: Kind
    insert: str
    start: int
    end: int
    detail: str = ""
    description: str = ""


def no_label(entity: str, field: str) -> str:
    return ""


def completions(
    text: str, offset: int, scope: Scope, *, entity: str = "", describe: Describe = no_label, limit: int = 100
) -> list[Completion]:
    """Proposals for the place at `offset`, the likeliest first.

    With `entity`, the text is a condition about the entity's rows. `describe` gives the label of an entity's field.
    """
    start, end, before = _word(text, offset)
    if start is None:
        return []
    found: list[Completion] = []
    for at in _beginnings(start, before):
        prefix = text[at:offset]
        found = [
            Completion(label, kind, insert, at, end, detail, description)
            for label, kind, insert, detail, description in _proposals(text, at, end, scope, entity, describe)
            if _matches(prefix.lstrip('"'), label) and (kind == "option" or not prefix.startswith('"'))
        ]
        if found:
            found.sort(key=lambda each: (_rank(prefix.lstrip('"'), each.label), KINDS.index(each.kind), each.label))
            break
    return found[:limit]


KINDS: tuple[Kind, ...] = ("option", "field", "variable", "function", "keyword")


def _word(text: str, offset: int) -> tuple[int | None, int, list[Token]]:
    """From where to where the word or text at the offset goes, and the tokens before it; None inside a number or comment."""
    before: list[Token] = []
    for token in raw_tokens(text):
        if token.start >= offset or token.kind == "end":
            break
        if token.kind == "wrong" and token.text.startswith("/*"):
            return None, offset, before  # a comment that is still open
        if token.kind == "wrong" and token.text == '"':  # a text that is still open
            return token.start, offset, before
        if token.end >= offset and (token.kind in ("name", "number") or (token.kind == "string" and token.end > offset)):
            return (None, offset, before) if token.kind == "number" else (token.start, token.end, before)
        before.append(token)
    last = before[-1].end if before else 0
    if "//" in text[last:offset] or "/*" in text[last:offset]:
        return None, offset, before
    return offset, offset, before


def _beginnings(start: int, before: list[Token]) -> Iterator[int]:
    """Where a name of several words may have begun: with the words before, the longest first."""
    words: list[int] = []
    for token in reversed(before):
        if token.kind != "name" or token.text in KEYWORDS or len(words) == 3:
            break
        words.append(token.start)
    yield from reversed(words)
    yield start


def _proposals(
    text: str, start: int, end: int, scope: Scope, entity: str, describe: Describe
) -> Iterator[tuple[str, Kind, str, str, str]]:
    """Label, kind, text, detail and description of all that may stand from `start` to `end`."""
    call = signature_help(text, start, scope)
    if call is not None and call.function in ENTITY_FIRST and call.parameter == 0:
        yield from ((name, "variable", name, "", "") for name in sorted(scope.entities))
        return
    place = probe(text, start, end, scope, entity)
    if place is None:
        yield from ((word, "keyword", f"{word} ", "", "") for word in AFTER)
        return
    yield from ((option, "option", f'"{option}"', "option", "") for option in place.options)
    for name, (type_, owner) in place.names.items():
        written = name if name.replace(" ", "_").isidentifier() and name not in KEYWORDS else f"`{name}`"
        kind: Kind = "field" if owner or place.after_dot else "variable"
        yield name, kind, written, str(type_), describe(owner, name) if owner else ""
    if place.after_dot:
        return
    for name in _functions(scope):
        shown = signatures(name, scope)
        yield name, "function", f"{name}(", shown[0].label if shown else "", described(name)
    yield from ((word, "keyword", f"{word} ", "", "") for word in VALUES)


def _functions(scope: Scope) -> Iterable[str]:
    return dict.fromkeys([*BUILT_INS, *CLOCK, *scope.functions, *(QUERIES if scope.entities else ())])


def _matches(prefix: str, label: str) -> bool:
    """Whether the letters of the prefix occur in the label in order, ignoring case."""
    letters = iter(label.casefold())
    return all(letter in letters for letter in prefix.casefold())


def _rank(prefix: str, label: str) -> int:
    """0 for labels that begin with the prefix, 1 where a word does, 2 where it is a part, else 3."""
    small, wanted = label.casefold(), prefix.casefold()
    if small.startswith(wanted):
        return 0
    if any(word.startswith(wanted) for word in small.replace("_", " ").split()):
        return 1
    return 2 if wanted in small else 3

"""Wrong edits of the expressions in modules/ and examples/: how many the checker catches, and whether it points at the edit.

    python -m tests.model.mutants

Every expression that a workspace's documents hold is edited in the ways in which people go wrong; each edit is checked in the
scope of its place. Caught means an error; placed means that one begins at, or spans, the edited word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dsl import feel
from dsl.feel import ast
from dsl.feel.builtins import BUILT_INS
from dsl.feel.surface import parse
from dsl.feel.types import Choice, RecordOf, Scope, Type
from dsl.source import Located
from engine.model import build, load_folder
from engine.model.checker import Checker

ROOT = Path(__file__).parents[2]
WORKSPACES = ("minimal", "northwind", "rental", "trading")


@dataclass(frozen=True)
class Place:
    """An expression with what it may name and what it has to give; `rows` is the entity of a condition on rows."""

    text: str
    scope: Scope
    expected: Type | None
    rows: str = ""


@dataclass(frozen=True)
class Mutant:
    """An edited text; `start` and `end` are where the edit is."""

    kind: str
    text: str
    start: int
    end: int


def places() -> list[Place]:
    """Every expression of the workspaces, each once."""
    found: dict[tuple[str, int, str], Place] = {}
    compiled, rows = Checker.compiled, Checker.rows

    def note(self: Checker, text: Located, scope: Scope, expected: Type | None = None) -> object:
        found.setdefault((text.text, id(scope), ""), Place(text.text, scope, expected))
        return compiled(self, text, scope, expected)

    def note_rows(self: Checker, part: object, scope: Scope, entity: str, **options: bool) -> object:
        if part is not None and getattr(part, "text", None) is not None:
            found.setdefault((part.text.text, id(scope), entity), Place(part.text.text, scope, feel.BOOLEAN, entity))  # type: ignore[attr-defined]
        return rows(self, part, scope, entity, **options)  # type: ignore[arg-type]

    Checker.compiled, Checker.rows = note, note_rows  # type: ignore[method-assign, assignment]
    for name in WORKSPACES:
        build(load_folder(ROOT / "examples" / name))
    Checker.compiled, Checker.rows = compiled, rows  # type: ignore[method-assign]
    unique: dict[tuple[str, str, str], Place] = {}
    for place in found.values():
        if not problems(place, place.text):
            unique.setdefault((place.text, str(place.expected), place.rows), place)
    return list(unique.values())


def problems(place: Place, text: str) -> list[tuple[int, int, str]]:
    """Start, end and hint of the errors of a text at a place."""
    row, scope = place.rows, place.scope
    checked = feel.check_condition(text, scope, row) if row else feel.check(text, scope, expected=place.expected)
    return [(p.at.start, p.at.end, p.hint) for p in checked.problems if p.severity == "error"]


def nodes(node: object) -> Iterator[ast.Node]:
    if isinstance(node, tuple):
        for each in node:
            yield from nodes(each)
    elif isinstance(node, ast.Node):
        yield node
        for part in ast.parts(node):
            yield from nodes(part)


def mutants(place: Place) -> Iterator[Mutant]:
    """The wrong edits of one expression."""
    text = place.text
    tree, _ = parse(text, place.scope)
    if tree is None:
        return

    def edited(kind: str, start: int, end: int, new: str) -> Mutant:
        return Mutant(kind, text[:start] + new + text[end:], start, start + len(new))

    for node in nodes(tree):
        match node:
            case ast.Call(function=ast.Name(name="sum" | "min" | "max"), args=(ast.Path() as list_,)):
                yield edited("a list for a value", node.start, node.end, text[list_.start : list_.end])
            case ast.Call(function=ast.Name(name=name) as function):
                yield edited("misspelled function", function.start, function.end, misspelled(name))
                if node.args and node.names is None and not any(overload.many for overload in BUILT_INS.get(name, ())):
                    yield edited("an argument too many", node.end - 1, node.end, ", 1, 2, 3, 4, 5)")
            case ast.Path(member=member):
                start = node.end - len(member)
                if text[start : node.end] == member:
                    yield edited("misspelled member", start, node.end, misspelled(member))
            case ast.Comparison(op="<" | "<=" | ">" | ">=", right=ast.Literal() as right):
                yield edited("compared with a text", right.start, right.end, '"many"')
                yield edited("ordered against null", right.start, right.end, "null")
            case ast.Comparison(op="=" | "!=", right=ast.Literal(value=str() as value) as right):
                if isinstance(type_of(place, node.left), Choice):
                    yield edited("no such option", right.start, right.end, f'"{misspelled(value)}"')
                yield edited("compared with a number", right.start, right.end, "17")
            case ast.Arithmetic(op="-" | "*" | "/", right=right):
                yield edited("calculated with a text", right.start, right.end, '"much"')
                yield edited("calculated with null", right.start, right.end, "null")
            case ast.Logic(right=right):
                yield edited("a number as a condition", right.start, right.end, "17")
            case ast.If(condition=condition):
                yield edited("a text as a condition", condition.start, condition.end, '"yes"')
                yield edited("null as a condition", condition.start, condition.end, "null")
            case ast.Filter(condition=condition):
                yield edited("a filter by a text", condition.start, condition.end, '"first"')
    for node in nodes(tree):
        if isinstance(node, ast.Name) and text[node.start : node.end] == node.name and not called(tree, node):
            yield edited("misspelled name", node.start, node.end, misspelled(node.name))
            type_ = place.scope.names.get(node.name)
            if type_ in (feel.NUMBER, feel.STRING, feel.BOOLEAN) or isinstance(type_, Choice):
                yield edited("member of a plain value", node.start, node.end, f"{node.name}.wording")
    if place.expected == feel.BOOLEAN:
        yield Mutant("a number for a condition", f"({text}) = 1 or 17", 0, len(text) + 12)
    if isinstance(place.expected, RecordOf):
        yield Mutant("a number for a record", "17", 0, 2)


def type_of(place: Place, node: ast.Node) -> Type:
    """The type of a part that depends on nothing that the text itself binds."""
    return feel.check(place.text[node.start : node.end], place.scope).type


def called(tree: ast.Node, name: ast.Node) -> bool:
    return any(isinstance(node, ast.Call) and node.function is name for node in nodes(tree))


def misspelled(name: str) -> str:
    """The name with two letters exchanged, or one more where that changes nothing."""
    for at in range(1, len(name) - 1):
        if name[at] != name[at + 1] and name[at].isalpha() and name[at + 1].isalpha():
            return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name + "x"


def main() -> None:
    every = places()
    made, caught, placed, hinted = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    missed: list[tuple[str, str]] = []
    for place in every:
        for mutant in mutants(place):
            made[mutant.kind] += 1
            found = problems(place, mutant.text)
            if not found:
                missed.append((mutant.kind, mutant.text))
                continue
            caught[mutant.kind] += 1
            placed[mutant.kind] += any(start < mutant.end and mutant.start < end for start, end, _ in found)
            hinted[mutant.kind] += any(hint for _, _, hint in found)
    print(f"{len(every)} expressions, {made.total()} wrong edits")
    for kind, count in made.most_common():
        told = max(caught[kind], 1)
        shares = f"caught {caught[kind] / count:7.1%}  placed {placed[kind] / told:7.1%}  with a hint {hinted[kind] / told:5.0%}"
        print(f"{kind:28}{count:6}  {shares}")
    print(f"{'all':28}{made.total():6}  caught {caught.total() / made.total():7.1%}  placed {placed.total() / caught.total():7.1%}")
    for kind, text in missed[:60]:
        print("missed:", kind, "|", text)


if __name__ == "__main__":
    main()

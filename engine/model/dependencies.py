"""What computed fields depend on: inferred from their expressions, in an order without circles (spec 1.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from dsl.feel import Expression, ast
from dsl.source import Span
from engine.model.checker import Checker, walk
from engine.model.model import Dependency, Entity, Field

Place = tuple[str, str]  # entity and field
MOVING = {"now": "the time", "today": "the date"}


@dataclass(frozen=True, slots=True)
class Read:
    """A field that a computation reads, reached by a path of links, lines, related fields and `parent`."""

    path: tuple[str, ...]
    entity: str
    field: str


def infer(checker: Checker, entities: Mapping[str, Entity]) -> tuple[dict[str, Entity], tuple[Dependency, ...]]:
    """The entities with their `compute_order`, and every dependency that crosses records. Circles are problems."""
    reads: dict[Place, tuple[Read, ...]] = {}
    for entity in entities.values():
        for field in entity.fields.values():
            if field.compute is not None:
                check_constant(checker, entity, field)
                reads[entity.name, field.name] = tuple(dict.fromkeys(read_by(entities, entity, field.compute)))
    order = in_order(checker, entities, reads)
    crossing = tuple(
        Dependency(entity, field, read.path, read.entity, read.field)
        for (entity, field), found in reads.items()
        for read in found
        if read.path
    )
    ordered = {
        name: replace(entity, compute_order=tuple(field for owner, field in order if owner == name))
        for name, entity in entities.items()
    }
    return {name: with_lines(entity, ordered) for name, entity in ordered.items()}, crossing


def with_lines(entity: Entity, ordered: Mapping[str, Entity]) -> Entity:
    """The entity whose lines fields hold the lines entities as they are now."""
    if not entity.lines:
        return entity
    fields = {
        name: replace(f, lines=ordered[f.lines.name]) if f.lines is not None else f for name, f in entity.fields.items()
    }
    return replace(entity, fields=fields)


def check_constant(checker: Checker, entity: Entity, field: Field) -> None:
    """A computed value may depend on records only: nothing would say when to compute it anew."""
    if field.compute is None or field.at is None:
        return
    for path in field.compute.paths:
        if path[0] in ("user", "old"):
            what = "who looks at it" if path[0] == "user" else "what was there before"
            report_moving(checker, field, f"'{path[0]}'", what, path[0])
    for decision in asked(field.compute):
        if checker.names.moving(decision):
            report_moving(checker, field, f"the decision '{decision}', which reads the clock", "the time", "decide")
    for node in walk(field.compute.ast):
        match node:
            case ast.Call(function=ast.Name(name=name)) if name in MOVING:
                report_moving(checker, field, f"{name}()", MOVING[name], name)
            case ast.Query(kind=kind):
                message = f"'{field.name}' is not computed anew when the records that '{kind}' finds change"
                checker.report("TW1322", message, field.at, "use a related field where there is a link", "warning")
            case ast.Call(function=ast.Name(name="convert currency")):
                message = f"'{field.name}' is not computed anew when exchange rates change"
                hint = "leave a rate that is in force as it is, and write a new one from its day on"
                checker.report("TW1322", message, field.at, hint, "warning")


def asked(expression: Expression) -> Iterator[str]:
    """The decisions that an expression asks."""
    for node in walk(expression.ast):
        match node:
            case ast.Call(function=ast.Name(name="decide"), args=(ast.Literal(value=str(name)), _)):
                yield name


def report_moving(checker: Checker, field: Field, what: str, why: str, word: str) -> None:
    checker.report(
        "TW1320",
        f"a computed field can't depend on {what}: it is stored, and {why} changes",
        where(field, word),
        "use a default, or set it in a process",
    )


def where(field: Field, word: str) -> Span:
    """The place of a word in the file, near the field that computes with it."""
    assert field.at is not None
    start = field.at.source.text.find(word, field.at.source.text.find("compute", field.at.start) + 7)
    return Span(field.at.source, start, start + len(word)) if start >= 0 else field.at


def read_by(entities: Mapping[str, Entity], entity: Entity, expression: Expression) -> Iterator[Read]:
    for names in sorted(expression.paths):
        yield from follow(entities, entity, names[1:] if names[0] == "record" else names)


def follow(entities: Mapping[str, Entity], entity: Entity, names: tuple[str, ...]) -> Iterator[Read]:
    """Each field on the way of a path, as far as it leads over records."""
    path: tuple[str, ...] = ()
    here: Entity | None = entity
    for name in names:
        if here is None:
            return
        if name == "parent" and here.parent is not None:
            path, here = (*path, name), entities.get(here.parent)
            continue
        field = here.fields.get(name)
        if field is None:
            return
        if field.type == "related" and field.source is not None:
            path = (*path, name)
            here = entities.get(field.source[0])
            yield Read(path, field.source[0], field.source[1])  # which records are related is told by their link
        elif field.lines is not None:
            path, here = (*path, name), entities.get(field.lines.name)
            yield Read(path, field.lines.name, "id")  # a line more or less
        else:
            yield Read(path, here.name, name)
            path, here = (*path, name), entities.get(field.to) if field.to else None


def in_order(checker: Checker, entities: Mapping[str, Entity], reads: Mapping[Place, tuple[Read, ...]]) -> list[Place]:
    """The computed fields of all entities, each after those that it reads."""
    done: list[Place] = []
    finished: set[Place] = set()
    path: list[Place] = []

    def visit(place: Place) -> None:
        if place in finished:
            return
        if place in path:
            report_circle(checker, entities, path[path.index(place) :])
            return
        path.append(place)
        for read in reads[place]:
            if (read.entity, read.field) in reads:
                visit((read.entity, read.field))
        path.pop()
        finished.add(place)
        done.append(place)

    for place in reads:
        visit(place)
    return done


def report_circle(checker: Checker, entities: Mapping[str, Entity], places: list[Place]) -> None:
    circle = " → ".join(f"{entity}.{field}" for entity, field in [*places, places[0]])
    entity, field = places[0]
    at = entities[entity].fields[field].at
    if at is not None:
        checker.report(
            "TW1321", f"the field is computed from itself: {circle}", at, "take one of them out of the circle"
        )

"""Checks one document against its JSON Schema and says in a reader's words what is wrong, where."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from dsl.documents import Document
from dsl.problems import Problem, did_you_mean
from dsl.source import Span
from engine.model.schema import validator

Path = tuple[str | int, ...]
Error = Any  # jsonschema.ValidationError, whose attributes are loosely typed
NAME = re.compile(r"[a-z][a-z0-9_]*")
JSON_TYPES = {
    "string": "a text", "number": "a number", "integer": "a whole number", "boolean": "true or false",
    "object": "a map", "array": "a list", "null": "nothing",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Validated:
    """What the schema finds, and the document's data without what it found: the rest can be checked further."""

    problems: tuple[Problem, ...]
    data: dict[str, Any]


def validate(document: Document) -> Validated:
    """Check a document of a known kind."""
    found = [
        each
        for error in flatten(validator(document.kind).iter_errors(cast(Any, document.data)))
        for each in explain(document, error)
    ]
    misspelt_keys = {(*path[:-1], problem.hint) for path, problem in found if problem.code == "TW1102"}
    problems = (
        problem
        for path, problem in found
        if problem.code != "TW1105"
        or (*path[:-1], f"did you mean '{path[-1]}'?") not in misspelt_keys  # not missing, only misspelt
    )
    return Validated(tuple(problems), pruned(document.data, [path for path, _ in found]))


def flatten(errors: Iterable[Error]) -> Iterator[Error]:
    """The errors that say most: of alternatives, those of the one that was meant."""
    for error in errors:
        if error.validator in ("oneOf", "anyOf") and error.context:
            meant = alternative(error)
            if meant:
                yield from flatten(meant)
                continue
        yield error


def alternative(error: Error) -> list[Error]:
    """The errors of the branch whose type the value has; none where no branch, or more than one, is of its type."""
    branches: dict[int, list[Error]] = {}
    for each in error.context or ():
        branches.setdefault(int(each.relative_schema_path[0]), []).append(each)
    fitting = [errors for errors in branches.values() if not any(wrong_shape(each) for each in errors)]
    return fitting[0] if len(fitting) == 1 else []


def wrong_shape(error: Error) -> bool:
    """Whether the value as a whole, not a part of it, is of another shape than this alternative."""
    if error.relative_path:
        return False
    if error.validator in ("oneOf", "anyOf"):
        return not alternative(error)
    return error.validator == "type" or (error.validator == "enum" and not isinstance(error.instance, str))


def explain(document: Document, error: Error) -> Iterator[tuple[Path, Problem]]:
    """The problems of one error, each with the path of what has to be left out."""
    path: Path = tuple(error.absolute_path)
    match error.validator:
        case "additionalProperties":
            known = error.schema.get("properties", {})
            for key in error.instance:
                if key not in known:
                    yield (*path, key), unknown_key(document, path, key, error, known)
        case "propertyNames":
            return
        case "required":
            yield from missing(document, path, error)
        case "type" | "oneOf" | "anyOf":
            yield (
                path,
                Problem(
                    "TW1103",
                    f"{place(path)} must be {shape(error.schema)}, not {described(error.instance)}",
                    whole(document, path),
                ),
            )
        case "enum":
            yield path, not_one_of(document, path, error)
        case "const":
            yield (
                path,
                Problem("TW1104", f"{place(path)} can only be {shown(error.validator_value)}", document.at(path)),
            )
        case "pattern":
            named = (*path, str(error.instance)) if "propertyNames" in error.schema_path else path
            yield named, misspelt(document, path, error)
        case "minItems" | "minProperties" | "minLength":
            yield (
                path,
                Problem(
                    "TW1107",
                    f"{place(path)} is empty",
                    whole(document, path),
                    hint=f"write {shape(error.schema)}, or leave the key out",
                ),
            )
        case _:
            yield path, Problem("TW1108", f"{place(path)} must be {bound(error)}", document.at(path))


def unknown_key(document: Document, path: Path, key: str, error: Error, known: Mapping[str, object]) -> Problem:
    hint = did_you_mean(key, known)
    if not NAME.fullmatch(key) and document.node(path).style == "{":
        hint = "quote an expression that holds ',' or a bracket, when it stands in {…}"
    where = place(path) if path else f"a document of kind {document.kind}"
    return Problem(
        "TW1102",
        f"unknown key '{key}' in {where}",
        document.key_at((*path, key)),
        hint=hint or f"known here: {', '.join(known)}",
    )


def missing(document: Document, path: Path, error: Error) -> Iterator[tuple[Path, Problem]]:
    for key in error.validator_value:
        if key in error.instance:
            continue
        named = document.key_at(path) if path else document.key_at((document.kind,))
        yield (
            (*path, key),
            Problem(
                "TW1105",
                f"{place(path) if path else f'{document.kind} {document.name}'} has no '{key}'",
                named,
                hint=f"add `{key}:`",
            ),
        )
        return


def not_one_of(document: Document, path: Path, error: Error) -> Problem:
    options = [shown(each) for each in error.validator_value]
    title = error.schema.get("title", "a value")
    what = re.sub(r"^an? ", "", title)
    value = shown(error.instance)
    near = did_you_mean(value, options)
    hint = near or f"one of: {', '.join(options)}"
    known = f"unknown {what}" if title.startswith(("a ", "an ")) else f"{place(path)} must be {title}, not"
    return Problem("TW1104", f"{known} '{value}'", document.at(path), hint=hint)


def misspelt(document: Document, path: Path, error: Error) -> Problem:
    if error.schema_path and "propertyNames" in error.schema_path:
        key = str(error.instance)
        at = document.key_at((*path, key))
        if error.schema.get("title") == "a name":
            return Problem("TW1106", f"'{key}' is not a name", at, hint=name_hint(key))
        return Problem("TW1106", f"'{key}' is not {shape(error.schema)}", at)
    if error.schema.get("title") == "a name":
        return Problem(
            "TW1106", f"'{error.instance}' is not a name", document.at(path), hint=name_hint(str(error.instance))
        )
    return Problem("TW1106", f"{place(path)} must be {shape(error.schema)}, not '{error.instance}'", document.at(path))


def name_hint(text: str) -> str:
    better = re.sub(r"[^a-z0-9]+", "_", text.strip().lower()).strip("_")
    return f"write '{better}'" if NAME.fullmatch(better) else "names are of a-z, 0-9 and _, and begin with a letter"


def bound(error: Error) -> str:
    words = {
        "minimum": "at least",
        "maximum": "at most",
        "exclusiveMinimum": "more than",
        "exclusiveMaximum": "less than",
    }
    if error.validator in words:
        return f"{words[str(error.validator)]} {error.validator_value}"
    return shape(error.schema)


def shape(part: Mapping[str, Any]) -> str:
    """How a schema is named in a message."""
    if "title" in part:
        return str(part["title"])
    kinds = part.get("type", "object")
    return " or ".join(JSON_TYPES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))


def described(value: object) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return "true" if value else "false"
        case str():
            return f"the text '{value if len(value) <= 30 else value[:29] + '…'}'"
        case Mapping():
            return "a map"
        case list():
            return "a list"
    return f"the number {value}"


def shown(value: object) -> str:
    return (
        {True: "true", False: "false", None: "null"}[value] if value is None or isinstance(value, bool) else str(value)
    )


def place(path: Sequence[str | int]) -> str:
    """The value at a path, as a message names it: `fields.total.min`."""
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return f"'{text}'" if text else "the document"


def whole(document: Document, path: Path) -> Span:
    """The value, or where there is none (`key:` and nothing behind it), its key."""
    at = document.at(path)
    return at if at.end > at.start else document.key_at(path)


def pruned(data: object, bad: Sequence[Path]) -> Any:
    """A copy of the data without the values at the given paths."""
    here = {path[0] for path in bad if len(path) == 1}
    if any(not path for path in bad):
        return {}
    below: dict[str | int, list[Path]] = {}
    for path in bad:
        if len(path) > 1:
            below.setdefault(path[0], []).append(path[1:])
    if isinstance(data, Mapping):
        return {
            key: pruned(each, below[key]) if key in below else each for key, each in data.items() if key not in here
        }
    if isinstance(data, list):
        return [pruned(each, below[i]) if i in below else each for i, each in enumerate(data) if i not in here]
    return data

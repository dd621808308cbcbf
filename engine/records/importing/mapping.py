"""Mapping files: which column goes where, and how untidy values are cleaned (docs/reference/import.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from typing import Any

from dsl import feel
from dsl.documents import Document, load
from dsl.feel import Expression
from dsl.problems import InvalidText, Problem, did_you_mean
from dsl.source import Source, Span
from engine.errors import TradewindError
from engine.model.model import Entity, Field, Model

CODE = "TW1801"
TOP = ("entity", "key", "null", "columns", "values", "when", "lines")
COLUMN = ("field", "link_by", "transform", "drop")
LINES = ("field", "file", "key", "columns", "values")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a value goes: from a column, or made by `transform`. `link_by` is the linked entity's field that it is looked up in."""

    field: Field
    column: str | None = None
    transform: Expression | None = None
    link_by: str | None = None


@dataclass(frozen=True, slots=True)
class LinesMapping:
    field: Field
    file: str
    key: Map[str, str]  # column of the lines' file -> column of the main file
    targets: tuple[Target, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    """A checked mapping. `columns` are all columns that it names."""

    entity: Entity
    key: str | None
    empty: frozenset[str]
    targets: tuple[Target, ...]
    columns: tuple[str, ...]
    when: Expression | None = None
    lines: LinesMapping | None = None


@dataclass(slots=True)
class Reader:
    """Reads one mapping file against the model and the columns of the data file; collects all problems."""

    document: Document
    model: Model
    problems: list[Problem] = field(default_factory=list)

    def report(self, message: str, path: Sequence[str | int], hint: str = "") -> None:
        self.problems.append(Problem(CODE, message, self.document.key_at(path), hint=hint))

    def known(self, value: object, keys: Iterable[str], path: Sequence[str]) -> Map[str, Any]:
        """The map at a path, unknown keys reported."""
        if not isinstance(value, Map):
            self.report("this must be a map", path)
            return {}
        for key in value:
            if key not in keys:
                self.report(f"unknown key '{key}'", [*path, key], did_you_mean(str(key), keys))
        return value

    def field_of(self, entity: Entity, name: object, path: Sequence[str]) -> Field | None:
        found = entity.fields.get(str(name))
        if found is None or found.compute is not None or found.type == "related":
            why = "has no field" if found is None else "computes"
            self.report(f"{entity.name} {why} '{name}'", path, did_you_mean(str(name), entity.fields))
            return None
        return found

    def expression(self, path: Sequence[str], columns: Iterable[str]) -> Expression | None:
        text = self.document.text(path)
        try:
            return feel.compile(text, feel.Scope(dict.fromkeys([*columns, "row"], feel.ANY)))
        except InvalidText as error:
            self.problems.extend(error.problems)
            return None

    def targets(self, entity: Entity, data: Map[str, Any], base: list[str], columns: Sequence[str]) -> tuple[Target, ...]:
        found: list[Target] = []
        mapped = self.known(data.get("columns", {}), columns, [*base, "columns"])
        for name in columns:
            if name not in mapped:
                message = f"the file has a column '{name}' that the map does not name"
                self.report(message, [*base, "columns"], "name its field, or {drop: true}")
        for name, value in mapped.items():
            path = [*base, "columns", name]
            entry = {"field": value} if isinstance(value, str) else self.known(value, COLUMN, path)
            if entry.get("drop") is not True and name in columns:
                target = self.target(entity, entry.get("field"), entry, path, columns, name)
                found += [target] if target is not None else []
        for name, value in self.known(data.get("values", {}), entity.fields, [*base, "values"]).items():
            path = [*base, "values", name]
            entry = self.known(value, ("transform", "link_by"), path) if isinstance(value, Map) else {}
            target = self.target(entity, name, entry, path, columns, None)
            found += [target] if target is not None else []
        return tuple(found)

    def target(
        self, entity: Entity, name: object, entry: Map[str, Any], path: list[str], columns: Sequence[str], column: str | None
    ) -> Target | None:
        shown = self.field_of(entity, name, path)
        if shown is None:
            return None
        transform = None
        if "transform" in entry:
            transform = self.expression([*path, "transform"], columns)
        elif column is None:
            transform = self.expression(path, columns)
        link_by = entry.get("link_by")
        if link_by is not None:
            linked = self.model.entities.get(shown.to or "")
            if linked is None or str(link_by) not in linked.fields:
                hint = did_you_mean(str(link_by), linked.fields) if linked is not None else ""
                self.report(f"'{link_by}' is no field of what '{shown.name}' links to", [*path, "link_by"], hint)
                return None
        return Target(shown, column, transform, str(link_by) if link_by is not None else None)


def read_mapping(path: str, text: str, model: Model, columns: Sequence[str], line_columns: Any) -> Mapping:
    """A mapping file, checked. `line_columns(file)` gives the columns of the lines' file. Raises InvalidText with all problems."""
    loaded = load(path, text)
    if loaded.document is None or loaded.problems:
        raise InvalidText(loaded.problems)
    reader = Reader(loaded.document, model)
    data = reader.known(loaded.document.data, TOP, [])
    entity = model.entities.get(str(data.get("entity")))
    if entity is None or entity.parent is not None:
        reader.report(f"there is no entity '{data.get('entity')}'", ["entity"], did_you_mean(str(data.get("entity")), model.entities))
        raise InvalidText(reader.problems)
    key = data.get("key")
    if key is not None:
        reader.field_of(entity, key, ["key"])
    empty = data.get("null", [""])
    if not isinstance(empty, list) or not all(isinstance(each, str) for each in empty):
        reader.report('"null" must be a list of texts', ["null"])
        empty = [""]
    when = reader.expression(["when"], columns) if "when" in data else None
    targets = reader.targets(entity, data, [], columns)
    lines = lines_mapping(reader, entity, data["lines"], columns, line_columns) if "lines" in data else None
    if reader.problems:
        raise InvalidText(reader.problems)
    return Mapping(entity, str(key) if key is not None else None, frozenset(empty), targets, tuple(columns), when, lines)


def lines_mapping(reader: Reader, entity: Entity, value: object, columns: Sequence[str], line_columns: Any) -> LinesMapping | None:
    data = reader.known(value, LINES, ["lines"])
    shown = entity.fields.get(str(data.get("field")))
    if shown is None or shown.lines is None:
        reader.report(f"'{data.get('field')}' is no field of lines of {entity.name}", ["lines", "field"])
        return None
    own = tuple(line_columns(str(data.get("file"))))
    key = reader.known(data.get("key", {}), own, ["lines", "key"])
    for name, main in key.items():
        if main not in columns:
            reader.report(f"the main file has no column '{main}'", ["lines", "key", name], did_you_mean(str(main), columns))
    if not key:
        reader.report("lines need a 'key': which of their columns names the record", ["lines"])
    targets = reader.targets(shown.lines, data, ["lines"], own)
    return LinesMapping(shown, str(data.get("file")), {str(a): str(b) for a, b in key.items()}, targets, own)


def default_mapping(entity: Entity, path: str, columns: Sequence[str], key: str | None) -> Mapping:
    """Without a map, columns are named like the fields. Raises InvalidText for a column that is none."""
    fillable = {name for name, field in entity.fields.items() if field.compute is None and field.type != "related"} | {"id"}
    head, offset, problems = Source(path, ",".join(columns)), 0, []
    for name in columns:
        if name not in fillable:
            hint = did_you_mean(name, fillable) or "give a mapping file with --map"
            message = f"{entity.name} has no field '{name}' that an import can fill" if name else "this column has no name"
            problems.append(Problem(CODE, message, Span(head, offset, offset + len(name)), hint=hint))
        offset += len(name) + 1
    if problems:
        raise InvalidText(problems)
    targets = tuple(Target(entity.fields[name], name) for name in columns if name != "id")
    return keyed(Mapping(entity, None, frozenset({""}), targets, tuple(columns)), key)


def keyed(mapping: Mapping, key: str | None) -> Mapping:
    """The mapping with another key, if one is given. Raises TradewindError where no row could have it."""
    if key is None:
        return mapping
    if key not in {target.field.name for target in mapping.targets}:
        hint = did_you_mean(key, {target.field.name for target in mapping.targets})
        template = "The key '{key}' must be a field of {entity} that a column fills" + (f"; {hint}" if hint else "")
        raise TradewindError(template, code="key", key=key, entity=mapping.entity.name)
    return replace(mapping, key=key)

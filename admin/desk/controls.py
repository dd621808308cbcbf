"""A record's form as data for templates: one `Control` a field, the same for Desk, tasks and the form designer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.model.model import Entity, Field, FormField, Section, Value
from engine.records import Record
from engine.workspace import Step

from .present import Reader, as_input

WIDE = frozenset({"long_text", "rich_text", "lines", "json", "related", "files"})
OFFERED = 200  # records that a field of many links offers


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    chosen: bool
    color: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """One field on a form: `value` is what its input holds, `text` what a reader sees, `rows` a lines field's controls.

    `fixed` ones are shown as text; `readonly` ones are inputs that cannot be changed as the record stands. `hint` is the
    default that counts where nothing is typed.
    """

    name: str
    field: Field
    label: str
    help: str = ""
    value: str = ""
    text: str = ""
    hint: str = ""
    visible: bool = True
    fixed: bool = False
    readonly: bool = False
    required: bool = False
    error: str = ""
    wide: bool = False
    choices: tuple[Choice, ...] = ()
    target: Record | None = None
    content: Any = None
    rows: tuple[Row, ...] = ()
    blank: Row | None = None
    columns: tuple[dict[str, Any], ...] = ()

    @property
    def type(self) -> str:
        return self.field.type

    @property
    def comes_later(self) -> bool:
        """Whether a new record has nothing to show here: people don't write it, and no formula fills it in as they type."""
        return self.fixed and not self.text and not self.rows and self.field.compute is None

    @property
    def errors(self) -> dict[str, str]:
        """Messages at the cells of a lines field."""
        return {cell.name: cell.error for row in self.rows for cell in row.cells.values() if cell.error}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its id ("" for a new one), and its controls by column."""

    id: str
    index: str
    cells: Mapping[str, Control]


@dataclass(frozen=True, slots=True)
class Group:
    """A section of the form."""

    name: str
    label: str
    columns: int
    controls: tuple[Control, ...]


@dataclass(frozen=True, slots=True)
class FieldState:
    """How a field stands for this person now."""

    visible: bool = True
    readonly: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """What is needed to draw a form: whose values, how its fields stand, what was refused.

    `errors` and `typed` go by the names of inputs (`discount`, `lines-0-quantity`); `typed` holds the texts of a refused
    post, so that nothing typed is lost. `opened` names the only fields
    and columns (`discount`, `lines.picked`) that may be changed; None: all that the person may write.
    """

    step: Step
    reader: Reader
    entity: Entity
    values: Record | Mapping[str, object]
    states: Mapping[str, FieldState]
    errors: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, Sequence[str]] | None = None
    editable: bool = True
    opened: frozenset[str] | None = None
    new: bool = False

    def groups(self) -> list[Group]:
        """The form's sections, without those that hold nothing for this person, or nothing yet in a new record."""
        made = [self.group(section) for section in self.entity.sections]
        return [group for group in made if any(not (self.new and each.comes_later) for each in group.controls)]

    def group(self, section: Section) -> Group:
        controls = [self.control_of(each) for each in section.fields if each.name in self.states]
        return Group(section.name, section.label.in_(self.reader.language), section.columns, tuple(controls))

    def control_of(self, placed: FormField) -> Control:
        shown = self.entity.fields[placed.name]
        made = self.control(shown, self.states[placed.name], placed.label.in_(self.reader.language))
        return replace(made, wide=True) if placed.width == "full" else made

    def labels(self) -> dict[str, str]:
        """Names of inputs and what the summary of errors calls them: the field's label, for a cell the line's place."""
        labels = {field.name: field.label.in_(self.reader.language) for field in self.entity.fields.values()}
        for name in self.errors:
            lines, _, cell = name.partition("-")
            index = cell.partition("-")[0]
            if lines in labels and index.isdigit():
                labels[name] = f"{labels[lines]} {int(index) + 1}"
        return labels

    def is_open(self, path: str, parent: str = "") -> bool:
        return self.opened is None or path in self.opened or (parent != "" and parent in self.opened)

    def control(self, shown: Field, state: FieldState, label: str = "") -> Control:
        value = value_of(self.values, shown.name)
        owner = self.values if isinstance(self.values, Record) else None
        fixed = not self.editable or self.never_written(shown) or shown.type == "related"
        made = Control(
            name=shown.name, field=shown, label=label or shown.label.in_(self.reader.language),
            help=shown.help.in_(self.reader.language), visible=state.visible, fixed=fixed, readonly=state.readonly,
            required=state.required and not fixed, error=self.errors.get(shown.name, ""), wide=shown.type in WIDE,
        )  # fmt: skip
        if shown.lines is not None:
            return self.lines(made, shown, shown.lines, value if isinstance(value, Sequence) else ())
        return replace(made, **self.content(shown, shown.name, value, owner, state.readonly))

    def never_written(self, shown: Field) -> bool:
        return shown.compute is not None or shown.readonly or shown.name not in self.step.access.writable_fields(self.entity)

    def content(self, shown: Field, name: str, value: object, owner: Record | None, readonly: bool = False) -> dict[str, Any]:
        typed = self.typed.get(name) if self.typed is not None and not readonly else None
        stored = as_input(value, shown, self.reader.zone)
        held = typed[-1] if typed else stored
        chosen = set(typed) if typed else {option_value(v) for v in value} if isinstance(value, list) else {held}
        choices = self.choices(shown, chosen) if shown.type == "links" or shown.options else ()
        hint = stored if typed is not None and not held else ""
        target = value if isinstance(value, Record) else None
        return {
            "value": held, "text": self.reader.value(value, shown, owner), "choices": choices, "target": target,
            "content": value, "hint": hint,
        }  # fmt: skip

    def choices(self, shown: Field, chosen: set[str]) -> tuple[Choice, ...]:
        if shown.options:
            language = self.reader.language
            return tuple(Choice(o.name, o.label.in_(language) or o.name, o.name in chosen, o.color) for o in shown.options.values())
        if shown.to is None or not self.editable:
            return ()
        found = self.step.records.list(shown.to, limit=OFFERED).records
        return tuple(Choice(str(each.id), each.title(), str(each.id) in chosen) for each in found)

    # ---- lines ----

    def lines(self, made: Control, shown: Field, lines: Entity, values: Sequence[object]) -> Control:
        """The control of a lines field. By the columns that are open, rows cannot be added or removed."""
        whole = self.is_open(shown.name)
        fixed = made.fixed or made.readonly
        visible = self.step.access.visible_fields(lines)
        columns = [each for each in lines.fields.values() if each.name in visible]
        rows = [self.row(shown.name, columns, str(i), each, fixed) for i, each in enumerate(values)]
        if self.new and not rows and not fixed:
            rows = [self.row(shown.name, columns, "0", None, fixed)]
        return replace(
            made,
            fixed=fixed or not whole,
            rows=tuple(rows),
            blank=self.row(shown.name, columns, "__i__", None, fixed) if not fixed and whole else None,
            columns=tuple(
                {
                    "name": each.name, "label": each.label.in_(self.reader.language), "num": is_numeric(each),
                    "required": each.required and not fixed and each.compute is None,
                }
                for each in columns
            ),
        )  # fmt: skip

    def row(self, lines_name: str, columns: Sequence[Field], index: str, line: object, fixed: bool) -> Row:
        cells: dict[str, Control] = {}
        for shown in columns:
            name = f"{lines_name}-{index}-{shown.name}"
            stays = fixed or shown.readonly or shown.compute is not None or not self.is_open(f"{lines_name}.{shown.name}", lines_name)
            value = value_of(line, shown.name) if line is not None else None
            content = self.content(shown, name, value, line if isinstance(line, Record) else None)
            if line is None:
                content["hint"] = literal_hint(shown.default, shown, self.reader)
            cells[shown.name] = Control(
                name=name, field=shown, label=shown.label.in_(self.reader.language), fixed=stays,
                required=shown.required and not stays, error=self.errors.get(name, ""), **content,
            )  # fmt: skip
        identity = line.id if isinstance(line, Record) else None
        return Row(str(identity or self.typed_id(lines_name, index)), index, cells)

    def typed_id(self, lines_name: str, index: str) -> str:
        return (self.typed.get(f"{lines_name}-{index}-id") or [""])[-1] if self.typed is not None else ""


def is_numeric(shown: Field) -> bool:
    return shown.type in ("integer", "decimal", "money", "percent")


def option_value(value: object) -> str:
    return str(value.id) if isinstance(value, Record) else str(value)


def literal_hint(default: Value | None, shown: Field, reader: Reader) -> str:
    """A default that does not depend on anything, as the empty input hints at it."""
    if default is None or default.literal is None:
        return ""
    return as_input(default.literal, shown, reader.zone)


def value_of(values: object, name: str) -> object:
    if isinstance(values, Record):
        return values[name]
    return values.get(name) if isinstance(values, Mapping) else None

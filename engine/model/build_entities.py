"""Entities: fields, rules, numbering, form and views, from effective documents to the model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from dsl import feel
from dsl.feel import Expression
from dsl.feel.types import ListOf, Scope
from dsl.source import Located, Span
from engine.model.build_fields import FieldBuilder, bounds_in_order
from engine.model.checker import Checker, humanized, label
from engine.model.model import (
    SYSTEM_FIELDS,
    Entity,
    Field,
    FormField,
    Numbering,
    Rule,
    Section,
    Settings,
    Text,
    View,
)
from engine.model.part import Part

BUILTIN_TABLES = {"user": "tw_user", "department": "tw_department"}
COLUMN_TYPES = (
    "text",
    "integer",
    "decimal",
    "money",
    "percent",
    "boolean",
    "date",
    "datetime",
    "choice",
    "link",
    "user",
    "email",
    "phone",
)
MAX_COLUMNS = 7
NUMBERS = ("integer", "decimal", "money", "percent", "duration")
TOKENS = re.compile(r"\{([^{}]*)\}")
GENERAL = Text({"en": "General", "zh": "基本信息"})
ALL = Text({"en": "All", "zh": "全部"})


def build_entity(checker: Checker, settings: Settings, part: Part, module: str) -> Iterator[Entity]:
    """The entity of a document, and those of its lines."""
    name = part.document.name
    if name.startswith("tw_") or "__" in name:
        checker.report(
            "TW1309",
            f"an entity can't be named '{name}'",
            part.document.at(("entity",)),
            "tw_… and names with __ are the engine's tables",
        )
    table = BUILTIN_TABLES.get(name, name)
    builder = EntityBuilder(checker, settings, name)
    fields = builder.fields(part.get("fields"))
    for field in list(fields.values()):
        if field.type == "lines":
            lines = builder.lines(field, part, table, module)
            fields[field.name] = replace(field, lines=lines)
            yield lines
    yield builder.entity(part, fields, table, module)


class EntityBuilder:
    """Builds what an entity declares, in the scope of its records."""

    def __init__(self, checker: Checker, settings: Settings, name: str) -> None:
        self.checker = checker
        self.settings = settings
        self.name = name
        self.scope: Scope = checker.names.scope(name)
        self.declared = checker.names.entities[name]

    def fields(self, part: Part | None) -> dict[str, Field]:
        builder = FieldBuilder(self.checker, self.settings, self.name, self.scope, self.declared)
        found: dict[str, Field] = {}
        for name, each in part.items() if part is not None else ():
            found[name] = builder.build(name, each)
            bounds_in_order(self.checker, found[name], each)
        return found

    def lines(self, field: Field, part: Part, table: str, module: str) -> Entity:
        name = f"{self.name}.{field.name}"
        below = part.get("fields")
        inner = below.get(field.name) if below is not None else None
        builder = EntityBuilder(self.checker, self.settings, name)
        fields = builder.fields(inner.get("fields") if inner is not None else None)
        return Entity(name, field.label, fields, f"{table}__{field.name}", module, self.name, at=field.at)

    def entity(self, part: Part, fields: dict[str, Field], table: str, module: str) -> Entity:
        base = Entity(
            self.name,
            label(part.get("label"), self.name),
            fields,
            table,
            module,
            icon=part.string("icon"),
            at=part.document.at(("entity",)),
        )
        return replace(
            base,
            title=self.checker.expression(part.get("title"), self.scope) or self.usual_title(fields),
            number=self.numbering(part.get("number"), fields),
            rules={name: self.rule(name, each) for name, each in part.items("rules")},
            unique=self.keys(part, "unique", fields),
            indexes=self.keys(part, "indexes", fields),
            sections=self.sections(part, fields),
            views=self.views(part, fields),
        )

    def usual_title(self, fields: Mapping[str, Field]) -> Expression | None:
        """What a record is called where the document does not say: its name, number, or first text."""
        texts = [name for name, field in fields.items() if field.type == "text"]
        name = next(
            (each for each in ("name", "title", "subject", "number") if each in texts), texts[0] if texts else None
        )
        return None if name is None else self.checker.compiled(Located.plain(f"record.{name}"), self.scope)

    def rule(self, name: str, part: Part) -> Rule:
        message = part.get("message")
        text = label(message)
        usual = Text({"en": f"“{humanized(name)}” does not hold", "zh": f"不符合规则“{humanized(name)}”"})
        return Rule(
            name,
            self.checker.condition(part.get("require"), self.scope) or self.always,
            text or usual,
            self.checker.condition(part.get("when"), self.scope),
            "warning" if part.string("severity") == "warning" else "error",
            self.checker.templates(message, self.scope) if any("{" in each for each in text.by_locale.values()) else {},
        )

    @property
    def always(self) -> Expression:
        """Stands in for a condition that is wrong; a model with errors is never used."""
        return feel.compile("true")

    def numbering(self, part: Part | None, fields: Mapping[str, Field]) -> Numbering | None:
        if part is None:
            return None
        field, pattern = part.get("field"), part.get("pattern")
        if field is not None and self.known(field.value, field.at, fields) and fields[field.value].type != "text":
            self.checker.report(
                "TW1310",
                f"numbers go to a field of type text, and '{field.value}' is of type {fields[field.value].type}",
                field.at,
            )
        if pattern is not None:
            self.check_pattern(pattern)
        return Numbering(part.string("field"), part.string("pattern"))

    def check_pattern(self, part: Part) -> None:
        counters = 0
        for token in TOKENS.finditer(str(part.value)):
            if re.fullmatch("0+", token[1]):
                counters += 1
            elif token[1] not in ("yyyy", "yy", "mm", "dd"):
                self.checker.report(
                    "TW1308",
                    f"a number's pattern knows no '{token[0]}'",
                    part.text.part(*token.span()),
                    "it knows {yyyy} {yy} {mm} {dd} and a counter such as {00000}",
                )
        if counters != 1:
            self.checker.report("TW1308", "a number's pattern has one counter such as {00000}", part.at)

    def keys(self, part: Part, key: str, fields: Mapping[str, Field]) -> dict[str, tuple[str, ...]]:
        """Unique keys and indexes: lists of fields that are columns."""
        found = {}
        for name, each in part.items(key):
            for field in each.each():
                if (
                    self.known(field.value, field.at, fields, system=True)
                    and field.value in fields
                    and not fields[field.value].stored
                ):
                    self.checker.report(
                        "TW1314",
                        f"'{field.value}' is of type {fields[field.value].type}, which has no column",
                        field.at,
                    )
            found[name] = tuple(str(field.value) for field in each.each())
        return found

    def known(self, name: object, at: Span, fields: Mapping[str, Field], *, system: bool = False) -> bool:
        """Whether a field of that name is declared; a problem if not."""
        if name in fields or (system and name in SYSTEM_FIELDS):
            return True
        self.checker.unknown(
            "TW1203", f"{self.name} has no field", str(name), [*fields, *(SYSTEM_FIELDS if system else ())], at
        )
        return False

    # ---- form ----

    def sections(self, part: Part, fields: Mapping[str, Field]) -> tuple[Section, ...]:
        """The form's sections; without a form, the fields in order, and lines and related records below."""
        form = part.get("form")
        if form is None or form.get("sections") is None:
            return usual_sections(fields)
        placed: dict[str, str] = {}
        found = []
        for name, section in form.items("sections"):
            columns = section.get("columns")
            placing = tuple(self.form_fields(section, fields, placed, name))
            found.append(
                Section(
                    name,
                    label(section.get("label"))
                    or (GENERAL if name == "main" else fields[name].label if name in fields else label(None, name)),
                    columns.value if columns is not None else 1,
                    placing,
                    self.checker.condition(section.get("visible_when"), self.scope),
                )
            )
        return tuple(found)

    def form_fields(
        self, section: Part, fields: Mapping[str, Field], placed: dict[str, str], where: str
    ) -> Iterator[FormField]:
        for each in section.each("fields"):
            named = each.get("field") if isinstance(each.value, Mapping) else each
            if named is None or not self.known(named.value, named.at, fields):
                continue
            name = str(named.value)
            if name in placed:
                self.checker.report(
                    "TW1315", f"the form shows '{name}' twice, here and in section '{placed[name]}'", named.at
                )
                continue
            placed[name] = where
            yield FormField(
                name,
                label(each.get("label")),
                self.checker.condition(each.get("visible_when"), self.scope),
                self.checker.condition(each.get("readonly_when"), self.scope),
                self.checker.condition(each.get("required_when"), self.scope),
                "full" if each.string("width") == "full" else "",
            )

    # ---- views ----

    def views(self, part: Part, fields: Mapping[str, Field]) -> dict[str, View]:
        """The declared views; without a list among them, one of all records comes first."""
        found = {name: self.view(name, each, fields) for name, each in part.items("views")}
        if any(view.type == "list" for view in found.values()):
            return found
        return {"all": View("all", "list", ALL, columns=usual_columns(fields))} | found

    def view(self, name: str, part: Part, fields: Mapping[str, Field]) -> View:
        columns = tuple(path for each in part.each("columns") if (path := self.path(each)))
        type_ = part.string("type", "list")
        card = tuple(each.value for each in part.each("card") if each.value == "title" or self.path(each))
        sort = tuple(str(each.value) for each in part.each("sort") if self.path(each, sorting=True))
        return View(
            name,
            type_ if type_ in ("list", "kanban", "calendar") else "list",  # type: ignore[arg-type]
            label(part.get("label"), name),
            self.checker.rows(part.get("filter"), self.checker.names.rows(self.name), self.name),
            columns or (usual_columns(fields) if type_ == "list" else ()),
            sort,
            self.of_type(part.get("group_by"), fields, ("choice", "link", "user", "boolean"), "group_by"),
            card or (("title",) if type_ == "kanban" else ()),
            self.of_type(part.get("total"), fields, NUMBERS, "total"),
            self.of_type(part.get("start"), fields, ("date", "datetime"), "start"),
            self.of_type(part.get("end"), fields, ("date", "datetime"), "end"),
        )

    def of_type(self, part: Part | None, fields: Mapping[str, Field], types: tuple[str, ...], key: str) -> str | None:
        if part is None or not self.known(part.value, part.at, fields, system=True):
            return None
        field = fields.get(part.value)
        type_ = field.type if field is not None else "datetime" if str(part.value).endswith("_at") else "user"
        if type_ not in types:
            self.checker.report(
                "TW1317",
                f"`{key}` names a field of type {', '.join(types[:-1])} or {types[-1]}, "
                f"and '{part.value}' is of type {type_}",
                part.at,
            )
        return str(part.value)

    def path(self, part: Part, *, sorting: bool = False) -> str | None:
        """A field, or a path over links to one, such as customer.name."""
        text = str(part.value).removeprefix("-") if sorting else str(part.value)
        found = self.checker.path(part, self.name, text)
        if sorting and isinstance(found, ListOf):
            self.checker.report("TW1314", f"'{text}' has no column to sort by", part.at)
        return text if found is not None else None


def usual_sections(fields: Mapping[str, Field]) -> tuple[Section, ...]:
    """A form for an entity whose document has none."""
    wide = ("long_text", "rich_text", "files", "json")
    main = tuple(
        FormField(name, width="full" if f.type in wide else "")
        for name, f in fields.items()
        if f.type not in ("lines", "related")
    )
    below = (
        Section(name, f.label, 1, (FormField(name, width="full"),))
        for name, f in fields.items()
        if f.type in ("lines", "related")
    )
    return (Section("main", GENERAL, 2, main), *below)


def usual_columns(fields: Mapping[str, Field]) -> tuple[str, ...]:
    return tuple(name for name, field in fields.items() if field.type in COLUMN_TYPES and not field.sensitive)[
        :MAX_COLUMNS
    ] or ("id",)


def check_tables(checker: Checker, entities: Mapping[str, Entity]) -> None:
    """No two entities may need the same table."""
    taken: dict[str, str] = {}
    for entity in entities.values():
        tables = [
            entity.table,
            *(f"{entity.table}__{f.name}" for f in entity.fields.values() if f.type in ("links", "choices")),
        ]
        for table in tables:
            if table in taken and taken[table] != entity.name and entity.at is not None:
                checker.report(
                    "TW1309",
                    f"{entity.name} and {taken[table]} would share the table {table}",
                    entity.at,
                    "rename one of them",
                )
            taken[table] = entity.name

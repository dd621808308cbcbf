"""The model: everything a workspace declares, typed and immutable, with its expressions compiled (spec 1 to 3).

Built once per revision by `engine.model.build`; nothing here reads files or a database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

from dsl.decisions import CompiledTable
from dsl.dmn import Definitions
from dsl.dmn.asking import Asked
from dsl.feel import DecisionType, Expression
from dsl.source import Span
from engine.model.connectors import Connector, Schedule
from engine.model.processes import Process
from engine.model.reports import Dashboard, Report

SYSTEM_FIELDS = ("id", "version", "created_at", "created_by", "updated_at", "updated_by", "owner", "archived")
FIELD_TYPES = (
    "text", "long_text", "rich_text", "integer", "decimal", "money", "percent", "boolean", "date", "time", "datetime",
    "duration", "choice", "choices", "link", "links", "lines", "related", "user", "file", "files", "image", "email",
    "phone", "url", "json",
)  # fmt: skip
STORED_ELSEWHERE = frozenset({"links", "choices", "lines", "related", "files"})  # no column in the entity's own table


@dataclass(frozen=True, slots=True)
class Text:
    """A label, help or message: one text a locale; "" holds a text given without a locale."""

    by_locale: Mapping[str, str] = field(default_factory=dict, hash=False)

    def in_(self, locale: str, fallback: str = "en") -> str:
        """The text for a reader: the locale's, its language's, the fallback's, else any."""
        texts = self.by_locale
        for key in (locale, locale.split("_")[0].split("-")[0], "", fallback):
            if key in texts:
                return texts[key]
        return next(iter(texts.values()), "")

    def __bool__(self) -> bool:
        return bool(self.by_locale)


@dataclass(frozen=True, slots=True)
class Value:
    """A value in a document: a literal, or an expression (`=today()`); exactly one of the two counts."""

    literal: object = None
    expression: Expression | None = None


@dataclass(frozen=True, slots=True)
class Option:
    name: str
    label: Text = Text()
    color: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an entity or of its lines (spec 1.3). `label` is never empty: it falls back to the humanized name."""

    name: str
    type: str
    label: Text
    help: Text = Text()
    required: bool = False
    default: Value | None = None
    fill: Value | None = None
    readonly: bool = False
    unique: bool = False
    index: bool = False
    search: bool = False
    track: bool = True
    sensitive: bool = False
    copy: bool = True
    compute: Expression | None = None
    visible_when: Expression | None = None
    readonly_when: Expression | None = None
    required_when: Expression | None = None
    min: Value | None = None
    max: Value | None = None
    max_length: int | None = None
    pattern: str | None = None
    scale: int | None = None  # effective: digits after the point that the column holds (money, decimal, percent)
    options: Mapping[str, Option] = field(default_factory=dict, hash=False)
    to: str | None = None  # link, links, user: the target entity
    filter: Expression | None = None  # link, links: which targets may be chosen (row = the target, `record` = the linking one)
    on_delete: Literal["restrict", "set_null", "cascade"] = "restrict"
    source: tuple[str, str] | None = None  # related: (entity, link field) that points here
    lines: Entity | None = None  # lines: the entity of the lines
    max_size: int | None = None  # files: bytes
    accept: tuple[str, ...] = ()
    custom: bool = False  # added by a customization
    at: Span | None = field(default=None, compare=False, repr=False)

    @property
    def stored(self) -> bool:
        """Whether the field is a column of the entity's own table."""
        return self.type not in STORED_ELSEWHERE

    @property
    def target(self) -> str | None:
        """The entity that a value of this field names: link, links, user, related, lines."""
        if self.lines is not None:
            return self.lines.name
        return self.source[0] if self.source else self.to


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    require: Expression
    message: Text  # may hold {expressions}: see `templates`
    when: Expression | None = None
    severity: Literal["error", "warning"] = "error"
    templates: Mapping[str, Expression] = field(default_factory=dict, hash=False)  # by locale, yields the message


@dataclass(frozen=True, slots=True)
class Numbering:
    field: str
    pattern: str


@dataclass(frozen=True, slots=True)
class FormField:
    name: str
    label: Text = Text()
    visible_when: Expression | None = None
    readonly_when: Expression | None = None
    required_when: Expression | None = None
    width: Literal["", "full"] = ""


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    label: Text
    columns: int
    fields: tuple[FormField, ...]
    visible_when: Expression | None = None


@dataclass(frozen=True, slots=True)
class View:
    name: str
    type: Literal["list", "kanban", "calendar"]
    label: Text
    filter: Expression | None = None
    columns: tuple[str, ...] = ()  # paths: "customer.name"
    sort: tuple[str, ...] = ()  # "-order_date"
    group_by: str | None = None
    card: tuple[str, ...] = ()
    total: str | None = None
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """A record type, or the type of a record's lines (`sales_order.lines`, whose `parent` is the record's entity)."""

    name: str
    label: Text
    fields: Mapping[str, Field] = field(hash=False)
    table: str
    module: str = ""  # where it comes from; "" is the workspace itself
    parent: str | None = None
    title: Expression | None = None
    number: Numbering | None = None
    rules: Mapping[str, Rule] = field(default_factory=dict, hash=False)
    unique: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    indexes: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    sections: tuple[Section, ...] = ()  # never empty for an entity proper: built from the fields where there is no form
    views: Mapping[str, View] = field(default_factory=dict, hash=False)  # never empty for an entity proper: at least `all`
    compute_order: tuple[str, ...] = ()  # own compute fields, each after those it reads
    icon: str = ""
    at: Span | None = field(default=None, compare=False, repr=False)

    @property
    def lines(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields.values() if f.type == "lines")


@dataclass(frozen=True, slots=True)
class Dependency:
    """`entity.field` is computed from `reads` of another entity, reached from it by `path` of links, lines or related fields.

    `sales_order.total` reads `amount` of `sales_order.lines` by path ("lines",); a line's `amount` may read `list_price` of
    `product` by ("product",).
    """

    entity: str
    field: str
    path: tuple[str, ...]
    source: str  # the entity read
    reads: str  # its field


# ---- decisions (spec 2.2) ----


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision table, or a decision of a model (spec 2.2); `labels` are those of its inputs and outputs."""

    name: str
    label: Text
    table: CompiledTable | Asked
    type: DecisionType
    labels: Mapping[str, Text] = field(default_factory=dict, hash=False)
    module: str = ""
    at: Span | None = field(default=None, compare=False, repr=False)

    @property
    def texts(self) -> tuple[object, ...]:
        return self.table.texts if isinstance(self.table, Asked) else self.table.table.texts


# ---- people and access (spec 1.5) ----

Scope = Literal["none", "own", "department", "department_tree", "all"]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a role may do to the records of one entity.

    Operations: read update delete export purge (scope or rule), create import (true).
    """

    entity: str
    operations: Mapping[str, Scope | Expression] = field(default_factory=dict, hash=False)
    actions: tuple[str, ...] = ()
    fields: Mapping[str, Literal["write", "read", "hide"]] = field(default_factory=dict, hash=False)
    deny: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    name: str
    label: Text
    grants: Mapping[str, Grant] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Template:
    """A message. `subject` and `body` are compiled by locale ("" where the document gives none)."""

    name: str
    channels: tuple[str, ...]
    subject: Mapping[str, Expression] = field(hash=False)
    body: Mapping[str, Expression] = field(hash=False)


@dataclass(frozen=True, slots=True)
class DataSet:
    """Records to load with the module, matched by the field `key`."""

    name: str
    entity: str
    key: str
    records: tuple[Mapping[str, object], ...] = field(hash=False)
    module: str = ""


@dataclass(frozen=True, slots=True)
class Module:
    name: str
    label: Text
    version: str = ""
    depends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """The workspace document."""

    name: str
    label: Text
    locale: str = "en"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    currency: str = "CNY"
    modules: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict, hash=False)  # statements, records, seconds of a script
    branding: Mapping[str, object] = field(default_factory=dict, hash=False)
    values: Mapping[str, object] = field(default_factory=dict, hash=False)  # `settings`, reached as workspace.settings.x


@dataclass(frozen=True, slots=True)
class ScenarioTest:
    """A `test` document; its steps are plain data, run by `engine.scenario`."""

    name: str
    needs: tuple[str, ...]
    body: Mapping[str, object] = field(hash=False)
    module: str = ""
    document: object = field(default=None, compare=False, repr=False)  # dsl.documents.Document, for positions


@dataclass(frozen=True, slots=True)
class Model:
    """The effective configuration of one revision."""

    settings: Settings
    entities: Mapping[str, Entity] = field(hash=False)  # lines entities too, by `entity.field`; user and department always
    processes: Mapping[str, Process] = field(default_factory=dict, hash=False)
    roles: Mapping[str, Role] = field(default_factory=dict, hash=False)
    templates: Mapping[str, Template] = field(default_factory=dict, hash=False)
    data: tuple[DataSet, ...] = ()  # in dependency order
    modules: Mapping[str, Module] = field(default_factory=dict, hash=False)
    tests: tuple[ScenarioTest, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    decisions: Mapping[str, Decision] = field(default_factory=dict, hash=False)
    connectors: Mapping[str, Connector] = field(default_factory=dict, hash=False)
    schedules: Mapping[str, Schedule] = field(default_factory=dict, hash=False)
    reports: Mapping[str, Report] = field(default_factory=dict, hash=False)
    dashboards: Mapping[str, Dashboard] = field(default_factory=dict, hash=False)
    decision_models: tuple[Definitions, ...] = field(default=(), compare=False)
    digest: str = ""
    revision: int = 0

    def entity(self, name: str) -> Entity:
        """The entity of that name; raises KeyError."""
        return self.entities[name]

    def processes_of(self, entity: str) -> tuple[Process, ...]:
        return tuple(p for p in self.processes.values() if p.entity == entity)

    def lifecycle_of(self, entity: str) -> Process | None:
        return next((p for p in self.processes.values() if p.entity == entity and p.lifecycle), None)



"""What names mean in the expressions of a model: the types of fields, and the scopes of spec 2.1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dsl.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    DAYS,
    NUMBER,
    STRING,
    TIME,
    Choice,
    ContextOf,
    DecisionType,
    FunctionOf,
    HostFunction,
    ListOf,
    RecordOf,
    Scope,
    Type,
)

USER = RecordOf("user")
USERS = ListOf(USER)
SIMPLE: Mapping[str, Type] = {
    "text": STRING, "long_text": STRING, "rich_text": STRING, "email": STRING, "phone": STRING, "url": STRING,
    "integer": NUMBER, "decimal": NUMBER, "money": NUMBER, "percent": NUMBER, "boolean": BOOLEAN,
    "date": DATE, "time": TIME, "datetime": DATETIME, "duration": DAYS,
    "file": ANY, "files": ListOf(ANY), "image": ANY, "json": ANY,
}  # fmt: skip
SYSTEM: Mapping[str, Type] = {
    "id": NUMBER, "version": NUMBER, "created_at": DATETIME, "created_by": USER, "updated_at": DATETIME,
    "updated_by": USER, "owner": USER, "archived": BOOLEAN,
}  # fmt: skip
LINE_SYSTEM: Mapping[str, Type] = {"id": NUMBER}
NEVER_EMPTY = frozenset({"lines", "related", "links", "choices", "files", "boolean"})
ERROR = ContextOf({"code": STRING, "message": STRING})

FUNCTIONS: Mapping[str, HostFunction] = {
    function.name: function
    for function in (
        HostFunction("next number", (("series", STRING),), STRING),
        HostFunction("users with role", (("role", STRING),), USERS),
        HostFunction("manager of", (("user", USER), ("level", NUMBER)), USER, optional=1),
        HostFunction("managers of", (("user", USER), ("levels", ANY)), USERS),
        HostFunction("department head", (("department", RecordOf("department")),), USER),
        HostFunction("decide", (("decision", STRING), ("context", ANY)), ANY),
        HostFunction("convert currency", (("amount", NUMBER), ("from", STRING), ("to", STRING), ("on", DATE)), NUMBER),
        HostFunction("working days", (("from", DATE), ("to", DATE)), NUMBER),
        HostFunction("add working days", (("date", DATE), ("days", NUMBER)), DATE),
    )
}


@dataclass(slots=True)
class Declared:
    """A field as its document declares it, before anything is compiled; `type` is empty where the document is wrong."""

    name: str
    type: str = ""
    to: str = ""
    options: tuple[str, ...] = ()
    source: tuple[str, str] | None = None
    lines: str = ""  # the lines' entity
    computed: bool = False
    filled: bool = False  # required, or given a value on create


@dataclass(slots=True)
class Names:
    """All declared entities, by name; `sales_order.lines` for lines."""

    entities: dict[str, dict[str, Declared]] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)  # lines' entity -> the record's
    workspace: ContextOf = field(default_factory=lambda: ContextOf({}))
    decisions: dict[str, DecisionType] = field(default_factory=dict)
    members_of: dict[str, dict[str, Type]] = field(default_factory=dict)

    def members(self, entity: str) -> Mapping[str, Type] | None:
        """The members of a record type: its fields, what every record has, and a line's `parent`."""
        known = self.members_of.get(entity)
        if known is not None:
            return known
        fields = self.entities.get(entity)
        if fields is None:
            return None
        members: dict[str, Type] = {**(LINE_SYSTEM if entity in self.parents else SYSTEM)}
        members.update((name, self.type_of(declared)) for name, declared in fields.items())
        if entity in self.parents:
            members["parent"] = RecordOf(self.parents[entity])
        self.members_of[entity] = members
        return members

    def may_be_empty(self, entity: str, name: str) -> bool:
        """Whether a record may lack a value there: what is neither required, given by default, computed, a list nor the engine's."""
        declared = self.entities.get(entity, {}).get(name)
        if declared is None or not declared.type:
            return False
        return not (declared.filled or declared.computed or declared.type in NEVER_EMPTY)

    def type_of(self, declared: Declared) -> Type:
        """The type of a field's value; Any where its declaration is wrong, so that one mistake is reported once."""
        match declared.type:
            case "choice":
                return Choice(declared.name, declared.options)
            case "choices":
                return ListOf(Choice(declared.name, declared.options))
            case "link" | "links":
                target: Type = RecordOf(declared.to) if declared.to in self.entities else ANY
                return ListOf(target) if declared.type == "links" else target
            case "user":
                return USER
            case "lines":
                return ListOf(RecordOf(declared.lines))
            case "related":
                known = declared.source is not None and declared.source[0] in self.entities
                return ListOf(RecordOf(declared.source[0])) if known and declared.source else ListOf(ANY)
        return SIMPLE.get(declared.type, ANY)

    def scope(self, entity: str | None, extra: Mapping[str, Type] | None = None) -> Scope:
        """What the expressions of an entity's record may name; `extra` are further names, which win (spec 2.1)."""
        members = dict(self.members(entity) or {}) if entity is not None else {}
        own: dict[str, Type] = {"user": USER, "workspace": self.workspace}
        if entity is not None:
            own |= {"record": RecordOf(entity), "old": RecordOf(entity)}
        return Scope({**members, **own, **(extra or {})}, self.members, self.queryable, FUNCTIONS, decisions=self.decisions)

    def moving(self, decision: str) -> bool:
        """Whether a decision reads the clock, so that it may say something else the next time."""
        return decision in self.decisions and self.decisions[decision].moving

    @property
    def queryable(self) -> frozenset[str]:
        return frozenset(name for name in self.entities if name not in self.parents)

    def rows(self, entity: str) -> Scope:
        """What a condition on rows of an entity may name besides the row's own fields."""
        return Scope({"user": USER, "workspace": self.workspace}, self.members, self.queryable, FUNCTIONS, decisions=self.decisions)


def values_type(names: Names, declared: Iterable[Declared]) -> ContextOf:
    return ContextOf({each.name: names.type_of(each) for each in declared})


__all__ = ["ANY", "ERROR", "FUNCTIONS", "USER", "USERS", "Declared", "FunctionOf", "Names", "values_type"]

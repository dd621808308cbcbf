"""A record in a step: its values, its links and lines as records, loaded in batches when they are first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dsl import feel
from engine.errors import StaleVersion
from engine.model.model import SYSTEM_FIELDS, Entity, Field

if TYPE_CHECKING:
    from engine.records.service import Records

PEOPLE = ("created_by", "updated_by", "owner")
MANY = ("links", "choices", "files")


class Record:
    """One record of an entity, or one of its lines. There is one object a record in a step; equality is identity.

    `record["customer"]` is a Record, `record["lines"]` a list of them, `record["total"]` a Decimal. Links are loaded for all
    records that came with this one, so that walking a list costs one query a link, not one a record.
    """

    __slots__ = ("__weakref__", "batch", "changed", "entity", "id", "lists", "old", "parent", "records", "stored", "values")

    def __init__(
        self, records: Records, entity: Entity, number: int | None, values: dict[str, Any] | None, batch: list[Record] | None = None
    ) -> None:
        self.records = records
        self.entity = entity
        self.id = number
        self.values = values  # columns as stored; None: to be loaded again
        self.lists: dict[str, list[Any]] = {}  # lines, links, choices, files, related
        self.parent: Record | None = None  # of a line
        self.batch = batch if batch is not None else [self]
        self.changed: set[str] = set()  # fields that differ from what is stored
        self.old: dict[str, Any] | None = None  # values as they were before this step changed them; {} for a new record
        self.stored: dict[str, Any] | None = None  # values as they were last written, while there are changes

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Record) and self.id is not None and (self.entity.name, self.id) == (other.entity.name, other.id)

    def __hash__(self) -> int:
        return hash((self.entity.name, self.id)) if self.id is not None else id(self)

    def __repr__(self) -> str:
        return f"<{self.entity.name} {self.id}>"

    # ---- values ----

    @property
    def version(self) -> int:
        return int(self.row()["version"])

    def row(self) -> dict[str, Any]:
        """The stored columns, loaded again if the step took back what it had done."""
        if self.values is None:
            self.records.reload(self)
        assert self.values is not None
        return self.values

    def __getitem__(self, name: str) -> Any:
        field = self.entity.fields.get(name)
        if field is None:
            return self._system(name)
        if not field.stored:
            return self.list_of(field)
        value = self.row().get(name)
        if value is not None and field.type in ("link", "user"):
            assert field.to is not None
            return self.records.linked(self, name, field.to, value)
        return value

    def _system(self, name: str) -> Any:
        if name in PEOPLE and self.entity.parent is None:
            value = self.row().get(name)
            return None if value is None else self.records.linked(self, name, "user", value)
        if name == "id":
            return self.id
        if name == "parent" and self.entity.parent is not None:
            return self.parent if self.parent is not None else self.records.parent_of(self)
        if name == "title":
            return self.title()
        if name in SYSTEM_FIELDS and self.entity.parent is None:
            return self.row().get(name)
        raise KeyError(name)

    def feel_member(self, name: str) -> Any:
        """A member for FEEL; raises KeyError for a name that is none."""
        return self[name]

    def get(self, name: str, default: object = None) -> Any:
        """A member, or the default where there is none of that name: a record is a scope of names."""
        try:
            return self[name]
        except KeyError:
            return default

    def list_of(self, field: Field) -> list[Any]:
        """The records or values of a field that is not a column."""
        if field.name not in self.lists:
            self.records.load_list(self, field)
        return self.lists[field.name]

    def before(self) -> Record | None:
        """The record as it was before this step changed it; None where the step created it."""
        return None if self.old == {} else self.at(self.old)

    def at(self, values: dict[str, Any] | None) -> Record:
        """The record with other values of its columns (None: as it is), to look at only."""
        if values is None:
            return self
        frozen = Record(self.records, self.entity, self.id, values)
        frozen.lists = self.lists
        return frozen

    # ---- what readers see ----

    def title(self) -> str:
        """The record in a few words: its `title` expression, else its first text, else its number."""
        if self.entity.title is not None:
            return feel.to_text(self.entity.title(self.records.names(self), self.records.host)) or self._plain_title()
        return self._plain_title()

    def _plain_title(self) -> str:
        for name in ("name", "title", "number", "code", "subject"):
            field = self.entity.fields.get(name)
            if field is not None and field.stored and self.row().get(name):
                return feel.to_text(self.row()[name]) or ""
        text = next((f.name for f in self.entity.fields.values() if f.type == "text" and self.row().get(f.name)), None)
        return str(self.row()[text]) if text is not None else f"#{self.id}"

    def readable(self) -> bool:
        """Whether the step's user may read it."""
        return self.records.access.can("read", self)

    def visible_fields(self) -> Mapping[str, Field]:
        """The fields that are not hidden from the step's user."""
        return self.records.access.visible_fields(self)

    def currency(self) -> str | None:
        """The currency of its money: its `currency` field, its parent's for a line; None where neither says."""
        if self.entity.parent is not None:
            parent = self["parent"]
            return parent.currency() if parent is not None else None
        return self.row().get("currency") if "currency" in self.entity.fields else None

    def expect_version(self, version: int | None) -> None:
        """Raise StaleVersion unless the record is still at this version (None: any)."""
        if version is not None and version != self.version:
            who = self["updated_by"]
            raise StaleVersion(
                "{who} changed {title} meanwhile; load it again and repeat what you did",
                who=who.title() if who is not None else "The system", title=self.title(),
            )  # fmt: skip

    def evaluate(self, text: str) -> object:
        """A FEEL expression over the record, as typed by a person."""
        expression = feel.compile(text, self.records.scope_of(self.entity))
        return expression(self.records.names(self), self.records.host)

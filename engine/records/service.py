"""The records of a step: the one way in which anything reads or writes business data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select

from dsl import feel
from dsl.feel import Expression, ast
from dsl.feel.types import Scope
from engine.access import Access
from engine.errors import NotFound
from engine.model.model import Entity, Field
from engine.model.scopes import record_scope
from engine.records import bulk, filling, loading, marking, paging, preview, queries, saving, settling
from engine.records.history import Entry
from engine.records.names import RecordNames
from engine.records.record import Record
from engine.records.values import LARGEST_INTEGER, Reading

if TYPE_CHECKING:
    from engine.workspace import Step


Found = list[Record]  # `Records.list` hides the built-in name within its class
Timeline = list[Entry]


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list. `next` is the cursor of what follows, None at the end; `total` counts all matches when asked."""

    records: list[Record]
    next: str | None
    _count: Callable[[int | None], int] = field(repr=False)

    @property
    def total(self) -> int:
        return self._count(None)

    def total_up_to(self, most: int) -> int:
        """The total, or `most + 1` if there are more: what a page can show however long the list is."""
        return self._count(most)


@dataclass(frozen=True, slots=True)
class State:
    """How a field stands in a form for this person now."""

    visible: bool
    readonly: bool
    required: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a record would hold if it were saved now; nothing was written."""

    values: Record
    states: Mapping[str, State]


class Records:
    """Create, read, change, archive, list. As a person their permissions hold; under `step.as_engine()` the engine's do."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.model = step.model
        self.schema = step.schema
        self.connection = step.connection
        self.zone = step.model.settings.zone
        self.known: dict[tuple[str, int], Record] = {}
        self.dirty: dict[Record, bool] = {}  # in order; True: changed by more than recomputation
        self.unchecked: dict[Record, bool] = {}  # written, not yet checked; and whether by a person
        self.updated: list[tuple[Record, Record]] = []  # written, with what was there: processes may start on it
        self.touched: dict[str, dict[int, tuple[set[str], dict[str, Any]]]] = {}  # written, dependents not yet recomputed
        self.related: list[tuple[Record, str]] = []  # lists of related records that are loaded
        self.rounding = Reading(self.zone, exact=False)
        self.typing = Reading(self.zone, exact=True)
        self.exact = False  # an import: the engine's authority, but nothing is rounded

    @property
    def access(self) -> Access:
        return self.step.access

    @property
    def unbound(self) -> bool:
        """Whether read-only fields may be written: `readonly` binds people, neither the system nor the engine."""
        return self.step.engine or self.step.user is None

    @property
    def locale(self) -> str:
        return self.step.locale

    @cached_property
    def host(self) -> feel.Host:
        return self.step.host

    def names(self, record: Record, extra: Mapping[str, object] | None = None) -> RecordNames:
        """The scope of a record's expressions."""
        return RecordNames(self, record, extra)

    def scope_of(self, entity: Entity) -> Scope:
        """The types of the names in that scope, for expressions that people type."""
        return record_scope(self.model, entity.name)

    def label(self, shown: Field) -> str:
        return shown.label.in_(self.locale, self.model.settings.locale)

    # ---- reading ----

    def get(self, entity: str, number: int) -> Record:
        """One record that the user may read; NotFound otherwise, whether it exists or not. Archived ones are found too."""
        found = self.get_many(entity, [number]) if isinstance(number, int) and 0 < number <= LARGEST_INTEGER else []
        if not found or not (self.step.engine or self.access.can("read", found[0])):
            label = self.model.entities[entity].label.in_(self.locale) if entity in self.model.entities else entity
            raise NotFound("There is no {entity} {id}, or you may not see it", entity=label, id=number)
        return found[0]

    def get_many(self, entity: str, numbers: Iterable[int]) -> Found:
        """Records by id with the engine's authority, in order of id; missing ones are left out."""
        return loading.get_many(self, entity, numbers)

    def adopt(self, entity: Entity, rows: Iterable[Row[Any]]) -> Found:
        """Records of table rows: those known already keep their object."""
        return loading.adopt(self, entity, rows)

    def linked(self, record: Record, name: str, entity: str, number: int) -> Record | None:
        return loading.linked(self, record, name, entity, number)

    def load_list(self, record: Record, shown: Field) -> None:
        loading.load_list(self, record, shown)

    def reload(self, record: Record) -> None:
        loading.reload(self, record)

    def parent_of(self, line: Record) -> Record | None:
        table = self.schema.table(line.entity.name)
        assert line.entity.parent is not None
        number = self.connection.execute(select(table.c.parent_id).where(table.c.id == line.id)).scalar()
        found = self.get_many(line.entity.parent, [number]) if number is not None else []
        line.parent = found[0] if found else None
        return line.parent

    def list(
        self, entity: str, *, filter: str | Expression | None = None, view: str | None = None, sort: Sequence[str] = (),
        limit: int = 25, cursor: str | None = None, search: str = "", archived: bool = False,
    ) -> Page:  # fmt: skip
        """A page of the records that the user may read. `sort` are paths, `-` before one sorts downwards."""
        wanted = queries.Wanted(entity, filter, view, tuple(sort), search, archived)
        records, following = paging.page(self, wanted, limit, cursor)
        return Page(records, following, lambda most: queries.count(self, wanted, most))

    def find(self, entity: str, condition: str | Expression | None = None, names: Mapping[str, object] | None = None) -> Found:
        """All records for which a condition holds, in order of id; `names` are further names that it may use."""
        return queries.find(self, entity, condition, names or {})

    def count(
        self, entity: str, filter: str | Expression | None = None, *, view: str | None = None, most: int | None = None
    ) -> int:
        """How many records a list of the same arguments goes through; with `most`, counting ends at `most + 1`."""
        return queries.count(self, queries.Wanted(entity, filter, view), most)

    def sums(
        self, entity: str, fields: Sequence[str], filter: str | Expression | None = None, *, view: str | None = None, search: str = ""
    ) -> dict[str, Any]:
        """The sums of stored numbers over all records that a list of the same arguments goes through."""
        return queries.sums(self, queries.Wanted(entity, filter, view, search=search), fields)

    def sql(self, entity: str, text: str) -> str:
        """The SQL of a filter, for people who want to see it."""
        return queries.shown(self, entity, text)

    def field_at(self, entity: str, path: str) -> Field | None:
        """The field at the end of a path over links (`customer.name`), if the user may see all of it."""
        return queries.field_at(self, entity, path)

    def query(self, node: ast.Query, scope: Any, items: Sequence[object], *, guarded: bool = False) -> object:
        """`lookup`, `lookup all`, `exists`, `count of` in an expression (see `dsl.feel.Host`); with `guarded`, over what the step's
        user may read.
        """
        return queries.query(self, node, scope, items, guarded=guarded)

    def history(self, record: Record) -> Timeline:
        return self.step.history.of(record)

    # ---- writing ----

    def create(self, entity: str, values: Mapping[str, Any], *, confirm: bool = False) -> Record:
        """A new record with its lines: defaults, number, computed fields, checks. Raises ValidationFailed with all problems."""
        return saving.create(self, entity, values, confirm=confirm)

    def update(self, record: Record, values: Mapping[str, Any], *, version: int | None = None, confirm: bool = False) -> Record:
        """Change a record as the step's user. Lines that are given replace the old, save those that keep their `id`."""
        return saving.update(self, record, values, version=version, confirm=confirm)

    def write(self, record: Record, values: Mapping[str, Any]) -> None:
        """Assign with the engine's authority; checked when the activity ends (`settle`)."""
        saving.write(self, record, values)

    def assign(self, record: Record, name: str, stored: Any) -> None:
        marking.assign(self, record, name, stored)

    def archive(self, record: Record, *, version: int | None = None) -> None:
        """Delete a record: it is archived, and what links to it follows `on_delete`. A line is removed."""
        saving.archive(self, record, version=version)

    def settle(self) -> None:
        """Write what has changed, recompute what reads it, and check values and rules."""
        settling.settle(self)

    def flush(self) -> None:
        """Write what has changed and recompute what reads it; values and rules are checked when the activity ends."""
        settling.flush(self)

    def expire(self) -> None:
        """Forget what is loaded, after a savepoint was rolled back; records load again when they are asked."""
        self.dirty.clear()
        self.touched.clear()
        self.updated.clear()
        for record in self.known.values():
            record.values = record.old = record.stored = None
            record.lists.clear()
            record.changed.clear()

    def read_inputs(self, fields: Mapping[str, Field], values: Mapping[str, Any]) -> dict[str, Any]:
        """Values of inputs that are no fields of a record (forms, variables), as FEEL has them."""
        return filling.read_inputs(self, fields, values)

    def update_where(self, entity: str, condition: ast.Node | None, values: Mapping[str, ast.Node], scope: Any) -> int:
        """`update … where … set …`: the rows are locked first, so that two steps cannot both take the last unit."""
        return bulk.update_where(self, entity, condition, values, scope)

    def delete_where(self, entity: str, condition: ast.Node | None, scope: Any) -> int:
        return bulk.delete_where(self, entity, condition, scope)

    def preview(self, entity: str, values: Mapping[str, Any], record: Record | None = None) -> Preview:
        """The record as it would be with these values, and how its fields stand; nothing is written."""
        return preview.preview(self, entity, values, record)

"""Lists, counts and look-ups: FEEL conditions as SQL, the reader's permissions always applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, and_, func, or_, select, true

from dsl import feel
from dsl.feel import Expression, ast
from dsl.feel.sql import NotSql, compile_sql
from dsl.feel.types import ANY, RecordOf, Type
from dsl.problems import InvalidText
from engine.errors import TradewindError
from engine.model.checker import walk
from engine.model.model import Entity, Field, Model
from engine.model.scopes import names_of, row_scope
from engine.records.host import ReaderHost
from engine.records.record import Record
from engine.store import search

if TYPE_CHECKING:
    from engine.records.service import Records


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records of an entity are asked for."""

    entity: str
    filter: str | Expression | None = None
    view: str | None = None
    sort: tuple[str, ...] = ()
    search: str = ""
    archived: bool = False


class EntityTables:
    """Where an entity's data is, for `dsl.feel.sql`. `guarded` holds only what the step's user may read: for conditions that a
    person types, who else could ask for the values of hidden records one by one.
    """

    functions: frozenset[str] = frozenset()

    def __init__(self, records: Records, *, guarded: bool = False) -> None:
        self.records = records
        self.guarded = guarded
        self.dialect = records.connection.dialect.name
        self.names = names_of(records.model)

    def column(self, entity: str, alias: FromClause, field: str) -> ColumnElement[Any]:
        return alias.c["parent_id" if field == "parent" else field]

    def type(self, entity: str, field: str) -> Type:
        return (self.names.members(entity) or {})[field]

    def alias(self, entity: str) -> FromClause:
        return readable_rows(self.records, entity) if self.guarded else self.records.schema.table(entity).alias()

    def rows(self, entity: str) -> tuple[FromClause, ColumnElement[bool]]:
        alias = self.alias(entity)
        return alias, alias.c.archived.is_(False)

    def related(self, entity: str, alias: FromClause, field: str) -> tuple[str, FromClause, ColumnElement[bool]]:
        schema = self.records.schema
        described = self.records.model.entities[entity].fields[field]
        if described.lines is not None:
            lines = schema.table(described.lines.name).alias()
            return described.lines.name, lines, lines.c.parent_id == alias.c.id
        if described.source is not None:
            other, link = described.source
            target = self.alias(other)
            condition = target.c[link] == alias.c.id
            return other, target, condition & target.c.archived.is_(False) if "archived" in target.c else condition
        join = schema.join_table(entity, field).alias()
        if described.type == "choices":
            return "", join, join.c.owner_id == alias.c.id
        assert described.to is not None
        target = self.alias(described.to)
        joined = select(join.c.target_id).where(join.c.owner_id == alias.c.id)
        return described.to, target, target.c.id.in_(joined)


def readable_rows(records: Records, entity: str) -> FromClause:
    """An entity's table under a fresh name, without the rows that the step's user may not read. People and departments are known
    to everybody, as they are wherever they own something.
    """
    table = records.schema.table(entity).alias()
    if records.step.engine or entity in ("user", "department"):
        return table
    rule = records.access.row_filter("read", entity, table)
    return table if rule is None else select(table).where(rule).subquery()


def require_shallow(records: Records, condition: Expression) -> None:
    """Refuse to go on from what a look-up finds, but to its own fields: over its links lies what the reader may not see. What a
    condition asks besides its rows is evaluated in Python, where no row rule is in the way.
    """
    if records.step.engine or records.unbound:
        return
    for node in walk(condition.ast):
        match node:
            case ast.Path(base=ast.Query()):
                goes_on = False
            case ast.Path(base=base) | ast.Filter(base=base) | ast.Iterator(source=base):
                goes_on = looks_up(base)
            case ast.Call(args=args):
                goes_on = looks_up(args) and any(isinstance(each, ast.FunctionNode) for each in args)
            case _:
                goes_on = False
        if goes_on:
            template = "'{text}' cannot filter a list: {reason}"
            reason = "from a look-up only its own fields can be read"
            raise TradewindError(template, code="not_sql", text=condition.text, reason=reason)


def looks_up(node: object) -> bool:
    return any(isinstance(part, ast.Query) and part.kind.startswith("lookup") for part in walk(node))


@lru_cache(maxsize=4096)
def value_of(node: ast.Node) -> Callable[..., Any]:
    return feel.build_row_condition(node)


def binder(records: Records, names: Any, items: Sequence[object] = (), *, guarded: bool = False) -> Callable[[ast.Node], object]:
    """Evaluates the parts of a condition that do not depend on the row."""
    host = ReaderHost(records.step) if guarded else records.host
    return lambda node: value_of(node)(None, names, items, host)


@lru_cache(maxsize=1024)
def condition_of(model: Model, entity: str, text: str, names: tuple[tuple[str, Type], ...] = ()) -> Expression:
    """A condition as a person types it, checked against the model. Raises InvalidText."""
    checked = feel.check_condition(text, row_scope(model).with_names(dict(names)), entity)
    if checked.expression is None:
        raise InvalidText(checked.problems)
    return checked.expression


def type_of(value: object) -> Type:
    return RecordOf(value.entity.name) if isinstance(value, Record) else ANY


class OuterNames:
    """Names around a condition: those given, then user and workspace."""

    __slots__ = ("_given", "_records")

    def __init__(self, records: Records, given: Mapping[str, object]) -> None:
        self._records = records
        self._given = given

    def get(self, name: str, default: object = None) -> Any:
        if name in self._given:
            return self._given[name]
        if name == "user":
            return self._records.step.user
        return self._records.step.workspace_context() if name == "workspace" else default


def where(records: Records, wanted: Wanted, alias: FromClause, *, by_index: bool = True) -> ColumnElement[bool]:
    """The whole condition of a list: not archived, readable, the view's filter, the reader's filter, the search."""
    entity = entity_of(records, wanted.entity)
    parts: list[ColumnElement[bool]] = [] if wanted.archived else [alias.c.archived.is_(False)]
    if not records.step.engine:
        rule = records.access.row_filter("read", wanted.entity, alias)
        parts += [rule] if rule is not None else []
    if isinstance(wanted.filter, str):
        typed = condition_of(records.model, entity.name, wanted.filter)
        records.access.require_visible(typed, entity.name)
        require_shallow(records, typed)
        parts.append(translated(records, typed, alias, entity, guarded=True))
    elif wanted.filter is not None:
        parts.append(translated(records, wanted.filter, alias, entity))
    if wanted.view is not None:
        if wanted.view not in entity.views:
            raise TradewindError("{entity} has no view '{view}'", code="unknown_view", entity=entity.name, view=wanted.view)
        declared = entity.views[wanted.view].filter
        if declared is not None:
            parts.append(translated(records, declared, alias, entity))
    if wanted.search.strip():
        parts.append(matching(records, entity, alias, wanted.search.strip(), by_index=by_index))
    return and_(true(), *parts)


def translated(
    records: Records, expression: Expression, alias: FromClause, entity: Entity, *, guarded: bool = False
) -> ColumnElement[bool]:
    try:
        return sql_of(records, expression.ast, alias, entity.name, OuterNames(records, {}), guarded=guarded)
    except NotSql as error:
        template = "'{text}' cannot filter a list: {reason}"
        raise TradewindError(template, code="not_sql", text=expression.text, reason=error.reason) from None


def sql_of(
    records: Records, node: ast.Node, alias: FromClause, entity: str, names: Any, items: Sequence[object] = (), *,
    guarded: bool = False,
) -> ColumnElement[bool]:  # fmt: skip
    """A condition on rows of `alias` as SQL. Raises NotSql."""
    tables, bind = EntityTables(records, guarded=guarded), binder(records, names, items, guarded=guarded)
    return compile_sql(node, tables, bind, entity=entity, alias=alias)


def matching(records: Records, entity: Entity, alias: FromClause, text: str, *, by_index: bool) -> ColumnElement[bool]:
    """Rows that hold the text in a field that is searched and that the reader may see."""
    visible = records.access.visible_fields(entity)
    fields = [field for field in search.searched_fields(entity) if field.name in visible]
    if not fields:
        return alias.c.id == (int(text) if text.isdigit() else -1)
    pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    found = or_(*(alias.c[field.name].ilike(pattern, escape="\\") for field in fields))
    likely = search.candidates(records.connection.dialect.name, entity, alias, text) if by_index else None
    return found if likely is None else likely & found


def entity_of(records: Records, name: str) -> Entity:
    entity = records.model.entities.get(name)
    if entity is None or entity.parent is not None:
        raise TradewindError("There is no entity '{name}'", code="unknown_entity", name=name)
    return entity


# ---- figures ----


def count(records: Records, wanted: Wanted, most: int | None = None) -> int:
    """How many records there are; with `most`, counting ends beyond it: `most + 1` says that there are more."""
    records.flush()
    table = records.schema.table(entity_of(records, wanted.entity).name)
    found = select(table.c.id).where(where(records, wanted, table))
    found = found if most is None else found.limit(most + 1)
    return int(records.connection.execute(select(func.count()).select_from(found.subquery())).scalar_one())


def sums(records: Records, wanted: Wanted, fields: Sequence[str]) -> dict[str, Any]:
    """The sum of each of these stored numbers over all matches; None where there is nothing to add."""
    if not fields:
        return {}
    records.flush()
    table = records.schema.table(entity_of(records, wanted.entity).name)
    query = select(*(func.sum(table.c[name]).label(name) for name in fields)).where(where(records, wanted, table))
    return dict(records.connection.execute(query).mappings().one())


# ---- look-ups ----


def find(records: Records, entity: str, condition: str | Expression | None, given: Mapping[str, object]) -> list[Record]:
    expression = condition
    if isinstance(condition, str):
        types = tuple((name, type_of(value)) for name, value in given.items())
        expression = condition_of(records.model, entity, condition, types)
    node = expression.ast if isinstance(expression, Expression) else None
    return rows_where(records, entity, node, OuterNames(records, given), readable=not records.step.engine)


def rows_where(
    records: Records, entity: str, node: ast.Node | None, names: Any, items: Sequence[object] = (), *,
    readable: bool = False, lock: bool = False, guarded: bool = False,
) -> list[Record]:  # fmt: skip
    """Records (or lines) for which a condition holds, in order of id; what SQL cannot say is evaluated in Python, unless it is
    `guarded`: then NotSql is raised.
    """
    records.flush()
    described = records.model.entities[entity]
    table = records.schema.table(entity)
    query = select(table).order_by(table.c.id)
    if described.parent is None:
        query = query.where(table.c.archived.is_(False))
    if readable and (rule := records.access.row_filter("read", entity, table)) is not None:
        query = query.where(rule)
    in_python = False
    if node is not None:
        try:
            query = query.where(sql_of(records, node, table, entity, names, items, guarded=guarded))
        except NotSql:
            if guarded:
                raise
            in_python = True
    rows = records.connection.execute(query.with_for_update(key_share=True) if lock else query).all()
    found = records.adopt(described, rows)
    if lock:
        refresh(found, rows)
    if in_python:
        assert node is not None
        test = value_of(node)
        found = [record for record in found if test(record, names, items, records.host) is True]
    return found


def refresh(found: Sequence[Record], rows: Sequence[Any]) -> None:
    """Locked rows are the newest: what was loaded before them gives way."""
    for record, row in zip(found, rows, strict=True):
        if not record.changed:
            record.values = dict(row._mapping)


def query(records: Records, node: ast.Query, names: Any, items: Sequence[object], *, guarded: bool = False) -> object:
    """What a look-up gives; with `guarded`, over the records that the step's user may read."""
    found = rows_where(records, node.entity, node.condition, names, items, readable=guarded, guarded=guarded)
    if node.kind in ("exists", "count of"):
        return bool(found) if node.kind == "exists" else len(found)
    if node.kind == "lookup all":
        return found
    if len(found) > 1:
        label = records.model.entities[node.entity].label.in_(records.locale)
        raise TradewindError("lookup found {count} records of {entity} where one was expected", code="several",
                             count=len(found), entity=label)  # fmt: skip
    return found[0] if found else None


def shown(records: Records, entity: str, text: str) -> str:
    table = records.schema.table(entity_of(records, entity).name)
    expression = condition_of(records.model, entity, text)
    statement = select(table.c.id).where(translated(records, expression, table, records.model.entities[entity]))
    return str(statement.compile(dialect=records.connection.dialect, compile_kwargs={"literal_binds": True}))


def hidden(records: Records, entity: Entity, name: str) -> bool:
    if records.step.engine or name not in entity.fields:
        return False
    return name not in records.access.visible_fields(entity)


def field_at(records: Records, entity: str, path: str) -> Field | None:
    current, found = records.model.entities[entity], None
    parts = path.split(".")
    for i, part in enumerate(parts):
        found = current.fields.get(part)
        if found is None or hidden(records, current, part):
            return None
        if i < len(parts) - 1:
            if found.target is None:
                return None
            current = records.model.entities[found.target]
    return found

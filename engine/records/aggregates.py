"""Sums and counts over related records, kept up to date by what changed: the cost is that of the changed rows.

`sum(orders.total)`, `count(orders)` and both with a filter over the related record's own columns are maintained so:
what a changed row contributed before is taken off, what it contributes now is added, on the locked row of its owner. The result
is what the expression gives: where a value is null, which makes a sum null, the expression itself is asked. Compare incremental view
maintenance (Gupta and Mumick 1995).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dsl.feel import ast, build_row_condition
from dsl.feel.builtins import BUILT_INS, CLOCK
from engine.access.grants import Same
from engine.model.model import Entity, Field, Model
from engine.records.record import Record

if TYPE_CHECKING:
    from engine.records.service import Records

Touched = Mapping[str, Mapping[int, tuple[set[str], dict[str, Any]]]]
Deltas = dict[str, dict[int, dict[str, Decimal | None]]]  # by entity, id and field; None: to be evaluated anew


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A maintained field: `field` of `entity` is the sum of `member` (None: the count) over the `source` records whose `link` is
    the record and for which `condition` holds. `reads` are the columns of the source that it depends on.
    """

    entity: str
    field: str
    source: str
    link: str
    member: str | None
    condition: Any
    reads: frozenset[str]


@lru_cache(maxsize=16)
def of_model(model: Same) -> Mapping[str, tuple[Aggregate, ...]]:
    """The maintained fields of a model, by the entity that they read."""
    found: dict[str, tuple[Aggregate, ...]] = {}
    for entity in model.model.entities.values():
        for field in entity.fields.values():
            aggregate = recognized(model.model, entity, field)
            if aggregate is not None:
                found[aggregate.source] = (*found.get(aggregate.source, ()), aggregate)
    return found


def maintained(model: Model) -> frozenset[tuple[str, str]]:
    """Entity and name of the fields that are not computed anew when their record changes."""
    return _maintained(Same(model))


@lru_cache(maxsize=16)
def _maintained(model: Same) -> frozenset[tuple[str, str]]:
    return frozenset((each.entity, each.field) for some in of_model(model).values() for each in some)


def recognized(model: Model, entity: Entity, field: Field) -> Aggregate | None:
    """The aggregate that a computed field is, if it is one that can be maintained exactly."""
    tree = field.compute.ast if field.compute is not None else None
    if entity.parent is not None or not isinstance(tree, ast.Call) or not isinstance(tree.function, ast.Name):
        return None
    if tree.function.name not in ("sum", "count") or len(tree.args) != 1 or tree.names is not None:
        return None
    over: ast.Node = tree.args[0]
    member: str | None = None
    condition: ast.Node | None = None
    if tree.function.name == "sum":
        if not isinstance(over, ast.Path):
            return None
        member, over = over.member, over.base
    if isinstance(over, ast.Filter):
        condition, over = over.condition, over.base
    related = entity.fields.get(_name(over))
    if related is None or related.source is None or related.type != "related":
        return None
    source = model.entities[related.source[0]]
    reads = _reads(source, member, condition)
    if source.parent is not None or reads is None or not _exact(field, source, member):
        return None
    compiled = build_row_condition(condition) if condition is not None else None
    return Aggregate(entity.name, field.name, source.name, related.source[1], member, compiled, reads | {related.source[1]})


def _name(node: ast.Node) -> str:
    """The field of the record that a node is: `orders` or `record.orders`."""
    if isinstance(node, ast.Path) and isinstance(node.base, ast.Name) and node.base.name == "record":
        return node.member
    return node.name if isinstance(node, ast.Name) else ""


def _exact(field: Field, source: Entity, member: str | None) -> bool:
    """Whether adding differences gives the same digits as adding all: the field holds every digit of the summands."""
    if member is None:
        return field.type in ("integer", "decimal")
    summed = source.fields.get(member)
    if summed is None or not summed.stored or summed.type not in ("integer", "decimal", "money", "percent"):
        return False
    if field.type == "integer":
        return summed.type == "integer"
    return field.type in ("decimal", "money") and (field.scale or 0) >= (summed.scale or 0)


def _reads(source: Entity, member: str | None, condition: ast.Node | None) -> frozenset[str] | None:
    """The columns of the source that an aggregate reads; None if it reads anything else."""
    found = {member} if member is not None else set()
    for node in _walk(condition):
        match node:
            case ast.Path(base=ast.Item(depth=0), member=name):
                if name not in source.fields or not source.fields[name].stored or source.fields[name].to is not None:
                    return None
                found.add(name)
            case ast.Call(function=ast.Name(name=name)) if name in BUILT_INS and name not in CLOCK:
                pass
            case ast.Name() | ast.Query() | ast.Call() | ast.FunctionNode() | ast.For() | ast.Quantified() | ast.Filter():
                return None
            case ast.Item():
                pass
    return frozenset(found)


def _walk(node: object) -> Iterator[ast.Node]:
    """All nodes of a condition; of a path from the item and of a call's function only themselves."""
    if isinstance(node, tuple):
        for each in node:
            yield from _walk(each)
    elif isinstance(node, ast.Node):
        yield node
        if not (isinstance(node, ast.Path) and isinstance(node.base, ast.Item)):
            for part in (node.args,) if isinstance(node, ast.Call) else ast.parts(node):
                yield from _walk(part)


def deltas(records: Records, touched: Touched) -> Deltas:
    """By how much each maintained field of each record has to change, after these rows were written."""
    found: Deltas = {}
    for source, rows in touched.items():
        for aggregate in of_model(Same(records.model)).get(source, ()):
            for number, (fields, old) in rows.items():
                if aggregate.reads & fields:
                    now = records.known.get((source, number)) or records.get_many(source, [number])[0]
                    _change(found, aggregate, _contribution(records, aggregate, now, old), -1)
                    _change(found, aggregate, _contribution(records, aggregate, now, now.row()), 1)
    return found


def _change(found: Deltas, aggregate: Aggregate, contribution: tuple[int, Decimal | None] | None, sign: int) -> None:
    if contribution is None:
        return
    owner, value = contribution
    fields = found.setdefault(aggregate.entity, {}).setdefault(owner, {})
    before = fields.get(aggregate.field, Decimal(0))
    fields[aggregate.field] = None if before is None or value is None else before + sign * value


def _contribution(
    records: Records, aggregate: Aggregate, record: Record, row: Mapping[str, Any]
) -> tuple[int, Decimal | None] | None:
    """To whose field a row contributes how much; None if to nobody's."""
    owner = row.get(aggregate.link)
    if owner is None or row.get("archived"):
        return None
    if aggregate.condition is not None:
        seen = record.at(dict(row))
        if aggregate.condition(seen, records.names(seen), (), records.host) is not True:
            return None
    return int(owner), Decimal(1) if aggregate.member is None else row.get(aggregate.member)

"""A process instance as it stands in the database, and its working copy in a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from engine.process.names import peek
from engine.process.state import State, Token, from_json, to_json
from engine.process.values import decode, encode
from engine.records import Record

if TYPE_CHECKING:
    from engine.workspace import Step


@dataclass(slots=True)
class Instance:
    """One running or ended case of a process. `variables` are FEEL values; `scopes` those of its sub-processes, and
    `lists` the items and results of `foreach`, by token.

    `parent` and `parent_token` name the call activity that started it.
    """

    id: int
    process: str
    version: str
    entity: str | None
    record_id: int | None
    initiator_id: int | None
    status: str  # running, completed, failed, cancelled
    state: State
    started_at: datetime
    ended_at: datetime | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, dict[str, Any]] = field(default_factory=dict)
    scopes: dict[str, dict[str, Any]] = field(default_factory=dict)
    parent: int | None = None
    parent_token: int | None = None
    error: str = ""  # with which it failed, while the step lasts
    message: str = ""

    @property
    def tokens(self) -> Sequence[Token]:
        return self.state.tokens


def create(step: Step, instance: Instance, *, lifecycle: bool) -> Instance:
    """Write a new instance; its id is given."""
    table = step.schema.instance
    row = insert(table).values(
        process=instance.process,
        version=instance.version,
        entity=instance.entity,
        record=instance.record_id,
        initiator=instance.initiator_id,
        lifecycle=lifecycle,
        parent=instance.parent,
        parent_token=instance.parent_token,
        started_at=instance.started_at,
        **_changing(instance),
    )
    instance.id = step.connection.execute(row.returning(table.c.id)).scalar_one()
    return instance


def store(step: Step, instance: Instance) -> None:
    """Write what changes in an instance's life."""
    table = step.schema.instance
    step.connection.execute(update(table).where(table.c.id == instance.id).values(**_changing(instance)))


def load(step: Step, ids: Sequence[int], *, lock: bool = False) -> list[Instance]:
    """Instances by id, in order of id. `lock` keeps other steps from changing them until the commit."""
    if not ids:
        return []
    table = step.schema.instance
    query = select(table).where(table.c.id.in_(ids)).order_by(table.c.id)
    if lock:
        query = query.with_for_update()
    return [_from_row(step, row) for row in step.connection.execute(query).mappings()]


def running_of(step: Step, record: Record) -> list[int]:
    """The ids of the record's running instances."""
    table = step.schema.instance
    query = select(table.c.id).where(
        table.c.entity == record.entity.name, table.c.record == record.id, table.c.status == "running"
    )
    return list(step.connection.execute(query.order_by(table.c.id)).scalars())


def called_by(step: Step, case: int, token: int) -> list[int]:
    """The ids of the running instances that a call activity's token started."""
    table = step.schema.instance
    query = select(table.c.id).where(
        table.c.parent == case, table.c.parent_token == token, table.c.status == "running"
    )
    return list(step.connection.execute(query.order_by(table.c.id)).scalars())


def _changing(instance: Instance) -> dict[str, object]:
    return {
        "status": instance.status,
        "ended_at": instance.ended_at,
        "state": to_json(instance.state),
        "variables": {
            "values": _encoded(instance.variables),
            **({"lists": {token: _encoded(held) for token, held in instance.lists.items()}} if instance.lists else {}),
            **({"scopes": {token: _encoded(held) for token, held in instance.scopes.items()}} if instance.scopes else {}),
        },
    }


def _encoded(values: Mapping[str, Any]) -> dict[str, object]:
    return {name: encode(value) for name, value in values.items()}


def _from_row(step: Step, row: Any) -> Instance:
    def record(entity: str, number: int) -> Record | None:
        return peek(step, entity, number)

    def decoded(values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: decode(value, record) for name, value in values.items()}

    held = row["variables"] or {}
    return Instance(
        id=row["id"],
        process=row["process"],
        version=row["version"],
        entity=row["entity"],
        record_id=row["record"],
        initiator_id=row["initiator"],
        status=row["status"],
        state=from_json(row["state"]),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        variables=decoded(held.get("values", {})),
        lists={token: decoded(lists) for token, lists in held.get("lists", {}).items()},
        scopes={token: decoded(values) for token, values in held.get("scopes", {}).items()},
        parent=row["parent"],
        parent_token=row["parent_token"],
    )

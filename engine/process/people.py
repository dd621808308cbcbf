"""Who a task is for: expressions that yield people, candidates, and the rules of an approval's seats."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.model.processes import Node
from engine.process.instance import Instance
from engine.process.names import key, peek
from engine.records import Record

if TYPE_CHECKING:
    from engine.workspace import Step


def people(value: object) -> list[Record]:
    """The active users in a value (one, or nested lists), each once and in order; nulls and leavers are left out."""
    found = [
        user for user in _flat(value) if isinstance(user, Record) and user.entity.name == "user" and user["active"]
    ]
    return list({user.id: user for user in found}.values())


def _flat(value: object) -> Iterable[object]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _flat(item)
    elif value is not None:
        yield value


def admins(step: Step) -> list[Record]:
    """The active users with the built-in role admin."""
    return people(step.host.call("users with role", ["admin"]))


def seats(step: Step, node: Node, instance: Instance, found: list[Record]) -> tuple[list[Record], dict[int, str]]:
    """The approvers of a round and those who are approved automatically, by the node's `self` and `dedupe` (design:
    approvals, "Who").
    """
    initiator = peek(step, "user", instance.initiator_id)
    users: dict[int, Record] = {}
    votes: dict[int, str] = {}
    for user in found:
        if initiator is not None and user == initiator and node.self_ != "allow":
            if node.self_ == "skip":
                votes[key(user)] = "self"
            else:
                manager: Any = initiator["manager"]
                if manager is None or not manager["active"]:
                    continue
                user = manager
        users.setdefault(key(user), user)
    if node.dedupe != "none":
        before = _approved_before(step, instance, last_node_only=node.dedupe == "successive")
        votes |= {user: "dedupe" for user in users if user in before}
    return list(users.values()), votes


def _approved_before(step: Step, instance: Instance, *, last_node_only: bool) -> set[int]:
    """Who approved in this instance: anywhere, or at the approval node that was decided last."""
    task = step.schema.task
    query = (
        select(task.c.node, task.c.closed_by)
        .where(task.c.instance == instance.id, task.c.kind == "approval", task.c.outcome == "approve")
        .order_by(task.c.closed_at.desc(), task.c.id.desc())
    )
    rows = step.connection.execute(query).all()
    return {row.closed_by for row in rows if not last_node_only or row.node == rows[0].node}


def may_claim(step: Step, candidates: Iterable[tuple[str, str]]) -> bool:
    """Whether the step's user is among a task's candidates: by person, role or department."""
    mine = set(candidate_keys(step))
    return any(candidate in mine for candidate in candidates)


def candidate_keys(step: Step) -> list[tuple[str, str]]:
    """How the step's user is named among candidates."""
    user = step.user
    if user is None:
        return []
    department: Any = user["department"]
    keys = [("user", str(user.id))] + [("role", role) for role in user["roles"]]
    if department is not None:
        keys.append(("department", department["name"]))
    return keys

"""Who may do an action or an operation of a task (spec 1.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.processes import Action, Node
from engine.records import Record

if TYPE_CHECKING:
    from engine.workspace import Step

VOTES = ("approve", "reject")
ALLOWED = (
    "return",
    "delegate",
    "transfer",
    "add_signer",
)  # what an approval permits beyond the vote, unless it says so


def votes(node: Node) -> tuple[str, ...]:
    """How the holder of a seat may vote."""
    return (*VOTES, "abstain") if permits(node, "abstain") else VOTES


def may_act(step: Step, record: Record, action: Action) -> bool:
    """Whether the user may do a state's action: who reads the record and has one of its roles, or a grant that names
    it.

    With neither given anywhere, those who may update the record.
    """
    user = step.user
    if user is None or "admin" in step.access.roles:
        return True
    if not step.access.can("read", record):
        return False
    mine = set(step.access.roles)
    entity = record.entity.name
    grants = {name: role.grants[entity] for name, role in step.model.roles.items() if entity in role.grants}
    if any(action.name in grant.deny for name, grant in grants.items() if name in mine):
        return False
    naming = {name for name, grant in grants.items() if action.name in grant.actions}
    if not action.roles and not naming:
        return step.access.can("update", record)
    return bool(mine & (naming | set(action.roles)))


def permits(node: Node, operation: str) -> bool:
    """Whether the node lets its holder do an operation beyond completing the task."""
    if node.type == "approval":
        return operation in (ALLOWED if node.allow is None else node.allow)
    return True

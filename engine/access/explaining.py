"""Why somebody may do something or not, in sentences: `tradewind explain-access`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dsl.feel import Expression
from engine.access import concerns
from engine.access.grants import ADMIN, OPERATIONS, PEOPLE, Rights
from engine.model.model import Scope

if TYPE_CHECKING:
    from engine.access.access import Access
    from engine.access.scopes import Person
    from engine.records import Record


def explain(access: Access, entity: str, record: Record | None) -> list[str]:
    person = access.person
    assert person is not None
    name = f"{entity} {record.id}" if record is not None else entity
    roles = ", ".join(sorted(person.roles)) or "no roles"
    lines = [f"{person.user['login']} ({roles}) and {name}"]
    if entity not in access.step.model.entities:
        return [*lines, f"There is no entity '{entity}'"]
    if not person.user.row()["active"] or person.user.row()["archived"]:
        return [*lines, "nothing: the person is not active"]
    if ADMIN in person.roles:
        return [*lines, "everything: by the role admin"]
    rights = access.rights(entity)
    for operation in OPERATIONS:
        yes = access.can(operation, record if record is not None and operation not in ("create", "import") else entity)
        lines.append(f"{operation}: {'yes' if yes else 'no'}")
        lines.extend(f"  {reason}" for reason in reasons(access, person, rights, operation, record))
    lines.extend(fields(rights))
    return lines


def reasons(access: Access, person: Person, rights: Rights, operation: str, record: Record | None) -> Iterator[str]:
    denying = [role for role, grant in rights.grants.items() if operation in grant.deny]
    if denying:
        yield f"denied by the role {', '.join(denying)}, which wins over every grant"
    granted = rights.scopes_by_role(operation)
    for role, scope in granted.items():
        yield f"the role {role} grants {worded(scope)}" + outcome(person, scope, operation, record)
    if operation != "read":
        if not granted and not denying:
            yield "no role grants it"
        return
    if rights.entity.name in PEOPLE:
        yield "everybody may see people and departments"
    elif record is not None and not denying and concerns.concerned(person, record):
        yield "has, may claim or did a task on it"
    elif not granted and not denying:
        yield "no role grants it"


def worded(scope: Scope | Expression) -> str:
    if isinstance(scope, Expression):
        return f"where {scope.text}"
    return {
        "all": "all", "own": "own records", "department": "records of the own department's people",
        "department_tree": "records of the people in the own department and below it",
    }.get(scope, scope)  # fmt: skip


def outcome(person: Person, scope: Scope | Expression, operation: str, record: Record | None) -> str:
    if record is None or operation in ("create", "import"):
        return ""
    held = record["parent"] if record.entity.parent is not None else record
    return ": holds" if person.holds(scope, held) else ": does not hold"


def fields(rights: Rights) -> Iterator[str]:
    hidden = [name for name in rights.entity.fields if name not in rights.visible]
    locked = [name for name in rights.entity.fields if name in rights.visible and name not in rights.writable]
    if hidden:
        yield f"hidden fields: {', '.join(hidden)}"
    if locked and rights.writable:
        yield f"locked fields: {', '.join(locked)}"
    for role, grant in rights.grants.items():
        given = ", ".join(f"{name} {right}" for name, right in grant.fields.items())
        if given:
            yield f"  the role {role} says: {given}"

"""The access of a step's user: operations, rows, fields; and how people prove who they are."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, FromClause, and_, false, or_, select

from dsl.feel import Expression
from dsl.feel.paths import row_paths
from engine.access import concerns, credentials, explaining
from engine.access.grants import ADMIN, Rights, Same, rights_of
from engine.access.scopes import Person
from engine.errors import AccessDenied
from engine.model.model import Entity, Field, Scope

if TYPE_CHECKING:
    from engine.records import Record
    from engine.workspace import Step

SYSTEM_PEOPLE = ("owner", "created_by", "updated_by")
REFUSED = {  # by operation: of one record, of any
    "read": ("You may not see this {entity}", "You may not see any {entity}"),
    "create": ("You may not create this {entity}", "You may not create any {entity}"),
    "update": ("You may not change this {entity}", "You may not change any {entity}"),
    "delete": ("You may not delete this {entity}", "You may not delete any {entity}"),
    "import": ("You may not import this {entity}", "You may not import any {entity}"),
    "export": ("You may not export this {entity}", "You may not export any {entity}"),
    "purge": ("You may not purge this {entity}", "You may not purge any {entity}"),
}


class Access:
    """What the step's user may do. The system, the engine acting (`step.as_engine()`) and admins may do everything.

    `person` lets somebody else's access be asked for (`explain`); without it, it is the step's user.
    """

    def __init__(self, step: Step, person: Person | None = None) -> None:
        self.step = step
        self._given = person
        self._found: Person | None = None

    @property
    def person(self) -> Person | None:
        """The user with their roles and departments; None for the system."""
        user = self.step.user
        if self._given is not None or user is None:
            return self._given
        if self._found is None or self._found.user is not user:
            self._found = Person(self.step, user)
        return self._found

    @property
    def roles(self) -> frozenset[str]:
        """The roles of the step's user; none for the system."""
        person = self.person
        return person.roles if person is not None else frozenset()

    def _bound(self) -> Person | None:
        """The person whom grants bind; None where everything is allowed."""
        if self.step.engine and self._given is None:
            return None
        person = self.person
        return None if person is None or ADMIN in person.roles else person

    def rights(self, entity: str) -> Rights:
        """The folded grants on an entity; for lines, those on the entity that they belong to."""
        return rights_of(self.step.model, self.roles, self._root(self.step.model.entities[entity]).name)

    def _root(self, entity: Entity) -> Entity:
        return entity if entity.parent is None else self.step.model.entities[entity.parent]

    # ---- operations ----

    def can(self, operation: str, target: str | Record) -> bool:
        """Whether the user may do it to the record; to some record at all, where the target is an entity's name.

        Raises KeyError for an unknown operation or entity.
        """
        person = self._bound()
        if isinstance(target, str):
            return person is None or bool(self._scopes(person, operation, target))
        if person is None:
            return True
        record = target["parent"] if target.entity.parent is not None else target
        if record is None:
            return self.can(operation, target.entity.name)
        scopes = self._scopes(person, operation, record.entity.name)
        if any(person.holds(scope, record) for scope in scopes):
            return operation != "export" or self.can("read", record)
        if record.id is None or not self._work_counts(operation, record.entity.name):
            return False
        return concerns.concerned(person, record)

    def _scopes(self, person: Person, operation: str, entity: str) -> tuple[Scope | Expression, ...]:
        active = person.user.row()["active"] and not person.user.row()["archived"]
        return self.rights(entity).scopes(operation) if active else ()

    def _work_counts(self, operation: str, entity: str) -> bool:
        """Whether a task on a record permits it: reading, unless a role denies that."""
        return operation == "read" and "read" not in self.rights(entity).denied

    def require(self, operation: str, target: str | Record) -> None:
        """Raise AccessDenied unless the user may do it."""
        if not self.can(operation, target):
            name = target if isinstance(target, str) else target.entity.name
            label = self.step.model.entities[name].label.in_(self.step.locale, self.step.model.settings.locale)
            raise AccessDenied(REFUSED[operation][isinstance(target, str)], entity=label)

    def row_filter(self, operation: str, entity: str, table: FromClause) -> ColumnElement[bool] | None:
        """The condition on rows of `table` for which `can` holds; None where that is all of them."""
        person = self._bound()
        if person is None:
            return None
        described = self.step.model.entities[entity]
        if described.parent is not None:
            return self._lines_filter(operation, described.parent, table)
        scopes = self._scopes(person, operation, entity)
        rule = None
        if "all" not in scopes:
            ways = [person.clause(scope, entity, table) for scope in scopes]
            if self._work_counts(operation, entity) and concerns.worked_on(Same(self.step.model), entity):
                ways.append(table.c.id.in_(concerns.tasks(person, entity)))
            rule = or_(*ways) if ways else false()
        if operation != "export":
            return rule
        seen = [part for part in (rule, self.row_filter("read", entity, table)) if part is not None]
        return and_(*seen) if seen else None

    def _lines_filter(self, operation: str, parent: str, table: FromClause) -> ColumnElement[bool] | None:
        owner = self.step.schema.table(parent).alias()
        rule = self.row_filter(operation, parent, owner)
        return None if rule is None else table.c.parent_id.in_(select(owner.c.id).where(rule))

    # ---- fields ----

    def visible_fields(self, target: Entity | Record) -> Mapping[str, Field]:
        """The fields that are not hidden; of a record, by the roles that read this one."""
        entity = target if isinstance(target, Entity) else target.entity
        person = self._bound()
        if person is None:
            return entity.fields
        if entity.parent is not None:
            parent = self.step.model.entities[entity.parent] if isinstance(target, Entity) else target["parent"]
            return entity.fields if self._has_lines(self.visible_fields(parent), entity) else {}
        rights = self.rights(entity.name)
        if isinstance(target, Entity) or rights.uniform:
            return rights.visible
        reading = [role for role, scope in rights.scopes_by_role("read").items() if person.holds(scope, target)]
        return rights.shown(reading or rights.readers)

    def always_visible(self, entity: Entity) -> Mapping[str, Field]:
        """The fields that are shown in every record that the user reads, whichever role reads it: what may be added up."""
        shown = self.visible_fields(entity)
        if self._bound() is None or entity.parent is not None:
            return shown
        rights = self.rights(entity.name)
        return {name: field for name, field in shown.items() if all(name in rights.shown([role]) for role in rights.readers)}

    def writable_fields(self, entity: Entity) -> Set[str]:
        """The fields that a role of the user lets them give a value; those of lines with the field that holds them."""
        if self._bound() is None:
            return entity.fields.keys()
        rights = self.rights(entity.name)
        if entity.parent is None:
            return rights.writable
        lines = {name: field for name, field in rights.visible.items() if name in rights.writable}
        return entity.fields.keys() if self._has_lines(lines, entity) else frozenset()

    def require_visible(self, condition: Expression, entity: str) -> None:
        """Raise AccessDenied if a condition that a person typed reads a field that is hidden from them.

        Whoever may ask `cost > 5` of a list knows the cost before long.
        """
        if self._bound() is None:
            return
        for path in row_paths(condition.ast, entity):
            name = self._hidden_at(path)
            if name is not None:
                raise AccessDenied("You may not see '{field}'", field=name)

    def _hidden_at(self, path: tuple[str, ...]) -> str | None:
        """The first field on a path that is hidden; a member of who knows what counts as any entity's."""
        entities = self.step.model.entities
        start, *members = path
        if not start:
            hidden = any(members[0] in e.fields and members[0] not in self.visible_fields(e) for e in entities.values())
            return members[0] if hidden else None
        current = entities["user"] if start == "user" else entities.get(start[1:])
        for name in members:
            if current is None:
                return None
            if name == "parent" and current.parent is not None:
                current = entities[current.parent]
                continue
            field = current.fields.get(name)
            if field is not None and name not in self.visible_fields(current):
                return name
            target = field.target if field is not None else "user" if name in SYSTEM_PEOPLE else None
            current = entities[target] if target is not None else None
        return None

    @staticmethod
    def _has_lines(fields: Mapping[str, Field], lines: Entity) -> bool:
        return any(field.lines is not None and field.lines.name == lines.name for field in fields.values())

    def explain(self, user: Record, entity: str, record: Record | None = None) -> list[str]:
        """What a person may do to the records of an entity, or to one of them, and why: role by role."""
        return explaining.explain(Access(self.step, Person(self.step, user)), entity, record)

    # ---- credentials ----

    def user_by_login(self, login: str) -> Record | None:
        """The person of that login, active or not."""
        return credentials.user_by_login(self.step, login)

    def user_by_token(self, secret: str) -> Record | None:
        """The active person whose token this is; None for one that is unknown or revoked."""
        return credentials.user_by_token(self.step, secret)

    def check_password(self, login: str, password: str) -> Record | None:
        """The active person of that login, if the password is theirs."""
        return credentials.check_password(self.step, login, password)

    def set_password(self, user: Record, password: str) -> None:
        """Replace a person's password: one's own, or anybody's as an admin.

        Any text that is not empty will do: what makes a password good is for the organization to say, and rules of
        composition make them worse (NIST SP 800-63B, 3.1.1.2). Raises ValidationFailed for an empty one.
        """
        self._own(user)
        credentials.set_password(self.step, user, password)

    def create_token(self, user: Record, name: str) -> str:
        """A new token, `tw_<prefix>_<secret>`. It is not stored and cannot be shown again."""
        self._own(user)
        return credentials.create_token(self.step, user, name)

    def revoke_token(self, prefix: str) -> bool:
        """Make the token with this prefix worthless; whether there was one. A person may revoke their own."""
        holder = credentials.token_holder(self.step, prefix)
        person = self._bound()
        if holder is None or (person is not None and person.user.id != holder):
            return False
        return credentials.revoke_token(self.step, prefix)

    def _own(self, user: Record) -> None:
        person = self._bound()
        if person is not None and person.user != user:
            raise AccessDenied("Only an admin may change how another person logs in")

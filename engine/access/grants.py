"""What the grants of a set of roles come to, folded once for a model: scopes, and fields shown and writable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache

from dsl.feel import Expression
from engine.model.model import Entity, Field, Grant, Model, Scope

OPERATIONS = ("read", "create", "update", "delete", "import", "export", "purge")
PEOPLE = ("user", "department")  # readable by everybody who may log in
ADMIN = "admin"
ADMIN_ONLY = {("user", "roles")}  # whoever could write it could make an admin of anybody


class Rights:
    """What some roles may do with one entity. Immutable, and free of any record."""

    def __init__(self, entity: Entity, grants: Mapping[str, Grant]) -> None:
        self.entity = entity
        self.grants = grants  # by role
        self.denied = frozenset(operation for grant in grants.values() for operation in grant.deny)
        self._scopes = {operation: self._folded(operation) for operation in OPERATIONS}

    def scopes(self, operation: str) -> tuple[Scope | Expression, ...]:
        """What adds up: () is nothing, ("all",) everything. Raises KeyError for what is no operation."""
        return self._scopes[operation]

    def scopes_by_role(self, operation: str) -> Mapping[str, Scope | Expression]:
        """The scope that each role has for itself, `deny` left aside."""
        found = {role: grant.operations.get(operation, "none") for role, grant in self.grants.items()}
        return {role: scope for role, scope in found.items() if scope != "none"}

    def _folded(self, operation: str) -> tuple[Scope | Expression, ...]:
        if operation in self.denied:
            return ()
        found = tuple(dict.fromkeys(self.scopes_by_role(operation).values()))
        if operation == "read" and self.entity.name in PEOPLE:
            return ("all",)
        return ("all",) if "all" in found else found

    @cached_property
    def readers(self) -> frozenset[str]:
        """The roles that read some records; where none does, all that have a grant."""
        return frozenset(self.scopes_by_role("read")) or frozenset(self.grants)

    @cached_property
    def uniform(self) -> bool:
        """Whether all roles show the same fields, so that it is no matter which of them reads a record."""
        return len({self._hidden(role) for role in self.readers}) <= 1

    def _hidden(self, role: str) -> frozenset[str]:
        return frozenset(name for name, right in self.grants[role].fields.items() if right == "hide")

    def shown(self, roles: Iterable[str]) -> Mapping[str, Field]:
        """The fields that at least one of the roles shows."""
        return visible(self, frozenset(roles).intersection(self.grants))

    @cached_property
    def visible(self) -> Mapping[str, Field]:
        return self.shown(self.readers)

    @cached_property
    def writable(self) -> frozenset[str]:
        """The fields that a role which creates or updates may give a value, save those that are hidden."""
        writers = {*self.scopes_by_role("create"), *self.scopes_by_role("update"), *self.scopes_by_role("import")}
        return frozenset(
            name
            for name in self.visible
            if any(self.grants[role].fields.get(name, "write") == "write" for role in writers)
            and (self.entity.name, name) not in ADMIN_ONLY
        )


@lru_cache(maxsize=1024)
def visible(rights: Rights, roles: frozenset[str]) -> Mapping[str, Field]:
    hidden = frozenset.intersection(*(rights._hidden(role) for role in roles)) if roles else frozenset()
    return {name: field for name, field in rights.entity.fields.items() if name not in hidden}


class Same:
    """A model as a key: models are compared by identity, since one is built once."""

    __slots__ = ("model",)

    def __init__(self, model: Model) -> None:
        self.model = model

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.model is self.model

    def __hash__(self) -> int:
        return id(self.model)


@lru_cache(maxsize=1024)
def _rights(model: Same, roles: frozenset[str], entity: str) -> Rights:
    known = model.model.roles
    grants = {name: known[name].grants[entity] for name in sorted(roles & known.keys()) if entity in known[name].grants}
    return Rights(model.model.entities[entity], grants)


def rights_of(model: Model, roles: frozenset[str], entity: str) -> Rights:
    """The folded rights. Raises KeyError where there is no such entity."""
    return _rights(Same(model), roles, entity)

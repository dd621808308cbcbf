"""One decision of a model, to be asked as a table is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dsl.decisions import Decided, Table
from dsl.dmn.deciding import Model
from dsl.dmn.linking import Key
from dsl.dmn.model import Decision, Tabled
from dsl.feel import Host


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision, function or service, ready to decide. `names` are those of its outputs."""

    model: Model
    key: Key
    names: tuple[str, ...]

    def decide(self, context: Mapping[str, Any], host: Host | None = None) -> Decided:
        """Decide with a context. Raises LimitExceeded, and whatever the host raises."""
        return self.model.decide_part(self.model.parts[self.key], context, host)

    def outputs(self, value: Any) -> dict[str, Any]:
        """What was decided, by the outputs' names: the members of a context, else the value by the decision's name."""
        if self.names == (self.key[1],):
            return {self.key[1]: value}
        return {name: value.get(name) if isinstance(value, Mapping) else None for name in self.names}

    @property
    def table(self) -> Table | None:
        """The table whose rules are told, if the decision is one."""
        element = self.model.parts[self.key].element
        return element.logic.table if isinstance(element, Decision) and isinstance(element.logic, Tabled) else None

    @property
    def texts(self) -> tuple[object, ...]:
        """What the decision and all that it requires say, wherever it stands."""
        return self.model.texts(self.key)

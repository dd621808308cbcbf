"""What a publish means for live data, counted before anything is changed (spec 1.4): values and rows that the new model would not take,
fields and entities that go, instances that run on a process that changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, func, select

from dsl.problems import InvalidText
from engine.errors import TradewindError
from engine.model.model import Entity, Field, Model, Rule

if TYPE_CHECKING:
    from engine.workspace import Step, Workspace


@dataclass(frozen=True, slots=True)
class Impact:
    """One consequence, in words. One that `blocks` has to be dealt with before the publish can go on."""

    text: str
    blocks: bool = False

    def __str__(self) -> str:
        return self.text


def impact_of(workspace: Workspace, after: Model) -> list[Impact]:
    """The consequences of putting a model in the place of the published one; none where nothing is published."""
    if not workspace.revision:
        return []
    with workspace.step(None, readonly=True) as step:
        found: list[Impact] = []
        for name, old in step.model.entities.items():
            new = after.entities.get(name)
            if new is None:
                count = counted(step, old)
                if count:
                    found.append(Impact(f"{name} goes; {records(count, 'stay')} in the database, where nobody sees them"))
                continue
            found.extend(of_entity(step, old, new))
        found.extend(of_processes(step, after))
        return found


def of_entity(step: Step, old: Entity, new: Entity) -> Iterator[Impact]:
    for name, field in new.fields.items():
        if field.stored and field.compute is None:
            yield from of_field(step, old, old.fields.get(name), field)
    for name, was in old.fields.items():
        if name not in new.fields and was.stored and was.compute is None:
            count = counted(step, old, column(step, old, name).is_not(None))
            if count:
                yield Impact(f"{old.name}.{name} goes; {values(count, 'stay')} in its column until {they(count)} purged")
    if old.parent is None:
        for rule in new.rules.values():
            before = old.rules.get(rule.name)
            if before is None or text_of(before) != text_of(rule):
                yield from of_rule(step, old, rule)


def of_field(step: Step, entity: Entity, was: Field | None, field: Field) -> Iterator[Impact]:
    """What a field that is new, or says something else than before, does not find in old records."""
    place = f"{entity.name}.{field.name}"
    if field.required and (was is None or not was.required):
        empty = counted(step, entity, None if was is None else column(step, entity, field.name).is_(None))
        if empty and field.fill is None:
            hint = f"say what they get: `fill:` in {place}"
            yield Impact(f"{place} becomes required, and {records(empty, 'have')} no value; {hint}", blocks=True)
        elif empty:
            yield Impact(f"{place} becomes required; {records(empty, 'get')} what `fill` says")
    if was is None or not was.stored or was.compute is not None:
        return
    here = column(step, entity, field.name)
    if field.max_length is not None and (was.max_length is None or field.max_length < was.max_length):
        count = counted(step, entity, func.length(here) > field.max_length)
        if count:
            yield Impact(f"{values(count, of=place, verb='have')} more than {field.max_length} characters; {stay(count)}")
    if field.type == "choice" and was.type == "choice" and was.options.keys() - field.options.keys():
        for option in was.options.keys() - field.options.keys():
            count = counted(step, entity, here == option)
            if count:
                yield Impact(f"{records(count, 'have')} {place} = {option}, an option that goes; {stay(count, 'keep')}")
    for key, beyond in (("min", "less"), ("max", "more")):
        limit, before = getattr(field, key), getattr(was, key)
        if limit is None or limit.literal is None or (before is not None and before.literal == limit.literal):
            continue
        count = counted(step, entity, here < limit.literal if key == "min" else here > limit.literal)
        if count:
            yield Impact(f"{values(count, of=place, verb='are')} {beyond} than {limit.literal}; {stay(count)}")


def of_rule(step: Step, entity: Entity, rule: Rule) -> Iterator[Impact]:
    """How many records break a rule that is new or says something else: those that it does not hold for, null included."""
    broken = f"not(({rule.require.text}) = true)"
    condition = broken if rule.when is None else f"({rule.when.text}) and {broken}"
    try:
        count = step.records.count(entity.name, condition)
    except (InvalidText, TradewindError):  # about new fields, or nothing that the database can answer
        yield Impact(f"how many records of {entity.name} break the rule {rule.name} could not be counted")
        return
    if count:
        yield Impact(f"{records(count, 'break', of=entity.name)} the rule {rule.name}; {stay(count, 'break')}")


def of_processes(step: Step, after: Model) -> Iterator[Impact]:
    """Instances that run on: each stays on the version that it started with."""
    table = step.schema.instance
    query = select(table.c.process, table.c.version, func.count()).where(table.c.status == "running")
    running: dict[str, int] = {}
    for name, version, count in step.connection.execute(query.group_by(table.c.process, table.c.version)):
        process = after.processes.get(name)
        if process is None or process.version != version:
            running[name] = running.get(name, 0) + count
    for name, count in sorted(running.items()):
        what = "changes" if name in after.processes else "goes"
        run = "instance runs" if count == 1 else "instances run"
        yield Impact(f"process {name} {what}; {count} {run} on in the version of the start")


def counted(step: Step, entity: Entity, condition: ColumnElement[Any] | None = None) -> int:
    """Rows of an entity, archived ones too."""
    query = select(func.count()).select_from(step.schema.table(entity.name))
    return int(step.connection.execute(query if condition is None else query.where(condition)).scalar_one())


def column(step: Step, entity: Entity, field: str) -> ColumnElement[Any]:
    found: ColumnElement[Any] = step.schema.table(entity.name).c[field]
    return found


def text_of(rule: Rule) -> tuple[str, str]:
    return rule.require.text, rule.when.text if rule.when is not None else ""


def records(count: int, verb: str, of: str = "") -> str:
    return agreeing(count, "record", of, verb)


def values(count: int, verb: str, of: str = "") -> str:
    return agreeing(count, "value", of, verb)


VERBS = {"have": "has", "are": "is"}


def agreeing(count: int, noun: str, of: str, verb: str) -> str:
    """`1 record of customer breaks`, `2 records of customer break`."""
    subject = f"{count} {noun}{'s' * (count != 1)}" + (f" of {of}" if of else "")
    return f"{subject} {verb if count != 1 else VERBS.get(verb, verb + 's')}"


def they(count: int) -> str:
    return "it is" if count == 1 else "they are"


def stay(count: int, how: str = "stay") -> str:
    """What becomes of them: they `stay`, `keep` the value, or `break` a rule."""
    one = {"stay": "it stays", "keep": "it keeps it", "break": "it can't be changed until it keeps it"}
    many = {"stay": "they stay", "keep": "they keep it", "break": "they can't be changed until they keep it"}
    until = "" if how == "break" else f" until {they(count)} changed"
    return (one if count == 1 else many)[how] + until

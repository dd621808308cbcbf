"""Messages and signals between processes: who waits for them, and how they reach them (spec 3.2; BPMN 2.0, 8.4.2).

A message goes to the one token that waits for its name and key, else starts a process, else is kept for its `ttl`, else is
refused. A signal goes to everybody who waits for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, delete, insert, or_, select

from dsl import feel
from engine.errors import ActionRefused, StepFailed
from engine.model.processes import Catch, Node, Process
from engine.process import events, instance
from engine.process.catching import START
from engine.process.names import Names, peek
from engine.process.timing import duration, later
from engine.process.values import decode, encode
from engine.records import Record

if TYPE_CHECKING:
    from engine.process.firing import Firing
    from engine.process.runner import Runner
    from engine.workspace import Step


# ---- waiting ----


def subscribe(firing: Firing, effect: events.Subscribe) -> None:
    """A token waits from now on; a message that came before it was waited for is delivered when the process waits."""
    node = firing.graph.nodes[effect.node]
    catch = catch_of(node, effect.slot)
    key = None
    if catch.key is not None:
        key = _text(firing.runner.evaluate(catch.key, firing.names(effect.token)))
        if key is None:
            raise StepFailed("'{node}' waits for the message {name}, and its key is null: {text}", node=node.name,
                             name=catch.name, text=catch.key.text)  # fmt: skip
    row = {"token": effect.token, "slot": effect.slot, "node": node.name, "kind": catch.kind, "name": catch.name, "key": key}
    firing.agenda.subscribe(row)
    if catch.kind == "message":
        kept = _kept(firing.step, catch.name or "", key)
        if kept is not None:
            firing.runner.later.append(lambda: _deliver_kept(firing.runner, firing.case.id, effect, kept))


def catch_of(node: Node, slot: str) -> Catch:
    """The event that a token waits for under a slot (see `events.Subscribe`)."""
    if slot.startswith("event:"):
        return node.events[int(slot.removeprefix("event:"))]
    found = node.catch if not slot or slot.startswith(START) else node.catches[slot]
    assert found is not None
    return found


def _kept(step: Step, name: str, key: str | None) -> int | None:
    """The oldest message that was kept for one who waits so."""
    table = step.schema.message
    query = select(table.c.id).where(table.c.name == name, table.c.expires_at > step.now)
    if key is not None:
        query = query.where(table.c.key == key)
    return step.connection.execute(query.order_by(table.c.id).limit(1)).scalar()


def _deliver_kept(runner: Runner, case: int, effect: events.Subscribe, number: int) -> None:
    """Give a kept message to who has begun to wait for it, unless either is gone meanwhile."""
    step = runner.step
    table, subscription = step.schema.message, step.schema.subscription
    waits = select(subscription.c.id).where(
        subscription.c.instance == case, subscription.c.token == effect.token, subscription.c.slot == effect.slot
    )
    if step.connection.execute(waits).first() is None:
        return
    taken = step.connection.execute(delete(table).where(table.c.id == number).returning(table.c.payload)).scalar()
    if taken is not None:
        _fire(runner, case, events.Delivered(effect.token, effect.slot), _payload(step, taken))


# ---- sending ----


def send_later(runner: Runner, node: Node, names: Names) -> None:
    """A process sends a message: evaluated now, delivered when it waits."""
    key = _text(runner.evaluate(node.key, names)) if node.key is not None else None
    payload = {name: runner.evaluate(expression, names) for name, expression in node.with_.items()}
    ttl = runner.value(node.ttl, names)
    message = node.message or ""
    runner.later.append(lambda: send(runner, message, key, payload, ttl=ttl))


def send(runner: Runner, name: str, key: object, payload: Mapping[str, object], *, ttl: object = None) -> None:
    """Let a message reach who waits for it, or start what starts by it, or keep it for its `ttl`.

    Raises ActionRefused if nobody waits and it has no `ttl`, or if several wait, naming them.
    """
    step, text = runner.step, _text(key)
    waiting = _waiting(step, "message", name, text)
    if len(waiting) > 1:
        who = ", ".join(f"{row.node} of {row.process} {row.instance}" for row in waiting)
        raise ActionRefused("The message {name} with the key {key} is waited for by several: {who}", name=name,
                            key=text, who=who, code="ambiguous")  # fmt: skip
    if waiting:
        found = waiting[0]
        _fire(runner, found.instance, events.Delivered(found.token, found.slot), {"payload": dict(payload)})
    elif not _start_by(runner, name, text, payload) and not _keep(step, name, text, payload, ttl):
        raise ActionRefused("Nobody waits for the message {name} with the key {key}", name=name, key=text, code="unmatched")


def receiver(step: Step, name: str, key: object) -> Record | None:
    """The record of the process that waits for a message, if exactly one does."""
    waiting = _waiting(step, "message", name, _text(key))
    found = instance.load(step, [waiting[0].instance]) if len(waiting) == 1 else []
    return peek(step, found[0].entity, found[0].record_id) if found else None


def broadcast_later(runner: Runner, signal: str) -> None:
    """A process throws a signal: it reaches all who wait for it, when the process waits."""
    runner.later.append(lambda: broadcast(runner, signal))


def broadcast(runner: Runner, signal: str) -> int:
    """Let a signal reach everybody who waits for it, and start what starts by it; returns how many waited."""
    for process in runner.step.model.processes.values():
        if process.start is not None and process.start.on == "signal" and process.start.event == signal:
            runner.step.processes.begin(process, None, {})
    found = _waiting(runner.step, "signal", signal, None)
    for row in found:
        if _still_waits(runner.step, row.id):
            _fire(runner, row.instance, events.Delivered(row.token, row.slot), {"payload": None})
    return len(found)


def escalate(firing: Firing, name: str) -> None:
    """An escalation that nothing in the process catches reaches the call activity that called it, if there is one."""
    case, runner = firing.case, firing.runner
    number, token = case.parent, case.parent_token
    if number is not None and token is not None:
        runner.later.append(lambda: _fire(runner, number, events.CallEscalated(token, name), {}))


def _fire(runner: Runner, number: int, event: events.Event, brought: Mapping[str, object]) -> None:
    for case in instance.load(runner.step, [number], lock=True):
        if case.status == "running":
            runner.fire(case, event, brought=brought)


def _waiting(step: Step, kind: str, name: str, key: str | None) -> list[Row[Any]]:
    """Who waits for a message or a signal, in the order in which they began to."""
    table, case = step.schema.subscription, step.schema.instance
    query = (
        select(table.c.id, table.c.instance, table.c.token, table.c.slot, table.c.node, case.c.process)
        .join_from(table, case, case.c.id == table.c.instance)
        .where(table.c.kind == kind, table.c.name == name, case.c.status == "running")
        .order_by(table.c.id)
    )
    if kind == "message":
        query = query.where(table.c.key.is_(None) if key is None else or_(table.c.key == key, table.c.key.is_(None)))
    return list(step.connection.execute(query))


def _still_waits(step: Step, number: int) -> bool:
    table = step.schema.subscription
    return step.connection.execute(select(table.c.id).where(table.c.id == number)).first() is not None


# ---- starting and keeping ----


def _start_by(runner: Runner, name: str, key: str | None, payload: Mapping[str, object]) -> bool:
    """Start the processes that a message starts; whether there are any."""
    found = [
        process
        for process in runner.step.model.processes.values()
        if process.start is not None and process.start.on == "message" and process.start.event == name
    ]
    for process in found:
        _start(runner, process, key, payload)
    return bool(found)


def _start(runner: Runner, process: Process, key: str | None, payload: Mapping[str, object]) -> None:
    start, step = process.start, runner.step
    assert start is not None
    names = Names(None, step.names() | {"payload": dict(payload)}, {})
    record = None
    if process.entity is not None:
        wanted = key if start.key is None else _text(runner.evaluate(start.key, names))
        record = _numbered(step, process.entity, wanted)
        if record is None and start.create:
            values = {field: runner.evaluate(expression, names) for field, expression in start.create.items()}
            record = step.records.create(process.entity, values)
        if record is None:
            raise ActionRefused("There is no {entity} with the number {key}", entity=process.entity, key=wanted,
                                code="unmatched")  # fmt: skip
    names = Names(record, step.names() | {"payload": dict(payload), "record": record}, {})
    if start.when is not None and runner.evaluate(start.when, names) is not True:
        raise ActionRefused("This is not possible now: it needs {condition}", condition=start.when.text)
    given = {variable: runner.evaluate(expression, names) for variable, expression in start.result.items()}
    step.processes.begin(process, record, given)


def _numbered(step: Step, entity: str, key: str | None) -> Record | None:
    """The record whose number field holds the key."""
    number = step.model.entities[entity].number
    if number is None or key is None:
        return None
    found = step.records.find(entity, f"{number.field} = wanted", {"wanted": key})
    return found[0] if found else None


def _keep(step: Step, name: str, key: str | None, payload: Mapping[str, object], ttl: object) -> bool:
    """Keep a message for who will wait for it; whether it may be kept."""
    wait = duration(ttl)
    if wait is None:
        return False
    expires: datetime = later(step.now, wait, step.model.settings.zone)
    if isinstance(wait, timedelta) and wait <= timedelta(0):
        return False
    table = step.schema.message
    step.connection.execute(delete(table).where(table.c.expires_at <= step.now))
    row = {"name": name, "key": key, "payload": encode(dict(payload)), "expires_at": expires}
    step.connection.execute(insert(table).values(row))
    return True


def _payload(step: Step, held: object) -> dict[str, object]:
    return {"payload": decode(held, lambda entity, number: peek(step, entity, number))}


def _text(value: object) -> str | None:
    return None if value is None else feel.to_text(value)


def waits_of(step: Step, case: int) -> list[Row[Any]]:
    """What an instance waits for: token, node, kind, name and key; for operators."""
    table = step.schema.subscription
    query = select(table.c.token, table.c.node, table.c.kind, table.c.name, table.c.key)
    return list(step.connection.execute(query.where(table.c.instance == case).order_by(table.c.id)))



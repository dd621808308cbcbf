"""Steps about what goes outside: in a test nothing does, so that a test looks at the outbox, and says what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from engine.connect.serial import from_json
from engine.process import events, instance
from engine.scenario.failure import Wrong
from engine.scenario.values import resolved, same, shown
from engine.work import jobs, outside

if TYPE_CHECKING:
    from engine.process.instance import Instance
    from engine.scenario.play import Play
    from engine.workspace import Step

Body = Mapping[str, Any]


def answer(play: Play, what: Body, who: str | None, confirm: bool) -> None:
    """What an outside system answers to the service task that waits at a node: `body` and `status`, or `error`, as if for good."""
    with play.workspace.step(None) as step:
        waiting = calls_at(step, play, what)
        if len(waiting) != 1:
            raise Wrong(f"expected: one call that waits at {what['node']}; actual: {len(waiting)}")
        job, case = waiting[0]
        assert job.token is not None
        jobs.done(step.connection, step.schema.job, job)
        if "error" in what:
            failure = events.WorkFailed(job.token, str(what["error"]), str(what.get("message", what["error"])))
            step.processes.runner.fire(case, failure)
            return
        body = resolved(step, what.get("body"), play.aliases(step))
        outside.go_on(step, job, case, {"body": body, "status": what.get("status", 200), "headers": {}})


def calls_at(step: Step, play: Play, what: Body) -> list[tuple[jobs.Job, Instance]]:
    """The calls that wait for their answer at a node, of the record of an alias if one is named."""
    record = play.record(step, what["of"]) if what.get("of") is not None else None
    found = []
    for job in jobs.waited_for(step.connection, step.schema.job):
        assert job.instance is not None
        assert job.token is not None
        (case,) = instance.load(step, [job.instance])
        token = case.state.token(job.token)
        here = token is not None and what["node"] in (token.node, token.node.rpartition(".")[2])
        if here and (record is None or (case.entity, case.record_id) == (record.entity.name, record.id)):
            found.append((job, case))
    return found


def expect_call(play: Play, what: Body) -> None:
    """An operation was called, or an event emitted, and not answered yet; with `body`, these values in what was sent."""
    with play.workspace.step(None) as step:
        aliases = play.aliases(step)
        wanted = {name: resolved(step, value, aliases) for name, value in what.get("body", {}).items()}
        table = step.schema.job
        rows = step.connection.execute(select(table.c.payload).where(table.c.kind.in_(("call", "event"))).order_by(table.c.id))
        sent = [payload for (payload,) in rows if name_of(payload) == (what.get("call") or what.get("event"))]
        bodies = [from_json(payload["body"]) if payload.get("body") else {} for payload in sent]
        bodies = [body["data"] if "event" in what else body for body in bodies]
        fitting = [body for body in bodies if all(same(body.get(name), value, play.zone) for name, value in wanted.items())]
    count = what.get("count")
    if (count is None and not fitting) or (count is not None and len(fitting) != int(count)):
        told = "; ".join(shown(body) for body in bodies) or "none"
        raise Wrong(f"expected: {'a call' if count is None else count} {what.get('call') or what.get('event')}; actual: {told}")


def name_of(payload: Body) -> str:
    return str(payload["event"]) if "event" in payload else f"{payload.get('connector')}.{payload.get('operation')}"


def expect_message(play: Play, what: Body) -> None:
    """A message was sent since the start: to a person, or to an address."""
    with play.workspace.step(None) as step:
        to, template = what.get("to"), what.get("template")
        actual = notified(step, play, to, template) if to is None or "@" not in to else 0
        if to is None or "@" in to:
            actual += mailed(step, to, template)
    wanted = what.get("count")
    if (wanted is None and not actual) or (wanted is not None and actual != int(wanted)):
        named = " ".join(f"{key} {what[key]}" for key in ("template", "to") if key in what)
        raise Wrong(f"expected: {'a message' if wanted is None else wanted} {named}; actual: {actual}")


def notified(step: Step, play: Play, to: str | None, template: str | None) -> int:
    table = step.schema.notification
    query = select(func.count()).select_from(table)
    if template is not None:
        query = query.where(table.c.template == template)
    if to is not None:
        query = query.where(table.c.user == play.person(step, to).id)
    return int(step.connection.execute(query).scalar_one())


def mailed(step: Step, to: str | None, template: str | None) -> int:
    table = step.schema.job
    sent = step.connection.execute(select(table.c.payload).where(table.c.kind == "mail")).scalars()
    return sum(to in (None, each["to"]) and template in (None, each["template"]) for each in sent if not each.get("person"))

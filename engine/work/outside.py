"""Work outside any transaction: a call, an event or a mail is delivered between two steps, and its answer taken in the second."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.connect import DeliveryFailed, deliver
from engine.connect.requests import operation_of
from engine.process import events, instance
from engine.process.definitions import graph_of
from engine.process.instance import Instance
from engine.process.names import peek
from engine.process.values import decode, encode
from engine.work import jobs
from engine.work.jobs import Job

if TYPE_CHECKING:
    from engine.workspace import Step, Workspace

NOBODY = {"body": None, "status": None, "headers": None}


def attempt(workspace: Workspace, job: Job) -> None:
    """Deliver, and tell the process that waits. What was answered is kept, so that a step that fails afterwards is done again
    without a second delivery.
    """
    if "answer" in job.payload:
        workspace.run(None, lambda step: arrived(step, job), origin="service")
        return
    try:
        answer = deliver(workspace.model, job.kind, job.key, job.payload)
    except DeliveryFailed as failure:
        error = failure
        workspace.run(None, lambda step: failed(step, job, error), origin="service")
        return
    told = {"body": answer.body, "status": answer.status, "headers": answer.headers} if answer is not None else NOBODY
    answered = replace(job, payload={**job.payload, "answer": encode(told)})
    try:
        workspace.run(None, lambda step: arrived(step, answered), origin="service")
    except Exception as broken:  # whatever the process does with the answer may fail: the answer is not lost
        reason = str(broken) or type(broken).__name__

        def keep(step: Step) -> None:
            jobs.failed(step.connection, step.schema.job, answered, step.now, reason, payload=answered.payload)

        workspace.run(None, keep, origin="service")


def arrived(step: Step, job: Job) -> None:
    """The answer is there: the job is done, and the token that waited goes on."""
    case = waiting(step, job)
    if not jobs.still_ours(step.connection, step.schema.job, job):
        return
    jobs.done(step.connection, step.schema.job, job)
    if case is not None:
        go_on(step, job, case, decode(job.payload["answer"], lambda entity, number: None))


def go_on(step: Step, job: Job, case: Instance, answer: Any) -> None:
    """Let the service task end with an answer."""
    assert job.token is not None
    token = case.state.token(job.token)
    result = answer["body"]
    if answer["status"] is not None:  # an operator may have skipped the call
        operation = operation_of(step, job.payload["connector"], job.payload["operation"])
        result = result if operation.result is None else operation.result({**step.names(), **answer}, step.host)
    step.on_behalf = peek(step, "user", case.initiator_id)
    step.processes.runner.note(case, "answered", token.node if token is not None else "", status=answer["status"])
    step.processes.runner.fire(case, events.WorkDone(job.token), brought={**answer, "result": result})


def failed(step: Step, job: Job, failure: DeliveryFailed) -> None:
    """It did not arrive: later again, or for good; then the service task fails if something catches that, else an operator sees it."""
    case, table = waiting(step, job), step.schema.job
    if not jobs.still_ours(step.connection, table, job):
        return
    final = not failure.temporary
    if case is not None and job.token is not None and (final or jobs.is_last(job)) and is_caught(step, case, job.token):
        jobs.done(step.connection, table, job)
        step.on_behalf = peek(step, "user", case.initiator_id)
        step.processes.runner.fire(case, events.WorkFailed(job.token, failure.code, failure.text))
        return
    jobs.failed(step.connection, table, job, step.now, failure.text, final=final, wait=failure.wait)


def is_caught(step: Step, case: Instance, number: int) -> bool:
    token = case.state.token(number)
    graph = graph_of(step, case.process, case.version)
    return token is not None and (token.node in graph.guarded or step.processes.runner.is_caught(case))


def waiting(step: Step, job: Job) -> Instance | None:
    """The running instance that waits for the answer, locked; None where nobody does."""
    found = instance.load(step, [job.instance], lock=True) if job.instance is not None else []
    return found[0] if found and found[0].status == "running" else None

"""Processes as values: nodes, their events and ways out (spec 3). Part of the model, built by `build_processes`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from dsl.feel import Expression
from dsl.script import Script
from dsl.source import Span

if TYPE_CHECKING:
    from engine.model.model import Field, Text, Value


@dataclass(frozen=True, slots=True)
class TaskForm:
    """Fields of the record that a task opens. `inputs` are asked for besides them (an action's form with a map)."""

    edit: tuple[str, ...] = ()
    show: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    inputs: Mapping[str, Field] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Action:
    name: str
    label: Text
    to: tuple[str, ...] = ()  # empty: the token stays (only on a state)
    when: Expression | None = None
    roles: tuple[str, ...] = ()
    do: Script | None = None
    form: TaskForm = TaskForm()
    confirm: Text | None = None  # the question to ask; an empty Text asks the usual one
    style: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    to: tuple[str, ...]
    when: Expression | None = None  # None is the else-flow


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer event: `after` a duration, `until` a date, `every` a duration (the first after one such time)."""

    name: str
    kind: Literal["after", "until", "every"]
    value: Value
    do: Script | None = None
    to: tuple[str, ...] = ()
    keep: bool = False  # non-interrupting although it has `to`
    reassign: Expression | None = None
    operation: str = ""  # approve, reject: what the clock does to an approval
    working: bool = False  # counts working time


@dataclass(frozen=True, slots=True)
class Boundary:
    """`on_error` of an activity: always interrupts. `code` None catches any."""

    to: tuple[str, ...]
    do: Script | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Catch:
    """A catching event (BPMN 2.0, 10.5): a message with its correlation key, a signal, an escalation, an error, or a
    timer.

    `name` is None for an error or escalation that catches any. Without `to`, or with `keep`, a boundary event does not
    interrupt.
    """

    kind: Literal["message", "signal", "escalation", "error", "timer"]
    name: str | None = None
    key: Expression | None = None
    timer: Timer | None = None
    result: Mapping[str, Expression] = field(default_factory=dict, hash=False)
    do: Script | None = None
    to: tuple[str, ...] = ()
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Foreach:
    item: str
    source: Expression
    sequential: bool = False
    until: Expression | None = None
    collect: Mapping[str, Expression] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Candidates:
    roles: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a process. Which attributes count depends on `type` (spec 3.2).

    A node inside a sub-process is named by its path, `pack.check`, and so are the nodes to which it leads; `scope` is
    the path of the sub-process that holds it.
    """

    name: str
    type: str
    label: Text
    status: str | None = None
    to: tuple[str, ...] = ()
    flows: tuple[Flow, ...] = ()
    actions: Mapping[str, Action] = field(default_factory=dict, hash=False)
    do: Script | None = None
    scope: str = ""
    # human tasks
    assign: Expression | None = None
    candidates: Candidates | None = None
    form: TaskForm = TaskForm()
    due: Value | None = None
    priority: Value | None = None
    for_: Expression | None = None  # also the record of a called process
    # approval
    policy: str = "any"  # any | all | sequential | ratio
    ratio: Decimal | None = None
    weights: Expression | None = None  # what an approver's vote counts under a ratio; the approver is `item`
    on_approve: Flow | None = None
    on_approve_do: Script | None = None
    on_reject: Flow | None = None
    on_reject_do: Script | None = None
    reject: str = ""  # "" first rejection ends | all | after_all
    allow: tuple[str, ...] | None = None
    self_: str = "allow"
    dedupe: str = "none"
    empty: str = "error"  # error | skip | admin | to:NODE
    # events
    until: Expression | Value | None = None  # timer_event
    for_duration: Value | None = None  # timer_event `for`
    working: bool = False  # counts working time
    catch: Catch | None = None  # what a receive_task waits for, and an event sub-process starts by
    events: tuple[Catch, ...] = ()  # of an event_gateway
    message: str | None = None  # that a send_task or throw_event sends, with `key`, `with_` and `ttl`
    key: Expression | None = None
    ttl: Value | None = None
    signal: str | None = None
    escalation: str | None = None
    template: str | None = None
    terminate: bool = False
    error: str | None = None
    compensates: str | None = None  # a throw_event: the activity to be undone, "" for all of its scope
    # gateways
    join: Expression | None = None  # complex_gateway
    # what an activity asks of a decision or a process, and what of the answer it keeps
    decision: str | None = None
    process: str | None = None
    call: tuple[str, str] | None = None  # a connector and its operation
    retries: int | None = None  # how often a failed call is made again
    backoff: Value | None = None  # the pause before the first of them, which doubles
    timeout: timedelta | None = None
    idempotency_key: Expression | None = None
    with_: Mapping[str, Expression] = field(default_factory=dict, hash=False)
    result: Mapping[str, Expression] = field(default_factory=dict, hash=False)
    # sub-processes
    inner: tuple[str, ...] = ()  # the paths of its nodes, the first that it starts with first
    variables: Mapping[str, Field] = field(default_factory=dict, hash=False)
    interrupting: bool = True
    transaction: bool = False
    # boundary and repetition
    timers: Mapping[str, Timer] = field(default_factory=dict, hash=False)
    catches: Mapping[str, Catch] = field(default_factory=dict, hash=False)  # by `message:NAME`, `signal:NAME` …
    on_error: Boundary | None = None
    foreach: Foreach | None = None
    loop_while: Expression | None = None
    loop_max: int | None = None
    skip_when: Expression | None = None
    undo: Script | None = None  # `compensate` as a script
    undone_by: str | None = None  # `compensate` as another activity, which no flow leads to
    at: Span | None = field(default=None, compare=False, repr=False)

    @property
    def targets(self) -> Iterator[str]:
        """Every node that a token can go to from here, boundary events included."""
        yield from self.to
        for flow in self.flows:
            yield from flow.to
        for action in self.actions.values():
            yield from action.to
        for way in (self.on_approve, self.on_reject, self.on_error):
            if way is not None:
                yield from way.to
        for timer in self.timers.values():
            yield from timer.to
        for catch in (*self.events, *self.catches.values()):
            yield from catch.to
        if self.empty.startswith("to:"):
            yield self.empty[3:]

    @property
    def is_event_sub_process(self) -> bool:
        return self.type == "sub_process" and self.catch is not None


@dataclass(frozen=True, slots=True)
class Start:
    """How a process starts by itself or by hand; by a message, `key` finds the record by its number, `create` makes it
    and `result` takes what the message brings.
    """

    on: Literal["create", "update", "manual", "schedule", "message", "signal"]
    when: Expression | None = None
    cron: str = ""
    roles: tuple[str, ...] = ()
    event: str | None = None  # the name of the message or signal
    key: Expression | None = None
    create: Mapping[str, Expression] = field(default_factory=dict, hash=False)
    result: Mapping[str, Expression] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Process:
    """A process definition; `version` is a digest of its effective document."""

    name: str
    label: Text
    entity: str | None
    nodes: Mapping[str, Node] = field(hash=False)  # by path, in order of declaration
    version: str = ""
    module: str = ""
    lifecycle: str | None = None
    start: Start | None = None
    variables: Mapping[str, Field] = field(default_factory=dict, hash=False)
    at: Span | None = field(default=None, compare=False, repr=False)

    @property
    def first(self) -> str:
        """Where it starts: the first node that is no event sub-process."""
        return next(name for name, node in self.nodes.items() if not node.scope and not node.is_event_sub_process)

    def named(self, name: str) -> list[Node]:
        """The nodes of a name: a path, or the last part of paths, which several sub-processes may have."""
        return [node for path, node in self.nodes.items() if path == name or path.rpartition(".")[2] == name]

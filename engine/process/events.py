"""What happens to a process instance (events) and what the interpreter wants done (effects), as values.

An effect that is a `Request` is the last of its outcome: the driver does it and fires the answer as the next event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from engine.process.state import Done

# ---- events from outside ----


@dataclass(frozen=True, slots=True)
class Started:
    """A new instance: a token is put on the first node."""


@dataclass(frozen=True, slots=True)
class Acted:
    """An action of a `state`, or the action that completes a `user_task`."""

    token: int
    action: str


@dataclass(frozen=True, slots=True)
class Voted:
    """A seat of an approval has voted: approve, reject or abstain."""

    token: int
    seat: int
    vote: str


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer of the token's node is due; the timer of a `timer_event` itself has no name."""

    token: int
    timer: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message or signal has come for what waits at `token` under `slot` (see `Subscribe`)."""

    token: int
    slot: str


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The process that a call activity started has ended: completed, or failed with an error's `code`."""

    token: int
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class CallEscalated:
    """The called process has raised an escalation that nothing in it catches."""

    token: int
    name: str


@dataclass(frozen=True, slots=True)
class WorkDone:
    """What a service task asked for outside has been done."""

    token: int


@dataclass(frozen=True, slots=True)
class WorkFailed:
    """What a service task asked for outside has failed for good, or an operator let it fail."""

    token: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Moved:
    """An operator puts the token on another node of its scope: what it did there is left, and the node is entered."""

    token: int
    to: str


@dataclass(frozen=True, slots=True)
class SeatGiven:
    """A seat that has not voted goes to another person (转办): the vote is theirs."""

    token: int
    seat: int
    user: int


@dataclass(frozen=True, slots=True)
class SignersAdded:
    """The holder of a seat adds others to the round (加签): `when` is before, after or parallel."""

    token: int
    seat: int
    users: tuple[int, ...]
    when: str


@dataclass(frozen=True, slots=True)
class SignerRemoved:
    """An added seat that has not voted is taken out again (减签)."""

    token: int
    seat: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The instance is ended from outside."""


# ---- answers to requests ----


@dataclass(frozen=True, slots=True)
class ScriptDone:
    token: int


@dataclass(frozen=True, slots=True)
class Called:
    """A process was started for a call activity; it has `ended`, or runs on."""

    token: int
    ended: bool


@dataclass(frozen=True, slots=True)
class ScriptFailed:
    """What the request asked for failed and is undone."""

    token: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Decided:
    """The flows that a gateway takes, by their positions; none if no condition holds and there is no else."""

    token: int
    flows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    """The people asked for: active, each once, in order. `votes` names, for an approval, seats that vote
    automatically and why, `weights` what votes count that do not count one.
    """

    token: int
    users: tuple[int, ...]
    votes: Mapping[int, str] = field(default_factory=dict, hash=False)
    weights: Mapping[int, Decimal] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Probed:
    """Whether a condition holds; an error or null in it does not."""

    token: int
    holds: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """How many repetitions a `foreach` has."""

    token: int
    total: int


Event = (
    Started
    | Acted
    | Voted
    | TimerFired
    | SeatGiven
    | SignersAdded
    | SignerRemoved
    | Delivered
    | CallEnded
    | CallEscalated
    | WorkDone
    | WorkFailed
    | Moved
    | Cancelled
    | ScriptDone
    | ScriptFailed
    | Called
    | Decided
    | Resolved
    | Probed
    | Counted
)

# ---- effects ----


@dataclass(frozen=True, slots=True)
class Entered:
    """A token has entered a node; `way` is the flow by which it came."""

    token: int
    node: str
    way: str


@dataclass(frozen=True, slots=True)
class Left:
    """A token has left a node. `how`: done, skipped, a boundary timer's name, error, cancelled."""

    token: int
    node: str
    to: tuple[str, ...]
    how: str


@dataclass(frozen=True, slots=True)
class SetStatus:
    """The lifecycle field (or `status` without one) takes this value."""

    node: str
    status: str


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task for these people: one holds it, several share it; none means the node's `candidates`. A seat's task
    has one.
    """

    token: int
    node: str
    users: tuple[int, ...]
    seat: int = -1


@dataclass(frozen=True, slots=True)
class CloseTasks:
    """The open tasks of the token are not needed any more."""

    token: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Reassign:
    """The open task of the token goes to these people."""

    token: int
    node: str
    users: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CloseSeat:
    """The open task of one seat is closed, and the round goes on; `outcome` says why: waiting, removed."""

    token: int
    seat: int
    outcome: str


@dataclass(frozen=True, slots=True)
class SeatVoted:
    """The engine has voted for a seat; `auto` says why."""

    token: int
    node: str
    seat: int
    user: int
    vote: str
    auto: str


@dataclass(frozen=True, slots=True)
class ScheduleTimer:
    """A timer of the node starts to count now; "" is the timer of a `timer_event` itself."""

    token: int
    node: str
    timer: str


@dataclass(frozen=True, slots=True)
class CancelTimers:
    """The token's timers do not count any more; `starts`: only those that start event sub-processes of its scope."""

    token: int
    starts: bool = False


@dataclass(frozen=True, slots=True)
class Recovered:
    """The activity failed and its token leaves by `on_error`: variable `error` is set, the person is shown the
    message.
    """

    token: int
    node: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Subscribe:
    """The token waits for messages or signals of its node from now on, by slot.

    `slot`: "" (a receive task), `event:INDEX` (an event gateway), `message:NAME` or `signal:NAME` (a boundary event),
    `start:NODE` (an event sub-process: `token` is then that of the scope's sub-process, 0 for the process itself).
    """

    token: int
    node: str
    slot: str


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """The token waits for no message or signal any more; `starts` as in `CancelTimers`."""

    token: int
    starts: bool = False


@dataclass(frozen=True, slots=True)
class CallService:
    """A service task's call is to be made, after the step has committed; WorkDone or WorkFailed follow."""

    token: int
    node: str


@dataclass(frozen=True, slots=True)
class CancelWork:
    """What the token asked for outside (a service's call, a called process) is not wanted any more."""

    token: int


@dataclass(frozen=True, slots=True)
class Escalate:
    """An escalation that nothing in the process catches: for who called it."""

    token: int
    name: str


@dataclass(frozen=True, slots=True)
class Collected:
    """The repetitions of a `foreach` are over: what they collected goes to the variables."""

    token: int
    node: str


@dataclass(frozen=True, slots=True)
class OpenScope:
    """A sub-process begins: its variables are made."""

    token: int
    node: str


@dataclass(frozen=True, slots=True)
class CloseScope:
    """A sub-process has ended, by itself or not: its variables are gone, unless it may yet be undone."""

    token: int
    node: str


@dataclass(frozen=True, slots=True)
class EndInstance:
    """completed, failed (an error end event: `error`) or cancelled."""

    outcome: str
    error: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Fail:
    """The whole step fails: `code` is no_way_out, nobody_found, too_many_steps or the script's, which failed
    without an `on_error`.
    """

    node: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RunScript:
    """Keep what was entered or came with an event, run the slot's script if there is one, check the records: ScriptDone
    or ScriptFailed.

    `slot`: do, vote, on_approve, on_reject, on_error, work, undo, action:NAME, timer:NAME, catch:SLOT (as in `Subscribe`,
    and `escalation:NAME`).
    """

    token: int
    node: str
    slot: str
    done: Done | None = None  # the completed activity that `undo` is of


@dataclass(frozen=True, slots=True)
class CallProcess:
    """Start the process that a call activity names: Called, or ScriptFailed."""

    token: int
    node: str


@dataclass(frozen=True, slots=True)
class Decide:
    """Which flows a gateway takes: the first whose condition holds, or with `every` all such; else its else-flow."""

    token: int
    node: str
    every: bool = False


@dataclass(frozen=True, slots=True)
class Join:
    """Whether the condition of a complex gateway holds for the ways by which tokens have come: Probed."""

    token: int
    node: str
    arrived: tuple[str, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ResolveUsers:
    """`slot`: assign, admin, reassign:NAME. Answered by Resolved, or ScriptFailed."""

    token: int
    node: str
    slot: str


@dataclass(frozen=True, slots=True)
class Probe:
    """`slot`: skip, while. Answered by Probed."""

    token: int
    node: str
    slot: str


@dataclass(frozen=True, slots=True)
class CountItems:
    """Evaluate the `foreach` list and keep it for the repetitions: Counted, or ScriptFailed."""

    token: int
    node: str


@dataclass(frozen=True, slots=True)
class EndRepetition:
    """Collect what the repetition leaves; answered by Probed: whether `until` holds. `done` and `total` count
    repetitions.
    """

    token: int
    node: str
    parent: int
    done: int
    total: int


Request = RunScript | CallProcess | Decide | Join | ResolveUsers | Probe | CountItems | EndRepetition
Effect = (
    Entered | Left | SetStatus | OpenTask | CloseTasks | CloseSeat | Reassign | SeatVoted | ScheduleTimer | CancelTimers |
    Subscribe | Unsubscribe | CallService | CancelWork | Escalate | Recovered | Collected | OpenScope | CloseScope
    | EndInstance | Fail | Request
)  # fmt: skip
REQUESTS = (RunScript, CallProcess, Decide, Join, ResolveUsers, Probe, CountItems, EndRepetition)

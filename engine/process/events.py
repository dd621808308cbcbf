"""What happens to a process instance (events) and what the interpreter wants done (effects), as values.

An effect that is a `Request` is the last of its outcome: the driver does it and fires the answer as the next event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    """A seat of an approval has voted: approve or reject."""

    token: int
    seat: int
    vote: str


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer of the token's node is due; the timer of a `timer_event` itself has no name."""

    token: int
    timer: str


@dataclass(frozen=True, slots=True)
class SeatGiven:
    """A seat that has not voted goes to another person (转办): the vote is theirs."""

    token: int
    seat: int
    user: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The instance is ended from outside."""


# ---- answers to requests ----


@dataclass(frozen=True, slots=True)
class ScriptDone:
    token: int


@dataclass(frozen=True, slots=True)
class ScriptFailed:
    """What the request asked for failed and is undone."""

    token: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Decided:
    """The flow that a gateway takes, by its position; None if no condition holds and there is no else."""

    token: int
    flow: int | None


@dataclass(frozen=True, slots=True)
class Resolved:
    """The people asked for: active, each once, in order. `votes` names, for an approval, seats that vote
    automatically and why.
    """

    token: int
    users: tuple[int, ...]
    votes: Mapping[int, str] = field(default_factory=dict, hash=False)


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
    | Cancelled
    | ScriptDone
    | ScriptFailed
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
    token: int


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
class CloseScope:
    """The repetitions of a `foreach` are over: what they collected goes to the variables."""

    token: int
    node: str


@dataclass(frozen=True, slots=True)
class EndInstance:
    """completed, failed (an error end event: `error`) or cancelled."""

    outcome: str
    error: str = ""


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
    """Write what the person entered, run the slot's script if there is one, check the records: ScriptDone or
    ScriptFailed.

    `slot`: do, vote, on_approve, on_reject, on_error, action:NAME, timer:NAME.
    """

    token: int
    node: str
    slot: str


@dataclass(frozen=True, slots=True)
class Decide:
    token: int
    node: str


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


Request = RunScript | Decide | ResolveUsers | Probe | CountItems | EndRepetition
Effect = (
    Entered | Left | SetStatus | OpenTask | CloseTasks | Reassign | SeatVoted | ScheduleTimer | CancelTimers |
    Recovered | CloseScope
    | EndInstance | Fail | Request
)  # fmt: skip
REQUESTS = (RunScript, Decide, ResolveUsers, Probe, CountItems, EndRepetition)

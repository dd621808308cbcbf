"""The state of a process instance as plain values: tokens, rounds of approvals and their JSON form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from engine.process.approval import Round, Seat

Phase = Literal["ready", "waiting", "joining", "many"]


@dataclass(frozen=True, slots=True)
class Token:
    """One point of control in a process instance (BPMN 2.0, 7.1.1).

    `phase`: ready (about to enter its node), waiting (a wait state), joining (arrived at a join), many (the
    activity's repetitions run).
    A repetition of a `foreach` has its activity's token as `parent` and an `index`.
    """

    id: int
    node: str
    phase: Phase = "ready"
    way: str = ""  # the sequence flow by which it came
    scope: int = 0  # the sub-process instance that it belongs to; 0 is the process itself
    parent: int = 0
    index: int = -1
    round: Round | None = None  # of an approval
    total: int = 0  # repetitions of a `foreach`
    done: int = 0
    rejected: bool = False  # a repetition of an approval was
    turn: int = 0  # of a `loop`, counted from 1


@dataclass(frozen=True, slots=True)
class Pending:
    """The question that the interpreter has put and waits for the answer of; never stored, a step answers all."""

    token: int
    slot: str
    targets: tuple[str, ...] = ()
    way: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """Tokens in the order in which they run, the last id given, the open question, and moves since the last event
    from outside.
    """

    tokens: tuple[Token, ...] = ()
    last: int = 0
    pending: Pending | None = None
    moves: int = 0
    ended: str = ""  # completed, failed, cancelled

    def token(self, token: int) -> Token | None:
        return next((t for t in self.tokens if t.id == token), None)


def to_json(state: State) -> dict[str, object]:
    """The state at rest, as JSON holds it; what has its default is left out."""
    return {
        "last": state.last,
        "tokens": [_token_to_json(token) for token in state.tokens],
        **({"ended": state.ended} if state.ended else {}),
    }


def from_json(data: Mapping[str, object]) -> State:
    """The state that `to_json` wrote."""
    tokens = data.get("tokens", [])
    assert isinstance(tokens, list)
    last = data.get("last", 0)
    assert isinstance(last, int)
    return State(tuple(_token_from_json(token) for token in tokens), last, ended=str(data.get("ended", "")))


_BLANK = Token(0, "")
_PLAIN = ("phase", "way", "scope", "parent", "index", "total", "done", "rejected", "turn")


def _token_to_json(token: Token) -> dict[str, object]:
    found: dict[str, object] = {"id": token.id, "node": token.node}
    for name in _PLAIN:
        value = getattr(token, name)
        if value != getattr(_BLANK, name):
            found[name] = value
    if token.round is not None:
        found["round"] = [[seat.user, seat.vote, seat.auto] for seat in token.round.seats]
    return found


def _token_from_json(data: dict[str, object]) -> Token:
    values = dict(data)
    seats = values.pop("round", None)
    token = Token(**values)  # type: ignore[arg-type]
    if isinstance(seats, list):
        return replace(token, round=Round(tuple(Seat(*seat) for seat in seats)))
    return token

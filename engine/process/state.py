"""The state of a process instance as plain values: tokens, rounds of approvals and their JSON form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from engine.process.approval import Round, Seat

Phase = Literal["ready", "waiting", "joining", "many", "inside", "calling", "undoing", "thrown"]


@dataclass(frozen=True, slots=True)
class Token:
    """One point of control in a process instance (BPMN 2.0, 7.1.1).

    `phase`: ready (about to enter its node), waiting (a wait state), joining (arrived at a join), many (the
    activity's repetitions run), inside (the tokens of its sub-process run; their `scope` is its id), calling (a service
    or another process is at work for it), undoing (what it compensates runs), thrown (its event was raised: it is about
    to leave).
    A repetition of a `foreach` has its activity's token as `parent` and an `index`; an activity that undoes another has
    the token that asked for it as `parent` and no index.
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
    undoes: tuple[int, ...] = ()  # tokens of `State.done` that are still to be compensated, the next one first
    after: str = ""  # what follows when they are: on_error, enter; else it leaves


@dataclass(frozen=True, slots=True)
class Done:
    """An activity that was completed and says how it is undone (BPMN 2.0, 13.5.5). `token` was its token; a repetition
    has its activity's as `parent`.
    """

    node: str
    token: int
    scope: int = 0
    parent: int = 0
    index: int = -1


@dataclass(frozen=True, slots=True)
class Reset:
    """A complex gateway that has let a token through and swallows those that still come by these ways (BPMN 2.0,
    13.4.5).
    """

    node: str
    scope: int
    ways: tuple[str, ...]


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
    done: tuple[Done, ...] = ()
    resets: tuple[Reset, ...] = ()

    def token(self, token: int) -> Token | None:
        return next((t for t in self.tokens if t.id == token), None)


def to_json(state: State) -> dict[str, object]:
    """The state at rest, as JSON holds it; what has its default is left out."""
    return {
        "last": state.last,
        "tokens": [_token_to_json(token) for token in state.tokens],
        **({"ended": state.ended} if state.ended else {}),
        **({"done": [[d.node, d.token, d.scope, d.parent, d.index] for d in state.done]} if state.done else {}),
        **({"resets": [[r.node, r.scope, list(r.ways)] for r in state.resets]} if state.resets else {}),
    }


def from_json(data: Mapping[str, Any]) -> State:
    """The state that `to_json` wrote."""
    return State(
        tuple(_token_from_json(token) for token in data.get("tokens", ())),
        data.get("last", 0),
        ended=data.get("ended", ""),
        done=tuple(Done(*each) for each in data.get("done", ())),
        resets=tuple(Reset(node, scope, tuple(ways)) for node, scope, ways in data.get("resets", ())),
    )


_BLANK = Token(0, "")
_PLAIN = ("phase", "way", "scope", "parent", "index", "total", "done", "rejected", "turn", "after")


def _token_to_json(token: Token) -> dict[str, object]:
    found: dict[str, object] = {"id": token.id, "node": token.node}
    for name in _PLAIN:
        value = getattr(token, name)
        if value != getattr(_BLANK, name):
            found[name] = value
    if token.undoes:
        found["undoes"] = list(token.undoes)
    if token.round is not None:
        found["round"] = [_seat_to_json(seat) for seat in token.round.seats]
    return found


def _token_from_json(data: Mapping[str, Any]) -> Token:
    values = dict(data)
    seats = values.pop("round", None)
    token = Token(**values | {"undoes": tuple(values.get("undoes", ()))})
    if isinstance(seats, list):
        return replace(token, round=Round(tuple(_seat_from_json(*seat) for seat in seats)))
    return token


def _seat_to_json(seat: Seat) -> list[object]:
    plain: list[object] = [seat.user, seat.vote, seat.auto]
    if seat.when:
        return [*plain, str(seat.weight), seat.by, seat.when, seat.of]
    return plain if seat.weight == 1 else [*plain, str(seat.weight)]


def _seat_from_json(user: int, vote: str, auto: str, weight: str = "1", *added: Any) -> Seat:
    return Seat(user, vote, auto, Decimal(weight), *added)

"""Tasks and timers of an instance: collected while it moves, written in bulk when it waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from dsl import feel
from engine.errors import StepFailed
from engine.model.processes import Node, Timer
from engine.process import events
from engine.process.catching import START
from engine.process.instance import Instance
from engine.process.names import Names, peek
from engine.process.people import people
from engine.process.timing import END_OF_DAY, duration, later, later_working, moment
from engine.records import Record

if TYPE_CHECKING:
    from engine.workspace import Step

Candidate = tuple[str, str]  # ("user", id) | ("role", name) | ("department", name)


@dataclass(slots=True)
class Opened:
    """A task that is not written yet."""

    row: dict[str, Any]
    candidates: list[Candidate]


class Agenda:
    """What one firing opens and closes. `new` instances have nothing in the database yet."""

    def __init__(self, step: Step, case: Instance, *, new: bool) -> None:
        self.step = step
        self.case = case
        self.new = new
        self.opened: list[Opened] = []
        self.jobs: list[dict[str, Any]] = []
        self.subscriptions: list[dict[str, Any]] = []

    # ---- tasks ----

    def open(
        self, effect: events.OpenTask, node: Node, *, target: Record | None, due: object, priority: object
    ) -> None:
        """A task for the effect's people, or the node's candidates. A seat whose task is open keeps it."""
        if effect.seat >= 0 and self.is_open(effect.token, effect.seat):
            return
        holder, candidates = _holding(effect.users, node)
        row = {
            "instance": self.case.id,
            "token": effect.token,
            "seat": effect.seat,
            "process": self.case.process,
            "node": node.name,
            "kind": node.type,
            "entity": self.case.entity,
            "record": self.case.record_id,
            "for_entity": target.entity.name if target is not None else None,
            "for_record": target.id if target is not None else None,
            "initiator": self.case.initiator_id,
            "holder": holder,
            "shared": holder is None,
            "due": self.due(due),
            "priority": int(priority) if isinstance(priority, int | Decimal) else 0,
            "opened_at": self.step.now,
        }
        self.opened.append(Opened(row, candidates))

    def due(self, value: object) -> datetime | None:
        """When a task is due: a duration from now, a time, or the end of a day."""
        zone = self.step.model.settings.zone
        found = duration(value) if not isinstance(value, str) or value.startswith(("P", "-P")) else None
        if found is not None:
            return later(self.step.now, found, zone)
        return moment(value, zone, at=END_OF_DAY)

    def is_open(self, token: int, seat: int) -> bool:
        if any(task.row["token"] == token and task.row["seat"] == seat for task in self.opened):
            return True
        if self.new:
            return False
        task = self.step.schema.task
        query = select(task.c.id).where(
            task.c.instance == self.case.id, task.c.token == token, task.c.seat == seat, task.c.closed_at.is_(None)
        )
        return self.step.connection.execute(query).first() is not None

    def close(self, token: int, outcome: str) -> None:
        """The token's open tasks are not needed any more."""
        self.opened = [task for task in self.opened if task.row["token"] != token]
        self._close(token, outcome=outcome)

    def vote(self, effect: events.SeatVoted) -> None:
        """The engine voted for a seat: its task, if open, is closed with that vote."""
        self.close_seat(effect.token, effect.seat, effect.vote)

    def close_seat(self, token: int, seat: int, outcome: str) -> None:
        """The open task of one seat is closed."""
        self.opened = [task for task in self.opened if (task.row["token"], task.row["seat"]) != (token, seat)]
        self._close(token, seat=seat, outcome=outcome)

    def _close(self, token: int, *, seat: int | None = None, **values: object) -> None:
        if self.new:
            return
        task = self.step.schema.task
        query = update(task).where(task.c.instance == self.case.id, task.c.token == token, task.c.closed_at.is_(None))
        if seat is not None:
            query = query.where(task.c.seat == seat)
        self.step.connection.execute(query.values(closed_at=self.step.now, **values))

    def reassign(self, token: int, users: Sequence[int]) -> None:
        """The token's open task goes to these people."""
        holder, candidates = _holding(users, None)
        for task in self.opened:
            if task.row["token"] == token:
                task.row |= {"holder": holder, "shared": holder is None}
                task.candidates = candidates
        if self.new:
            return
        task_table, candidate = self.step.schema.task, self.step.schema.candidate
        query = (
            update(task_table)
            .where(task_table.c.instance == self.case.id, task_table.c.token == token, task_table.c.closed_at.is_(None))
            .values(holder=holder, shared=holder is None)
        )
        ids = list(self.step.connection.execute(query.returning(task_table.c.id)).scalars())
        if ids:
            self.step.connection.execute(delete(candidate).where(candidate.c.task.in_(ids)))
            self._name([(number, candidates) for number in ids])

    def assignees(self, token: int) -> list[Record]:
        """The holders of the token's open tasks (of all its repetitions), else their candidates."""
        tokens = {token} | {t.id for t in self.case.state.tokens if t.parent == token}
        held: list[tuple[int | None, list[Candidate]]] = [
            (task.row["holder"], task.candidates) for task in self.opened if task.row["token"] in tokens
        ]
        if not self.new:
            held += open_holders(self.step, self.case.id, tokens)
        found: list[Record | None] = []
        for holder, candidates in held:
            if holder is not None:
                found.append(peek(self.step, "user", holder))
            else:
                found.extend(candidates_as_people(self.step, candidates))
        return people(found)

    # ---- timers ----

    def schedule(self, effect: events.ScheduleTimer, node: Node, names: Names) -> None:
        """A job for the time at which the timer fires; a boundary timer without a date never does."""
        due, period = self._due(node, effect.timer, names)
        if due is None:
            if effect.timer in node.timers:
                return
            raise StepFailed("'{node}' waits for a time, and its expression gives none", node=node.name)
        self.jobs.append(
            {
                "kind": "timer",
                "key": self._key(effect.token, effect.timer),
                "due": due,
                "instance": self.case.id,
                "token": effect.token,
                "payload": {"timer": effect.timer, "period": period},
                "created_at": self.step.now,
            }
        )

    def _due(self, node: Node, name: str, names: Names) -> tuple[datetime | None, str | None]:
        """When the timer fires first, and for a cycle the period in ISO 8601."""
        zone, now = self.step.model.settings.zone, self.step.now
        timer = node.timers.get(name) or _timer_of(node, name)
        if timer is None:
            if node.for_duration is None:
                return moment(self._value(node.until, names), zone), None
            wait = duration(self._value(node.for_duration, names))
            if wait is None:
                return None, None
            if node.working and isinstance(wait, timedelta):
                return later_working(now, wait, zone), None
            return later(now, wait, zone), None
        value = self._value(timer.value, names)
        if timer.kind == "until":
            return moment(value, zone), None
        wait = duration(value)
        if wait is None:
            return None, None
        due = later_working(now, wait, zone) if timer.working and isinstance(wait, timedelta) else later(now, wait, zone)
        return due, feel.to_text(wait) if timer.kind == "every" else None

    def _value(self, value: Any, names: Names) -> object:
        expression = getattr(value, "expression", value)
        if expression is None:
            return getattr(value, "literal", None)
        return expression(names, self.step.host)

    def cancel_timers(self, token: int, *, starts: bool = False) -> None:
        """The token's timers do not count any more; with `starts`, those that start event sub-processes of its scope."""
        self.jobs = [
            job for job in self.jobs if job["token"] != token or (starts and not _starts(job["payload"]["timer"]))
        ]
        if self.new:
            return
        job = self.step.schema.job
        query = delete(job).where(job.c.instance == self.case.id, job.c.token == token, job.c.kind == "timer")
        if starts:
            query = query.where(job.c.key.startswith(self._key(token, START), autoescape=True))
        self.step.connection.execute(query)

    def _key(self, token: int, timer: str) -> str:
        return f"timer:{self.case.id}:{token}:{timer}"

    # ---- messages and signals ----

    def subscribe(self, row: Mapping[str, object]) -> None:
        """A token waits for a message or a signal."""
        self.subscriptions.append({"instance": self.case.id, **row})

    def unsubscribe(self, token: int, *, starts: bool = False) -> None:
        """The token waits no more; with `starts`, only as event sub-processes of its scope do."""
        self.subscriptions = [
            row for row in self.subscriptions if row["token"] != token or (starts and not _starts(row["slot"]))
        ]
        if self.new:
            return
        table = self.step.schema.subscription
        query = delete(table).where(table.c.instance == self.case.id, table.c.token == token)
        if starts:
            query = query.where(table.c.slot.startswith(START, autoescape=True))
        self.step.connection.execute(query)

    # ---- writing ----

    def write(self) -> None:
        """Write what was opened and scheduled."""
        if self.opened:
            table = self.step.schema.task
            query = insert(table).returning(table.c.id, sort_by_parameter_order=True)
            ids = self.step.connection.execute(query, [task.row for task in self.opened]).scalars().all()
            self._name([(number, task.candidates) for number, task in zip(ids, self.opened, strict=True)])
        if self.jobs:
            self.step.connection.execute(insert(self.step.schema.job), self.jobs)
        if self.subscriptions:
            self.step.connection.execute(insert(self.step.schema.subscription), self.subscriptions)
        self.opened, self.jobs, self.subscriptions = [], [], []

    def _name(self, tasks: Iterable[tuple[int, list[Candidate]]]) -> None:
        rows = [{"task": task, "kind": kind, "value": name} for task, candidates in tasks for kind, name in candidates]
        if rows:
            self.step.connection.execute(insert(self.step.schema.candidate), rows)


def _starts(slot: str) -> bool:
    return slot.startswith(START)


def _timer_of(node: Node, name: str) -> Timer | None:
    """The timer among the events of an event gateway, or that starts an event sub-process."""
    if name.startswith("event:"):
        return node.events[int(name.removeprefix("event:"))].timer
    return node.catch.timer if name.startswith(START) and node.catch is not None else None


def _holding(users: Sequence[int], node: Node | None) -> tuple[int | None, list[Candidate]]:
    """One person holds a task; several share it; without people it is the node's candidates'."""
    if len(users) == 1:
        return users[0], []
    if users or node is None or node.candidates is None:
        return None, [("user", str(user)) for user in users]
    return None, [("role", role) for role in node.candidates.roles] + [
        ("department", name) for name in node.candidates.departments
    ]


def open_holders(step: Step, case: int, tokens: Iterable[int]) -> list[tuple[int | None, list[Candidate]]]:
    """Holder and candidates of the open tasks at these tokens."""
    task, candidate = step.schema.task, step.schema.candidate
    query = (
        select(task.c.id, task.c.holder, candidate.c.kind, candidate.c.value)
        .join_from(task, candidate, candidate.c.task == task.c.id, isouter=True)
        .where(task.c.instance == case, task.c.token.in_(list(tokens)), task.c.closed_at.is_(None))
        .order_by(task.c.id, candidate.c.id)
    )
    found: dict[int, tuple[int | None, list[Candidate]]] = {}
    for row in step.connection.execute(query):
        held = found.setdefault(row.id, (row.holder, []))
        if row.kind is not None:
            held[1].append((row.kind, row.value))
    return list(found.values())


def candidates_as_people(step: Step, candidates: Iterable[Candidate]) -> list[Record | None]:
    """The people that candidates name now."""
    found: list[Record | None] = []
    for kind, name in candidates:
        if kind == "user":
            found.append(peek(step, "user", int(name)))
        elif kind == "role":
            found.extend(people(step.host.call("users with role", [name])))
        else:
            with step.as_engine():
                found.extend(step.records.find("user", "department.name = wanted", {"wanted": name}))
    return found

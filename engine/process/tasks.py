"""The service for people's work: the inbox, and the operations of a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update

from engine.errors import AccessDenied, ActionRefused, NotFound
from engine.model.model import Text
from engine.model.processes import Node, TaskForm
from engine.process import events, instance, seats
from engine.process.agenda import candidates_as_people, open_holders
from engine.process.definitions import graph_of
from engine.process.instance import Instance
from engine.process.names import key, peek
from engine.process.operation import Operation, enter
from engine.process.people import candidate_keys
from engine.process.permission import permits, votes
from engine.records import Record

if TYPE_CHECKING:
    from engine.workspace import Step


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of work for somebody. `entity` and `record_id` name the process's record, `target` the one that its
    form is of.

    `holder` is None for a shared task that nobody has claimed; `status` is open or done.
    """

    id: int
    instance: int
    token: int
    seat: int
    process: str
    node: str
    kind: str  # user_task, approval
    label: Text
    entity: str
    record_id: int
    title: str
    target: Record | None
    holder: Record | None
    initiator: Record | None
    shared: bool
    priority: int
    due: datetime | None
    created_at: datetime
    closed_at: datetime | None
    closed_by: Record | None
    outcome: str
    comment: str

    @property
    def status(self) -> str:
        return "open" if self.closed_at is None else "done"

    @property
    def assignee(self) -> str | None:
        """The holder's login."""
        return str(self.holder["login"]) if self.holder is not None else None


@dataclass(frozen=True, slots=True)
class SeatInfo:
    """One approver of a round as others see it: vote "" (open), approve, reject or abstain; `automatic` says why the
    engine voted, `weight` what the vote counts under a ratio.
    """

    user: Record | None
    vote: str
    automatic: str
    comment: str = ""
    when: datetime | None = None
    weight: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person who decides a task must know: what they may do, the form, why they are asked, and the other
    seats.
    """

    task: Task
    node: Node
    operations: tuple[str, ...]
    form: TaskForm
    policy: str
    seats: tuple[SeatInfo, ...]
    assign: str  # the expression by which they were found
    status: str = ""


class Tasks:
    """The tasks of one step's user."""

    def __init__(self, step: Step) -> None:
        self.step = step

    # ---- boxes ----

    def todo(self) -> list[Task]:
        """Open tasks that I hold or may claim."""
        return self.box("todo")

    def box(self, name: str, *, process: str | None = None, limit: int = 200) -> list[Task]:
        """todo (by priority, then due), done, started, copied; newest first but for todo."""
        task = self.step.schema.task
        me = self.step.user.id if self.step.user is not None else None
        query = select(task)
        match name:
            case "todo":
                query = self._mine(query).order_by(
                    task.c.priority.desc(), task.c.due.is_(None), task.c.due, task.c.opened_at, task.c.id
                )
            case "done":
                query = query.where(task.c.closed_by == me).order_by(task.c.closed_at.desc(), task.c.id.desc())
            case "started":
                query = query.where(task.c.initiator == me, task.c.closed_at.is_(None)).order_by(task.c.id.desc())
            case "copied":
                return []  # nothing copies before carbon copies exist
            case _:
                raise NotFound("There is no box '{name}'", name=name)
        if process is not None:
            query = query.where(task.c.process == process)
        return self._read(query.limit(limit))

    def count_todo(self) -> int:
        """How many open tasks I hold or may claim."""
        return int(
            self.step.connection.execute(
                self._mine(select(func.count()).select_from(self.step.schema.task))
            ).scalar_one()
        )

    def of_record(self, record: Record) -> list[Task]:
        """The open tasks about a record."""
        task = self.step.schema.task
        about = or_(
            and_(task.c.entity == record.entity.name, task.c.record == record.id),
            and_(task.c.for_entity == record.entity.name, task.c.for_record == record.id),
        )
        return self._read(select(task).where(task.c.closed_at.is_(None), about).order_by(task.c.id))

    def get(self, number: int) -> Task:
        """A task of mine, or about a record that I may read; raises NotFound."""
        task = self.step.schema.task
        found = self._read(select(task).where(task.c.id == number))
        if not found or not self._may_see(found[0]):
            raise NotFound("There is no task {id}", id=number)
        return found[0]

    def open_tasks(self, node: str | None = None) -> list[Task]:
        """All open tasks, whoever holds them; for the system."""
        task = self.step.schema.task
        query = select(task).where(task.c.closed_at.is_(None)).order_by(task.c.id)
        if node is not None:
            query = query.where(or_(task.c.node == node, task.c.node.endswith(f".{node}", autoescape=True)))
        return self._read(query)

    def is_for(self, task: Task, user: Record | None = None) -> bool:
        """Whether the person (the step's user unless given) holds the open task or may claim it."""
        person = user if user is not None else self.step.user
        if task.closed_at is not None or person is None:
            return False
        if task.holder is not None:
            return task.holder == person
        return person in self.candidates(task)

    def candidates(self, task: Task) -> list[Record]:
        """The people who may claim the task."""
        found = open_holders(self.step, task.instance, [task.token])
        named = [candidate for holder, candidates in found if holder is None for candidate in candidates]
        return [user for user in candidates_as_people(self.step, named) if user is not None]

    def _mine(self, query: Select[Any]) -> Select[Any]:
        task, candidate = self.step.schema.task, self.step.schema.candidate
        me = self.step.user
        if me is None:
            return query.where(task.c.closed_at.is_(None))
        named: list[ColumnElement[bool]] = [
            and_(candidate.c.kind == kind, candidate.c.value == name) for kind, name in candidate_keys(self.step)
        ]
        claimable = and_(task.c.holder.is_(None), exists().where(candidate.c.task == task.c.id, or_(*named)))
        return query.where(task.c.closed_at.is_(None), or_(task.c.holder == me.id, claimable))

    def _may_see(self, task: Task) -> bool:
        if (
            self.step.user is None
            or self.is_for(task)
            or self.step.user in (task.holder, task.closed_by, task.initiator)
        ):
            return True
        record = peek(self.step, task.entity, task.record_id)
        return record is not None and bool(self.step.access.can("read", record))

    def _read(self, query: Select[Any]) -> list[Task]:
        """Tasks with the records they name, which are loaded together."""
        step = self.step
        rows = step.connection.execute(query).mappings().all()
        users = {row[name] for row in rows for name in ("holder", "initiator", "closed_by")} - {None}
        people = self._load("user", users)
        wanted: dict[str, set[int]] = {}
        for row in rows:
            for entity, number in ((row["entity"], row["record"]), (row["for_entity"], row["for_record"])):
                if entity is not None:
                    wanted.setdefault(entity, set()).add(number)
        records = {entity: self._load(entity, ids) for entity, ids in wanted.items()}
        found = []
        for row in rows:
            record = records.get(row["entity"], {}).get(row["record"])
            node = self._node(row["process"], row["node"])
            found.append(
                Task(
                    id=row["id"],
                    instance=row["instance"],
                    token=row["token"],
                    seat=row["seat"],
                    process=row["process"],
                    node=row["node"],
                    kind=row["kind"],
                    label=node.label if node is not None else Text({"": row["node"]}),
                    entity=row["entity"] or "",
                    record_id=row["record"] or 0,
                    title=record.title() if record is not None else "",
                    target=records.get(row["for_entity"], {}).get(row["for_record"]),
                    holder=people.get(row["holder"]),
                    initiator=people.get(row["initiator"]),
                    shared=bool(row["shared"]),
                    priority=row["priority"],
                    due=row["due"],
                    created_at=row["opened_at"],
                    closed_at=row["closed_at"],
                    closed_by=people.get(row["closed_by"]),
                    outcome=row["outcome"] or "",
                    comment=row["comment"] or "",
                )
            )
        return found

    def _load(self, entity: str, ids: set[int]) -> dict[int, Record]:
        with self.step.as_engine():
            return {key(record): record for record in self.step.records.get_many(entity, sorted(ids))} if ids else {}

    def _node(self, process: str, node: str) -> Node | None:
        """The node as the current model has it, for its label."""
        found = self.step.model.processes.get(process)
        return found.nodes.get(node) if found is not None else None

    # ---- what may be done ----

    def operations(self, task: Task) -> tuple[str, ...]:
        """What this user may do with the task now."""
        if task.closed_at is not None or not (self.step.user is None or self.is_for(task)):
            return ()
        node = self._at(task)
        completing = votes(node) if task.kind == "approval" else tuple(node.actions) or ("complete",)
        if task.holder is None:
            return (*completing, "claim", "comment")
        release = ("release",) if task.shared else ()
        transfer = ("transfer",) if permits(node, "transfer") else ()
        signer = ("add_signer",) if task.kind == "approval" and permits(node, "add_signer") else ()
        return (*completing, *release, *transfer, *signer, "comment")

    def form(self, task: Task, operation: str) -> TaskForm:
        """What an operation asks for: the task's fields and the action's own form."""
        node = self._at(task)
        if operation not in node.actions and operation not in (*votes(node), "complete"):
            return TaskForm()
        own = node.actions[operation].form if operation in node.actions else TaskForm()
        return TaskForm(
            edit=tuple(dict.fromkeys(node.form.edit + own.edit)),
            show=node.form.show,
            require=node.form.require + own.require,
            inputs=own.inputs,
        )

    def decision(self, task: Task) -> Decision:
        """All that the page of a decision shows."""
        node = self._at(task)
        case = self._case(task)
        token = case.state.token(task.token)
        policy = f"ratio:{node.ratio}" if node.policy == "ratio" else node.policy
        asked = self._seats(task, token.round.seats) if token is not None and token.round is not None else ()
        return Decision(
            task=task,
            node=node,
            operations=self.operations(task),
            form=self.form(task, "approve" if task.kind == "approval" else "complete"),
            policy=policy,
            seats=asked,
            assign=node.assign.text if node.assign is not None else "",
            status=node.status or "",
        )

    def _seats(self, task: Task, asked: Sequence[Any]) -> tuple[SeatInfo, ...]:
        table = self.step.schema.task
        query = select(table.c.seat, table.c.comment, table.c.closed_at).where(
            table.c.instance == task.instance, table.c.token == task.token, table.c.closed_at.is_not(None)
        ).order_by(table.c.id)
        given = {row.seat: row for row in self.step.connection.execute(query)}
        people = self._load("user", {seat.user for seat in asked})
        return tuple(
            SeatInfo(
                people.get(seat.user),
                seat.vote,
                seat.auto,
                (given[index].comment or "") if seat.vote and index in given else "",
                given[index].closed_at if seat.vote and index in given else None,
                seat.weight,
            )
            for index, seat in enumerate(asked)
            if seat.vote != "removed"
        )

    def _case(self, task: Task, *, lock: bool = False) -> Instance:
        return instance.load(self.step, [task.instance], lock=lock)[0]

    def _at(self, task: Task) -> Node:
        case = self._case(task)
        return graph_of(self.step, case.process, case.version).nodes[task.node]

    # ---- operations ----

    def do(
        self,
        task: Task,
        operation: str,
        *,
        values: Mapping[str, object] | None = None,
        comment: str = "",
        **arguments: object,
    ) -> Task:
        """Do an operation; returns the task as it is then.

        `operation` is an action of a user task (or `complete` with `action=`), approve, reject, abstain, claim,
        release, comment, transfer with `user=` (login or id), add_signer with `users=` and `when=` (before, after,
        parallel), or remove_signer with `user=`, which who added the signer may do though their own task waits.

        Raises AccessDenied for a task of others, ActionRefused if it has been done: by whom, and when.
        """
        step = self.step
        step.settle()
        case = self._case(task, lock=True)  # whoever has it first goes on; the others see what was done
        task = self._read(select(step.schema.task).where(step.schema.task.c.id == task.id))[0]
        if operation == "remove_signer":  # the task of who added them may wait, or be done
            node = graph_of(step, case.process, case.version).nodes[task.node]
            seats.remove(step, case, node, task.token, self._person(arguments.get("user")), comment)
            return self._read(select(step.schema.task).where(step.schema.task.c.id == task.id))[0]
        if task.closed_at is not None:
            self._refuse_late(task)
        if step.user is not None and not self.is_for(task):
            raise AccessDenied("'{task}' is not your task", task=task.node)
        node = graph_of(step, case.process, case.version).nodes[task.node]
        if operation == "complete" and node.actions:
            named = arguments.pop("action", None)
            operation = str(named) if named is not None else operation
        match operation:
            case "claim":
                self._claim(task)
            case "release":
                self._release(task)
            case "transfer":
                self._transfer(task, case, node, arguments.pop("user", None), comment)
            case "add_signer":
                self._add_signers(task, case, node, arguments, comment)
            case "comment":
                step.processes.runner.note(case, "comment", task.node, task=task.id, comment=comment)
            case _:
                self._complete(task, case, node, operation, values, comment)
        if arguments:
            raise ActionRefused("'{operation}' takes no '{name}'", operation=operation, name=next(iter(arguments)))
        return self._read(select(step.schema.task).where(step.schema.task.c.id == task.id))[0]

    def _complete(
        self, task: Task, case: Instance, node: Node, operation: str, values: Mapping[str, object] | None, comment: str
    ) -> None:
        possible = votes(node) if task.kind == "approval" else tuple(node.actions) or ("complete",)
        if operation not in possible:
            raise ActionRefused("'{task}' has no operation '{operation}'; it has {possible}",
                                task=task.node, operation=operation, possible=", ".join(possible))  # fmt: skip
        action = node.actions.get(operation)
        record = task.target or peek(self.step, task.entity, task.record_id)
        if action is not None and action.when is not None:
            self._require(action.when, case, task)
        forms = (node.form,) if action is None else (node.form, action.form)
        entered: Operation = enter(self.step, operation, forms, record, values, comment)
        self._close(task, operation, comment)
        self.step.processes.runner.note(case, "completed", task.node, task=task.id, action=operation, comment=comment)
        event: events.Event = events.Acted(task.token, operation)
        if task.kind == "approval":
            event = events.Voted(task.token, task.seat, operation)
        self.step.processes.runner.fire(case, event, entered)

    def _require(self, when: Any, case: Instance, task: Task) -> None:
        record = peek(self.step, task.entity, task.record_id)
        names = self.step.processes.names(record, case)
        if self.step.processes.runner.evaluate(when, names) is not True:
            raise ActionRefused("This is not possible now: it needs {condition}", condition=when.text)

    def _close(self, task: Task, outcome: str, comment: str) -> None:
        """Close the task if it is still open: of two people the first wins."""
        table = self.step.schema.task
        user = self.step.user
        query = (
            update(table)
            .where(table.c.id == task.id, table.c.closed_at.is_(None))
            .values(
                closed_at=self.step.now,
                closed_by=user.id if user is not None else None,
                outcome=outcome,
                comment=comment,
            )
        )
        if self.step.connection.execute(query).rowcount != 1:
            self._refuse_late(self._read(select(table).where(table.c.id == task.id))[0])

    def _refuse_late(self, task: Task) -> None:
        assert task.closed_at is not None
        when = task.closed_at.astimezone(self.step.model.settings.zone).strftime("%Y-%m-%d %H:%M")
        if task.closed_by is None:
            raise ActionRefused(
                "The task was closed on {when}: {outcome}", when=when, outcome=task.outcome, code="done"
            )
        raise ActionRefused("{who} has done this on {when}: {outcome}", who=task.closed_by.title(), when=when,
                            outcome=task.outcome, code="done")  # fmt: skip

    def _claim(self, task: Task) -> None:
        table = self.step.schema.task
        user = self.step.user
        if task.holder is not None:
            raise ActionRefused("{who} has claimed this task", who=task.holder.title())
        if user is None:
            raise ActionRefused("Only a person may claim a task")
        self.step.connection.execute(update(table).where(table.c.id == task.id).values(holder=user.id))

    def _release(self, task: Task) -> None:
        table = self.step.schema.task
        if not task.shared:
            raise ActionRefused("The task is yours alone and cannot be given back")
        self.step.connection.execute(update(table).where(table.c.id == task.id).values(holder=None))

    def _transfer(self, task: Task, case: Instance, node: Node, user: object, comment: str) -> None:
        """The task goes to another person for good; an approval's vote is theirs."""
        if not permits(node, "transfer"):
            raise ActionRefused("'{task}' does not permit 'transfer'", task=task.node)
        receiver = self._person(user)
        if task.kind == "approval":
            seats.give(self.step, case, node, task.token, task.seat, receiver)
        elif not receiver["active"]:
            raise ActionRefused("{who} is deactivated", who=receiver.title())
        table = self.step.schema.task
        self.step.connection.execute(update(table).where(table.c.id == task.id).values(holder=receiver.id))
        self.step.processes.runner.note(case, "transferred", task.node, task=task.id, user=receiver.id, comment=comment)

    def _add_signers(
        self, task: Task, case: Instance, node: Node, arguments: dict[str, object], comment: str
    ) -> None:
        """Others join the round of an approval."""
        if task.kind != "approval" or not permits(node, "add_signer"):
            raise ActionRefused("'{task}' does not permit 'add_signer'", task=task.node)
        users, when = arguments.pop("users", None), arguments.pop("when", None)
        named = users if isinstance(users, list | tuple) else [] if users is None else [users]
        people = list(dict.fromkeys(self._person(user) for user in named))
        seats.add(self.step, case, node, task.token, task.seat, people, when, comment)

    def _person(self, user: object) -> Record:
        if isinstance(user, Record):
            return user
        if user is None:
            raise ActionRefused("Say to whom: 'user' is missing")
        found = (
            self.step.access.user_by_login(user)
            if isinstance(user, str) and not user.isdigit()
            else peek(self.step, "user", int(str(user)))
        )
        if found is None:
            raise NotFound("There is no user {user}", user=user)
        return found

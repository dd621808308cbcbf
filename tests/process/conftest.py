"""A small office with requests: one entity, and the process that a test writes for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dsl.problems import render
from engine.clock import MovableClock
from engine.model import build
from engine.process import Task
from engine.records import Record
from engine.work import fire_due
from engine.workspace import Step, Workspace

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

BASE = {
    "workspace.yaml": "workspace: office\nlocale: en\n",
    "entities/item.yaml": """
entity: item
title: name
fields:
  name:  {type: text, required: true}
  stock: {type: integer, default: 0, min: 0}
""",
    "entities/request.yaml": """
entity: request
title: subject
fields:
  subject:  {type: text, required: true}
  amount:   {type: money, default: 0}
  item:     {type: link, to: item}
  helpers:  {type: links, to: user}
  note:     {type: text}
  deadline: {type: date}
  status:   {type: choice, options: [draft, review, done, refused, stuck], readonly: true}
rules:
  not_huge: {require: amount < 1000000, message: This is too much for one request}
""",
    "roles/employee.yaml": """
role: employee
grants:
  request: {read: all, create: true, update: own}
  item: {read: all}
""",
    "roles/boss.yaml": """
role: boss
grants:
  request: {read: all, update: all}
  item: {read: all}
""",
    "decisions/review_level.yaml": """
decision: review_level
inputs:
  amount: {type: money, values: '>= 0'}
  urgent: {type: boolean}
outputs:
  level: {type: choice, options: [none, one, two]}
  days:  {type: integer}
rules:
  - {amount: '< 100', level: '"none"', days: 0}
  - {amount: '[100..5000)', urgent: false, level: '"one"', days: 3}
  - {amount: '[100..5000)', urgent: true, level: '"one"', days: 1}
  - {amount: '>= 5000', level: '"two"', days: 5}
""",
    "templates/due.yaml": """
template: due
channels: [app]
subject: {en: "{subject} waits", zh: "{subject}待处理"}
body: {en: "Please decide.", zh: "请处理。"}
""",
}


class Office:
    """A workspace with amy and ben (employees) and eva and zoe (bosses); `clock` is under the test's control."""

    def __init__(self, url: str, process: str, **processes: str) -> None:
        self.clock = MovableClock(MONDAY)
        self.workspace = Workspace.open(None, url, clock=self.clock)
        self.publish(process, **processes)
        with self.workspace.step(None) as step:
            boss = step.records.create("user", {"login": "eva", "name": "Eva", "roles": ["boss"], "locale": "zh"})
            step.records.create("user", {"login": "zoe", "name": "Zoe", "roles": ["boss"]})
            for login in ("amy", "ben"):
                person = {"login": login, "name": login.title(), "roles": ["employee"], "manager": boss}
                step.records.create("user", person)

    def publish(self, process: str, **processes: str) -> None:
        files = {**BASE, "processes/handling.yaml": process}
        files |= {f"processes/{name}.yaml": text for name, text in processes.items()}
        if "named:" in process:  # the action that the bosses' grant names
            files["roles/boss.yaml"] = files["roles/boss.yaml"].replace("update: all", "update: all, actions: [named]")
        problems = [render(problem) for problem in build(files).problems if problem.severity == "error"]
        assert not problems, "\n".join(problems)
        self.workspace.publish(files)

    def request(self, by: str | None = "amy", **values: object) -> int:
        with self.workspace.step(by) as step:
            number = step.records.create("request", {"subject": "Pens", **values}).id
        assert number is not None
        return number

    def record(self, step: Step, number: int) -> Record:
        return step.records.get("request", number)

    def act(self, by: str | None, number: int, action: str, **what: object) -> None:
        with self.workspace.step(by) as step:
            step.processes.act(self.record(step, number), action, **what)

    def task(self, step: Step, by: str, node: str = "") -> Task:
        with self.workspace.step(by, readonly=True) as reading:
            found = [task for task in reading.tasks.todo() if not node or task.node.rpartition(".")[2] == node]
        return step.tasks.get(found[0].id)

    def do(self, by: str, operation: str, node: str = "", **what: object) -> None:
        with self.workspace.step(by) as step:
            step.tasks.do(self.task(step, by, node), operation, **what)

    def todo(self, by: str) -> list[str]:
        with self.workspace.step(by, readonly=True) as step:
            return [task.node for task in step.tasks.todo()]

    def look(self, number: int, field: str) -> object:
        with self.workspace.step(None, readonly=True) as step:
            return self.record(step, number)[field]

    def send(self, name: str, key: object = None, **payload: object) -> None:
        """A message from outside."""
        with self.workspace.step(None) as step:
            step.processes.message(name, key, payload)

    def wait(self, **time: int) -> None:
        fire_due(self.workspace, self.clock() + timedelta(**time), self.clock)

    def messages(self, to: str) -> list[str]:
        with self.workspace.step(to, readonly=True) as step:
            return [message.subject for message in step.notifications.mine()]

    def story(self, number: int) -> list[tuple[str, str]]:
        """What happened to the request, oldest first: event and node."""
        with self.workspace.step(None, readonly=True) as step:
            entries = reversed(step.history.of(self.record(step, number)))
            return [(entry.text, str(entry.data["node"])) for entry in entries if entry.kind == "process"]


@pytest.fixture
def office(sqlite_url: str) -> Iterator[Callable[..., Office]]:
    """Opens an office whose requests follow the process of a YAML text."""
    opened: list[Office] = []

    def open_office(process: str, **processes: str) -> Office:
        opened.append(Office(sqlite_url, process, **processes))
        return opened[-1]

    yield open_office
    for each in opened:
        each.workspace.close()


@pytest.fixture
def busy_office(database_url: str) -> Iterator[Callable[..., Office]]:
    """The same on SQLite and on PostgreSQL, for what depends on the database."""
    opened: list[Office] = []

    def open_office(process: str, **processes: str) -> Office:
        opened.append(Office(database_url, process, **processes))
        return opened[-1]

    yield open_office
    for each in opened:
        each.workspace.close()

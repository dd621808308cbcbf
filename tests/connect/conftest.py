"""A warehouse that talks to a shop: products, orders whose processes call it, and the outside systems as real servers."""

from __future__ import annotations

import email
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from dsl.problems import render
from engine.clock import MovableClock
from engine.model import build
from engine.records import Record
from engine.work import Worker
from engine.workspace import Step, Workspace
from tests.connect.receiver import receiving

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

BASE = {
    "workspace.yaml": "workspace: warehouse\nlocale: en\ntime_zone: Europe/Berlin\n",
    "entities/product.yaml": """
entity: product
title: code
fields:
  code:   {type: text, required: true}
  stock:  {type: decimal, scale: 3, default: 0}
  price:  {type: money, default: 0}
  mail:   {type: email}
  state:  {type: text}
  status: {type: choice, options: [new, pushed, failed]}
rules:
  sane: {require: stock < 1000, message: Too much}
""",
    "roles/clerk.yaml": "role: clerk\ngrants:\n  product: {read: all, create: true, update: all}\n",
    "templates/changed.yaml": 'template: changed\nchannels: [app, email]\nsubject: "{code} has changed"\nbody: "Stock: {stock}"\n',
}
CONNECTOR = """
connector: shop
url: {url}
private: true
{more}
operations:
  push:  {{method: PUT, path: "/stock/{{code}}", query: {{n: =count, lang: en}}, body: '{{quantity: quantity}}', result: body.ok}}
  send:  {{method: POST, path: /products}}
  price: {{path: "/price/{{code}}", result: body.price}}
"""


class Warehouse:
    """The workspace, its clock, and a worker that does what is due when a test says so."""

    def __init__(self, url: str, files: dict[str, str]) -> None:
        self.clock = MovableClock(MONDAY)
        self.workspace = Workspace.open(None, url, clock=self.clock)
        self.worker = Worker(self.workspace)
        self.publish(files)
        with self.workspace.step(None) as step:
            step.records.create("user", {"login": "amy", "name": "Amy", "roles": ["clerk"], "email": "amy@example.com"})
            step.records.create("user", {"login": "tom", "name": "Tom", "roles": ["admin"]})

    def publish(self, files: dict[str, str]) -> None:
        found = {**BASE, **files}
        problems = [render(problem) for problem in build(found).problems if problem.severity == "error"]
        assert not problems, "\n".join(problems)
        self.workspace.publish(found)

    def product(self, **values: object) -> int:
        with self.workspace.step("amy") as step:
            number = step.records.create("product", {"code": "tea", **values}).id
        assert number is not None
        return number

    def look(self, number: int, field: str) -> object:
        with self.workspace.step(None, readonly=True) as step:
            return step.records.get("product", number)[field]

    def change(self, number: int, by: str | None = "amy", **values: object) -> None:
        with self.workspace.step(by) as step:
            step.records.update(step.records.get("product", number), values)

    def work(self, **wait: int) -> int:
        """Move the clock, and do what is due."""
        self.clock.move(timedelta(**wait))
        return self.worker.run_once()

    def settle(self) -> None:
        """Do what is due until nothing is, without moving the clock."""
        while self.worker.run_once():
            pass

    def jobs(self) -> list[Any]:
        with self.workspace.step(None, readonly=True) as step:
            table = step.schema.job
            return list(step.connection.execute(table.select().where(table.c.kind != "schedule").order_by(table.c.id)))

    def read(self, work: Callable[[Step], Any], by: str | None = None) -> Any:
        with self.workspace.step(by) as step:
            return work(step)

    def record(self, step: Step, number: int) -> Record:
        return step.records.get("product", number)


def shop(url: str, more: str = "") -> str:
    """The connector's document."""
    return CONNECTOR.format(url=url, more=more)


@pytest.fixture
def receiver() -> Iterator[Any]:
    with receiving() as found:
        yield found


@pytest.fixture
def warehouse(sqlite_url: str, receiver: Any) -> Iterator[Callable[..., Warehouse]]:
    yield from opening(sqlite_url, receiver)


@pytest.fixture
def busy_warehouse(database_url: str, receiver: Any) -> Iterator[Callable[..., Warehouse]]:
    """The same on SQLite and on PostgreSQL, for what depends on the database."""
    yield from opening(database_url, receiver)


def opening(url: str, receiver: Any) -> Iterator[Callable[..., Warehouse]]:
    opened: list[Warehouse] = []

    def open_warehouse(process: str = "", more: str = "", **files: str) -> Warehouse:
        found = {"connectors/shop.yaml": shop(receiver.url, more)}
        if process:
            found["processes/handling.yaml"] = process
        found |= {f"{name.replace('__', '/')}.yaml": text for name, text in files.items()}
        opened.append(Warehouse(url, found))
        return opened[-1]

    yield open_warehouse
    for each in opened:
        each.workspace.close()


class Post:
    """A mail server; `refuse` is the answer to the next recipients."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.refuse: list[str] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.refuse:
            return self.refuse.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(email.message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    found = Post()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(found, hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setenv("TRADEWIND_SMTP_URL", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("TRADEWIND_MAIL_FROM", "Tradewind <office@example.com>")
    yield found
    controller.stop()

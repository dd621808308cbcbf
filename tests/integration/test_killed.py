"""`kill -9` of the server at any moment loses nothing that was answered, and leaves nothing half done."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from engine import Workspace
from engine.model import load_folder

TRADING = Path(__file__).parents[2] / "examples" / "trading"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`tradewind serve` as its users run it."""

    def __init__(self, folder: Path, database: str) -> None:
        self.address = f"http://127.0.0.1:{(port := free_port())}/api/v1"
        command = [sys.executable, "-m", "admin.cli", "serve", str(folder), "--port", str(port), "--database", database]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{self.address}/health", timeout=5)
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server did not answer within 20 s")

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def call(self, method: str, path: str, token: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)


@contextmanager
def serving(folder: Path, database: str) -> Iterator[Server]:
    server = Server(folder, database)
    try:
        yield server
    finally:
        server.kill()


@pytest.mark.slow
def test_an_order_submitted_before_the_kill_is_there_after_it(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "workspace.yaml").write_text((TRADING / "workspace.yaml").read_text())
    workspace = Workspace.open(tmp_path, database_url)
    workspace.publish(load_folder(TRADING))
    with workspace.step(None) as step:
        tokens = {login: step.access.create_token(step.access.user_by_login(login), "test") for login in ("amy", "bob")}
    workspace.close()

    with serving(tmp_path, database_url) as server:
        order = server.call("POST", "/records/sales_order", tokens["amy"],
                            {"customer": 1, "discount": "0.2", "lines": [{"product": 1, "quantity": 1}]})  # fmt: skip
        server.call("POST", f"/records/sales_order/{order['id']}/actions/submit", tokens["amy"], {})

    with serving(tmp_path, database_url) as server:
        again = server.call("GET", f"/records/sales_order/{order['id']}", tokens["amy"])
        tasks = [task for task in server.call("GET", "/tasks", tokens["bob"]) if task["record"] == order["id"]]
        assert (again["status"], again["number"], len(tasks)) == ("in_approval", order["number"], 1)
        server.call("POST", f"/tasks/{tasks[0]['id']}/approve", tokens["bob"], {"comment": "after the restart"})
        assert server.call("GET", f"/records/sales_order/{order['id']}", tokens["amy"])["status"] == "approved"


@pytest.mark.slow
def test_killed_in_the_middle_of_many_orders_each_order_is_whole_or_absent(tmp_path: Path, sqlite_url: str) -> None:
    (tmp_path / "workspace.yaml").write_text((TRADING / "workspace.yaml").read_text())
    workspace = Workspace.open(tmp_path, sqlite_url)
    workspace.publish(load_folder(TRADING))
    with workspace.step(None) as step:
        token = step.access.create_token(step.access.user_by_login("amy"), "test")
    workspace.close()
    answered: list[int] = []

    with serving(tmp_path, sqlite_url) as server:
        stop = time.monotonic() + 2
        killer = subprocess.Popen([sys.executable, "-c", f"import os,time; time.sleep(1); os.kill({server.process.pid}, 9)"])
        while time.monotonic() < stop:
            try:
                body = {"customer": 1, "lines": [{"product": 1, "quantity": 1}, {"product": 2, "quantity": 1}]}
                answered.append(server.call("POST", "/records/sales_order?confirm=true", token, body)["id"])
            except (OSError, urllib.error.URLError):
                break
        killer.wait()

    workspace = Workspace.open(tmp_path, sqlite_url)
    with workspace.step(None, readonly=True) as step:
        orders = {order.id: order for order in step.records.find("sales_order")}
        assert answered
        assert set(answered) <= orders.keys()
        for number in orders.keys() - set(range(1, min(answered))):
            order = orders[number]
            assert len(order["lines"]) == 2
            assert order["status"] == "draft"
            assert step.processes.actions(order) != []
    workspace.close()

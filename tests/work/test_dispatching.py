"""Jobs on RQ's workers: the job table is the truth, Redis may lose everything, and nothing is done twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import insert

from engine.clock import MovableClock
from engine.work import dispatching
from engine.work.bells import RedisBell
from engine.workspace import Workspace
from tests.conftest import REDIS
from tests.connect.receiver import Receiver, receiving

pytestmark = [pytest.mark.needs("redis"), pytest.mark.needs("postgresql"), pytest.mark.slow]
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FILES = {
    "workspace.yaml": "workspace: office\n",
    "entities/note.yaml": "entity: note\nfields:\n  text: {type: text, required: true}\n",
    "connectors/post.yaml": "connector: post\nurl: {url}\nprivate: true\noperations:\n  tell: {{method: POST, path: /notes}}\n",
    "processes/telling.yaml": """
process: telling
entity: note
start: {on: create}
nodes:
  tell:  {type: service_task, call: post.tell, with: {text: text}, to: mark}
  mark:  {type: script_task, do: 'set text = text + "!"', to: done}
  done:  {type: end_event}
""",
}


class Office:
    """A workspace on PostgreSQL, its queue in Redis, and who is told of its notes."""

    def __init__(self, url: str, clock: Any, receiver: Receiver) -> None:
        self.receiver = receiver
        self.queue = f"test-{uuid.uuid4().hex[:8]}"
        self.redis = Redis.from_url(REDIS)
        self.workspace = Workspace.open(None, url, clock=clock)
        self.workspace.publish({**FILES, "connectors/post.yaml": FILES["connectors/post.yaml"].format(url=receiver.url)})

    def notes(self, *texts: str) -> None:
        for text in texts:
            with self.workspace.step(None) as step:
                step.records.create("note", {"text": text})

    def texts(self) -> list[str]:
        with self.workspace.step(None, readonly=True) as step:
            return sorted(note["text"] for note in step.records.find("note", None))

    def dispatcher(self) -> dispatching.Dispatcher:
        return dispatching.Dispatcher(self.workspace, dispatching.queue_of(self.redis, self.queue))

    def work(self) -> None:
        """Let a worker of this process do what is in Redis."""
        dispatching._workspaces[self.queue] = self.workspace
        dispatching.worker_of(dispatching.queue_of(self.redis, self.queue)).work(burst=True, logging_level="ERROR")

    def forget(self) -> None:
        """Redis loses all that it has of this office."""
        for key in self.redis.scan_iter(f"*{self.queue}*"):
            self.redis.delete(key)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOON)


@pytest.fixture
def office(postgresql_url: str, clock: MovableClock) -> Iterator[Office]:
    with receiving() as receiver:
        found = Office(postgresql_url, clock, receiver)
        yield found
        found.forget()
        found.workspace.close()


def test_what_is_due_is_handed_over_and_done(office: Office) -> None:
    office.notes("a", "b")
    assert (office.dispatcher().run_once(), office.dispatcher().run_once()) == (2, 0)
    office.work()
    assert office.texts() == ["a!", "b!"]
    assert len(office.receiver.asked) == 2


def test_what_redis_loses_is_handed_over_again_when_its_short_lease_has_ended(office: Office, clock: MovableClock) -> None:
    office.notes("a")
    office.dispatcher().run_once()
    office.forget()
    office.work()
    assert office.texts() == ["a"]

    clock.move(dispatching.LEASE + timedelta(seconds=1))
    assert office.dispatcher().run_once() == 1
    office.work()

    assert office.texts() == ["a!"]
    assert len(office.receiver.asked) == 1


def test_a_job_that_two_workers_are_given_is_done_by_the_one_whose_claim_stands(office: Office, clock: MovableClock) -> None:
    office.notes("a")
    office.dispatcher().run_once()
    clock.move(dispatching.LEASE + timedelta(seconds=1))
    office.dispatcher().run_once()
    office.work()
    assert office.texts() == ["a!"]
    assert len(office.receiver.asked) == 1


def test_no_more_is_handed_over_at_once_than_redis_should_hold(office: Office) -> None:
    with office.workspace.step(None) as step:
        row = {"kind": "timer", "due": NOON, "payload": {"timer": "", "period": None}, "created_at": NOON, "instance": 0, "token": 0}
        step.connection.execute(insert(step.schema.job), [row | {"key": f"k{n}"} for n in range(dispatching.MOST_QUEUED + 50)])
    assert office.dispatcher().run_once() == dispatching.MOST_QUEUED
    office.work()
    assert office.dispatcher().run_once() == 50


def test_a_request_goes_on_when_redis_is_away(office: Office) -> None:
    office.workspace.bell = RedisBell("redis://127.0.0.1:9/0", office.queue)
    office.notes("a")
    assert office.texts() == ["a"]


# ---- as processes of their own ----


@pytest.fixture
def workers(postgresql_url: str, tmp_path: Path) -> Iterator[tuple[Office, Callable[[], subprocess.Popen[str]]]]:
    """An office with the machine's clock, and a way to start workers for it."""
    started: list[subprocess.Popen[str]] = []
    (tmp_path / "workspace.yaml").write_text("workspace: office\n")
    with receiving() as receiver:
        office = Office(postgresql_url, lambda: datetime.now(UTC), receiver)
        office.workspace.bell = RedisBell(REDIS, office.queue)

        def start() -> subprocess.Popen[str]:
            command = [sys.executable, "-m", "admin.cli", "worker", str(tmp_path), "--database", postgresql_url]
            command += ["--redis", REDIS, "--queue", office.queue]
            started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True))
            assert started[-1].stdout is not None
            started[-1].stdout.readline()
            return started[-1]

        yield office, start
        for each in started:
            each.kill()
            each.wait()
        office.forget()
        office.workspace.close()


def until(holds: Callable[[], bool], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_workers_share_the_jobs_and_hear_of_them_at_once(workers: Any) -> None:
    office, start = workers
    for _ in range(2):
        start()
    wanted = [f"{n:02}" for n in range(20)]
    office.notes(*wanted)
    assert until(lambda: office.texts() == [f"{text}!" for text in wanted])
    assert len({asked.headers["idempotency-key"] for asked in office.receiver.asked}) == len(office.receiver.asked) == 20


def test_a_worker_that_is_killed_at_a_call_leaves_it_to_another_with_the_same_key(workers: Any) -> None:
    office, start = workers
    first = start()
    office.receiver.hold.clear()
    office.notes("a")
    assert until(lambda: len(office.receiver.asked) == 1)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    office.receiver.hold.set()
    with office.workspace.step(None) as step:  # what five minutes would bring
        table = step.schema.job
        step.connection.execute(table.update().values(lease_until=datetime.now(UTC) - timedelta(seconds=1)))
    start()
    assert until(lambda: office.texts() == ["a!"])
    assert len({asked.headers["idempotency-key"] for asked in office.receiver.asked}) == 1


def test_a_worker_ends_after_the_job_that_it_is_at(workers: Any) -> None:
    office, start = workers
    worker = start()
    office.receiver.hold.clear()
    office.notes("a")
    assert until(lambda: len(office.receiver.asked) == 1)
    worker.terminate()
    time.sleep(0.5)
    office.receiver.hold.set()
    assert worker.wait(timeout=20) == 0
    assert office.texts() == ["a!"]

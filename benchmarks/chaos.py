"""Whether anything is lost or done twice while web server, workers and Redis are killed at random.

    python benchmarks/chaos.py [INSTANCES] [SECONDS] [POSTGRES_URL] [REDIS_URL] [SEED]

Creates records over HTTP, each with its Idempotency-Key until it is answered; each starts a process that calls an outside system,
waits a second, and marks its record. Meanwhile, for so many seconds, `kill -9` takes the server or one of four workers, and all keys of
the queue are removed from Redis. Afterwards every instance must have ended, every record must be there and marked once, and the outside
system, which honours the key, must have done each call once.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from redis import Redis
from sqlalchemy import create_engine, func, select, text

from engine.workspace import Workspace

FILES = {
    "workspace.yaml": "workspace: chaos\n",
    "entities/note.yaml": "entity: note\nfields:\n  text: {type: text, required: true}\n  marks: {type: integer, default: 0}\n",
    "connectors/shop.yaml": "connector: shop\nurl: URL\nprivate: true\noperations:\n  tell: {method: POST, path: /notes}\n",
    "processes/telling.yaml": """
process: telling
entity: note
start: {on: create}
nodes:
  tell: {type: service_task, call: shop.tell, with: {text: text}, retry: {times: 50, backoff: PT1S}, to: rest}
  rest: {type: timer_event, for: PT1S, to: mark}
  mark: {type: script_task, do: set marks = marks + 1, to: done}
  done: {type: end_event}
""",
}
WORKERS, PORT = 4, 8123


class Shop:
    """An outside system that does a call once for each key, however often it comes."""

    def __init__(self) -> None:
        self.came: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        shop, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with lock:
                    shop.came[self.headers["Idempotency-Key"]] += 1
                    if shop.came[self.headers["Idempotency-Key"]] == 1:
                        shop.done[body["text"]] += 1
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def create(number: int, token: str) -> None:
    """Make one record, however often it takes."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}/api/v1/records/note",
        json.dumps({"text": f"note {number}"}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": f"note-{number}"},
    )
    while True:
        try:
            with urllib.request.urlopen(request, timeout=10):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)


def main() -> None:
    given = dict(enumerate(sys.argv))
    count, seconds, seed = int(given.get(1, 2000)), float(given.get(2, 60)), int(given.get(5, 1))
    server, url = given.get(3, "postgresql+psycopg://postgres@127.0.0.1:5432"), given.get(4, "redis://127.0.0.1:6379/15")
    name, queue = f"tw_chaos_{uuid.uuid4().hex[:8]}", f"chaos-{uuid.uuid4().hex[:8]}"
    rng, redis, shop = random.Random(seed), Redis.from_url(url), Shop()
    admin = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "workspace.yaml").write_text("workspace: chaos\n")
        workspace = Workspace.open(Path(folder), f"{server}/{name}")
        port = shop.server.server_port
        connector = FILES["connectors/shop.yaml"].replace("URL", f"http://127.0.0.1:{port}")
        workspace.publish({**FILES, "connectors/shop.yaml": connector})
        with workspace.step(None) as step:
            token = step.access.create_token(step.records.create("user", {"login": "bot", "name": "Bot", "roles": ["admin"]}), "chaos")
        common = [folder, "--database", f"{server}/{name}", "--redis", url, "--queue", queue]
        commands = [["serve", *common, "--port", str(PORT)], *(["worker", *common] for _ in range(WORKERS))]

        def start(index: int) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", "admin.cli", *commands[index]]
            return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        running = [start(index) for index in range(len(commands))]
        begin = time.monotonic()
        threads = [threading.Thread(target=lambda first=n: [create(i, token) for i in range(first, count, 4)]) for n in range(4)]
        for thread in threads:
            thread.start()
        kills: Counter[str] = Counter()
        while time.monotonic() - begin < seconds:
            time.sleep(rng.uniform(0.5, 3))
            victim = rng.randrange(len(commands) + 1)
            if victim == len(commands):
                for key in redis.scan_iter(f"*{queue}*"):
                    redis.delete(key)
                kills["redis"] += 1
                continue
            running[victim].kill()
            running[victim].wait()
            running[victim] = start(victim)
            kills[commands[victim][0]] += 1
        for thread in threads:
            thread.join()

        def unfinished() -> int:
            with workspace.step(None, readonly=True) as step:
                case = step.schema.instance
                query = select(func.count()).select_from(case).where(case.c.status != "completed")
                return int(step.connection.execute(query).scalar_one())

        while unfinished() and time.monotonic() - begin < seconds + 900:
            time.sleep(1)
        with workspace.step(None, readonly=True) as step:
            notes = step.records.find("note", None)
            jobs = step.connection.execute(select(step.schema.job.c.key).where(step.schema.job.c.kind != "schedule")).all()
            wrong = sum(note["marks"] != 1 for note in notes)
            names = Counter(note["text"] for note in notes)
        print(f"killed {dict(kills)}; {time.monotonic() - begin:.0f} s; {sum(shop.came.values())} calls for {len(shop.came)} keys")
        print(f"records {len(notes)} of {count}, made twice {sum(n > 1 for n in names.values())}, not marked exactly once {wrong}")
        print(f"instances not completed {unfinished()}, jobs left {len(jobs)}")
        twice = sum(n > 1 for n in shop.done.values())
        print(f"side effects done {sum(shop.done.values())}, more than once {twice}, never {count - len(shop.done)}")
        for each in running:
            each.kill()
        workspace.close()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


if __name__ == "__main__":
    main()

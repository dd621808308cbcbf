"""Jobs through RQ and PostgreSQL against the same number of no-ops through bare RQ, four workers each.

    python benchmarks/jobs.py [JOBS] [POSTGRES_URL] [REDIS_URL]

Both kinds of worker run RQ's SimpleWorker, which forks for no job. Ours claims each job in the job table, does it in a step, deletes it.
The time runs from the first job written to the last one done, the workers idle before.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import create_engine, func, insert, select, text

from engine.work.bells import RedisBell
from engine.workspace import Workspace

WORKERS = 4
ROUNDS = 3


def started(command: list[str], **options: object) -> list[subprocess.Popen[bytes]]:
    return [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options) for _ in range(WORKERS)]  # type: ignore[call-overload]


def until(done: Callable[[], bool]) -> None:
    while not done():
        time.sleep(0.005)


def bare(redis: Redis, url: str, count: int) -> list[float]:
    """Jobs per second of RQ alone."""
    name = f"bench-{uuid.uuid4().hex[:8]}"
    queue = Queue(name, connection=redis, serializer=JSONSerializer)
    command = [sys.executable, "-m", "rq.cli", "worker", "-w", "rq.SimpleWorker", "-S", "rq.serializers.JSONSerializer"]
    command += ["-u", url, "-q", name]
    workers, found = started(command), []
    try:
        time.sleep(4)
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            for first in range(0, count, 200):
                size = min(200, count - first)
                queue.enqueue_many([Queue.prepare_data("time.sleep", (0,), result_ttl=0, failure_ttl=0) for _ in range(size)])
            until(lambda: queue.count == 0 and queue.started_job_registry.count == 0)
            found.append(count / (time.perf_counter() - begin))
    finally:
        for each in workers:
            each.kill()
    return found


def ours(folder: Path, database: str, url: str, count: int) -> list[float]:
    """Jobs per second of timers whose instance is gone, which are nothing to do but claim and delete."""
    name = f"bench-{uuid.uuid4().hex[:8]}"
    (folder / "workspace.yaml").write_text("workspace: bench\n")
    workspace = Workspace.open(folder, database)
    workspace.publish({"workspace.yaml": "workspace: bench\n"})
    bell, table = RedisBell(url, name), workspace.schema.job
    command = [sys.executable, "-m", "admin.cli", "worker", str(folder), "--database", database, "--redis", url, "--queue", name]
    workers, found = started(command), []

    def left() -> int:
        with workspace.step(None, readonly=True) as step:
            return int(step.connection.execute(select(func.count()).select_from(table)).scalar_one())

    try:
        time.sleep(4)
        for number in range(ROUNDS):
            now = datetime.now(UTC)
            row = {"kind": "timer", "due": now, "payload": {"timer": "", "period": None}, "created_at": now, "instance": 0, "token": 0}
            begin = time.perf_counter()
            for first in range(0, count, 200):
                size = min(200, count - first)
                with workspace.step(None) as step:
                    step.connection.execute(insert(table), [row | {"key": f"{number}:{first + n}"} for n in range(size)])
                bell.ring()
            until(lambda: left() == 0)
            found.append(count / (time.perf_counter() - begin))
    finally:
        for each in workers:
            each.kill()
        workspace.close()
    return found


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    server = sys.argv[2] if len(sys.argv) > 2 else "postgresql+psycopg://postgres@127.0.0.1:5432"
    redis_url = sys.argv[3] if len(sys.argv) > 3 else "redis://127.0.0.1:6379/15"
    redis, name = Redis.from_url(redis_url), f"tw_bench_{uuid.uuid4().hex[:8]}"
    admin = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        with tempfile.TemporaryDirectory() as folder:
            theirs = bare(redis, redis_url, count)
            mine = ours(Path(folder), f"{server}/{name}", redis_url, count)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    for label, found in (("bare RQ", theirs), ("Tradewind", mine)):
        print(f"{label:<10} {statistics.median(found):8.0f} jobs/s  (rounds: {', '.join(f'{each:.0f}' for each in found)})")
    print(f"ratio      {statistics.median(mine) / statistics.median(theirs):8.2f}")


if __name__ == "__main__":
    main()

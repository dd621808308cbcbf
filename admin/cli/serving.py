"""`tradewind serve`: web pages, API and the embedded worker in one command."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import click
import waitress
from redis import Redis, RedisError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from admin.cli.main import (
    PROBLEMS,
    UNREACHABLE,
    database_option,
    fail,
    folder_argument,
    queue_option,
    redis_option,
    require_workspace,
    root,
)
from admin.cli.report import show_outcome
from admin.cli.watching import changes_of
from admin.web import create_app
from engine import publishing
from engine.clock import system_clock
from engine.errors import TradewindError
from engine.work import Worker
from engine.work.bells import RedisBell
from engine.workspace import Workspace


@root.command()
@folder_argument
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@database_option
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64), help="Requests served at once.")
@click.option("--watch", is_flag=True, help="Publish the folder again whenever a file of it changes.")
@redis_option
@queue_option
def serve(
    folder: Path, host: str, port: int, database: str | None, threads: int, watch: bool, redis: str | None, queue: str
) -> None:
    """Serve a published workspace: web pages, HTTP API and, without Redis, the embedded worker."""
    signal.signal(signal.SIGTERM, stop)
    workspace = Workspace.open(require_workspace(folder), database, clock=system_clock)
    if workspace.revision == 0:
        workspace.close()
        fail(f"nothing is published yet; run: tradewind publish {folder}", PROBLEMS)
    require_free(host, port)
    worker = Worker(workspace)
    if redis is None:
        worker.start()
    else:
        workspace.bell = RedisBell(require_redis(redis), queue)
    ending = threading.Event()
    watcher = threading.Thread(target=publish_changes, args=(workspace, folder, ending.wait), daemon=True)
    if watch:
        watcher.start()
    click.echo(f"{workspace.model.settings.label.in_('en') or folder.name} is served at http://{host}:{port} (Ctrl-C ends it)")
    sys.stdout.flush()
    try:
        waitress.serve(create_app(workspace), host=host, port=port, threads=threads, ident=None)
    finally:
        ending.set()
        if watch:
            watcher.join()
        worker.stop()
        workspace.close()


@root.command("worker")
@folder_argument
@database_option
@redis_option
@queue_option
@click.option("--burst", is_flag=True, help="End when nothing is due any more.")
def work(folder: Path, database: str | None, redis: str | None, queue: str, burst: bool) -> None:
    """Do a workspace's jobs as one of RQ's workers; start as many as you like, on as many machines."""
    from engine.work import dispatching

    if redis is None:
        raise click.UsageError("a worker needs Redis: --redis URL, or TRADEWIND_REDIS_URL; without Redis `tradewind serve` works alone")
    workspace = Workspace.open(require_workspace(folder), database, clock=system_clock)
    try:
        if workspace.revision == 0:
            fail(f"nothing is published yet; run: tradewind publish {folder}", PROBLEMS)
        url = require_redis(redis)
        if not burst:
            click.echo(f"works for {workspace.model.settings.label.in_('en') or folder.name} (Ctrl-C ends it)")
            sys.stdout.flush()
        dispatching.serve(workspace, url, queue, burst=burst)
    finally:
        workspace.close()


def require_redis(url: str) -> str:
    """The URL, if Redis answers there; ends the command otherwise."""
    try:
        Redis.from_url(url, socket_connect_timeout=5).ping()
    except (RedisError, ValueError) as error:
        fail(f"Redis does not answer at {without_password(url)}: {error}", UNREACHABLE)
    return url


def without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string()
    except ArgumentError:
        return url


def stop(signum: int, frame: object) -> None:
    """End as with Ctrl-C: requests under way are answered, the worker finishes its job."""
    raise SystemExit(0)


def publish_changes(workspace: Workspace, folder: Path, ended: Callable[[float], bool]) -> None:
    """Publish the folder when it changes. What is refused is told, and the model in force goes on serving."""
    for _ in changes_of(folder, ended):
        try:
            outcome = publishing.publish_folder(workspace, folder, message="Saved while served with --watch")
        except (TradewindError, SQLAlchemyError, OSError) as error:
            click.secho(f"not published: {error}", fg="red", err=True)
        else:
            show_outcome(outcome)
        sys.stdout.flush()


def require_free(host: str, port: int) -> None:
    """End the command with a clear message where another program has the port."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            fail(f"cannot serve at {host}:{port}: {error.strerror}; choose another with --port", UNREACHABLE)

"""`tradewind serve`: web pages, API and the embedded worker in one command."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import click
import waitress

from admin.cli.main import PROBLEMS, UNREACHABLE, database_option, fail, folder_argument, require_workspace, root
from admin.web import create_app
from engine.clock import system_clock
from engine.work import Worker
from engine.workspace import Workspace


@root.command()
@folder_argument
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@database_option
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64), help="Requests served at once.")
def serve(folder: Path, host: str, port: int, database: str | None, threads: int) -> None:
    """Serve a published workspace."""
    workspace = Workspace.open(require_workspace(folder), database, clock=system_clock)
    if workspace.revision == 0:
        workspace.close()
        fail(f"nothing is published yet; run: tradewind publish {folder}", PROBLEMS)
    require_free(host, port)
    worker = Worker(workspace)
    worker.start()
    click.echo(f"{workspace.model.settings.label.in_('en') or folder.name} is served at http://{host}:{port} (Ctrl-C ends it)")
    sys.stdout.flush()
    try:
        waitress.serve(create_app(workspace), host=host, port=port, threads=threads, ident=None)
    finally:
        worker.stop()
        workspace.close()


def require_free(host: str, port: int) -> None:
    """End the command with a clear message where another program has the port."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            fail(f"cannot serve at {host}:{port}: {error.strerror}; choose another with --port", UNREACHABLE)

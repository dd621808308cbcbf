"""`tradewind serve`: starts, answers, publishes what is saved with --watch, and stops when it is told to."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.cli.conftest import PROGRAM, program


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def health(port: int) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health", timeout=5) as answer:
        return dict(json.load(answer))


def until(condition: Any, seconds: float = 30) -> None:
    """Wait for something that a process of its own does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)


def answers(port: int) -> bool:
    try:
        return health(port)["status"] == "ok"
    except urllib.error.URLError:
        return False


@contextmanager
def served(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = free_port()
    server = subprocess.Popen(
        [PROGRAM, "serve", folder, "--port", str(port), *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        until(lambda: server.poll() is not None or answers(port))
        yield server, port
    finally:
        server.kill()
        server.communicate()


def test_it_answers_says_where_and_ends_cleanly_on_sigterm(folder: Path) -> None:
    with served(folder) as (server, port):
        assert health(port) == {"status": "ok", "revision": 1}

        server.send_signal(signal.SIGTERM)
        out, err = server.communicate(timeout=20)

    assert (server.returncode, err) == (0, "")
    assert f"http://127.0.0.1:{port}" in out


def test_watching_publishes_what_is_saved_and_keeps_the_model_where_it_is_wrong(folder: Path) -> None:
    file = folder / "customizations" / "entity_customer.yaml"
    file.parent.mkdir(exist_ok=True)
    with served(folder, "--watch") as (server, port):
        file.write_text("extend: entity customer\nfields:\n  x_region: {type: text}\n")
        until(lambda: health(port)["revision"] == 2)

        file.write_text("extend: entity customer\nfields:\n  x_region: {type: txt}\n")
        time.sleep(2)
        assert health(port)["revision"] == 2

        server.send_signal(signal.SIGTERM)
        out, _ = server.communicate(timeout=20)

    assert server.returncode == 0
    assert "published revision 2" in out
    assert "not published: 1 error" in out


def test_a_port_that_is_taken_is_told(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        found = program("serve", folder, "--port", other.getsockname()[1])

    assert found.returncode == 3
    assert "choose another with --port" in found.stderr

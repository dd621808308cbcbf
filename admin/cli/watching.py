"""Watching a workspace's folder: its documents, again whenever one of them has changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.model import load_folder

SECONDS = 0.5


def forever(seconds: float) -> bool:
    """Wait, and never end."""
    time.sleep(seconds)
    return False


def changes_of(folder: Path, ended: Callable[[float], bool]) -> Iterator[dict[str, str]]:
    """The folder's files now, and after each change, until `ended(seconds)`, which waits, is true.

    An editor that saves by replacing the file leaves a moment without it; such a moment is waited out.
    """
    seen: dict[str, str] | None = None
    while True:
        try:
            files = load_folder(folder)
        except OSError:
            files = seen
        if files is not None and files != seen:
            seen = files
            yield files
        if ended(SECONDS):
            return

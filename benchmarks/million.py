"""Runs a measurement over many rows on SQLite in a folder of its own, and on PostgreSQL where its URL is given.

    python benchmarks/list_million.py [ROWS] [POSTGRES_URL]
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path


def on_each(measure: Callable[[str, int], None]) -> None:
    """`measure(url, rows)` for each database."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        measure(f"sqlite:///{Path(folder) / 'rows.db'}", rows)
    if len(sys.argv) > 2:
        measure(sys.argv[2], rows)

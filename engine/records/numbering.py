"""Numbers of documents: gapless in each period, safe under concurrency (spec 1.3)."""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy import Connection

from engine.records import statements

TOKEN = re.compile(r"\{(yyyy|yy|mm|dd|0+)\}")


def next_number(connection: Connection, name: str, pattern: str, today: date) -> str:
    """The next number of a sequence, such as `SO-2026-00184`. It is taken with the transaction: a rollback gives it back."""
    period = "-".join(m[1] + dated(m[1], today) for m in TOKEN.finditer(pattern) if m[1][0] != "0")
    value = advance(connection, name, period)
    return TOKEN.sub(lambda m: str(value).zfill(len(m[1])) if m[1][0] == "0" else dated(m[1], today), pattern)


def dated(token: str, today: date) -> str:
    return {"yyyy": f"{today.year:04d}", "yy": f"{today.year % 100:02d}", "mm": f"{today.month:02d}", "dd": f"{today.day:02d}"}[token]


def advance(connection: Connection, name: str, period: str) -> int:
    """Count a sequence up by one; the row stays locked until the transaction ends, so that no number is skipped or given twice."""
    query = statements.count_up(connection.dialect.name)
    return int(connection.execute(query, {"name": name, "period": period}).scalar_one())



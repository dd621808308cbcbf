"""Numbers of documents: gapless in each period, safe under concurrency (spec 1.3)."""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from engine.store import Schema

TOKEN = re.compile(r"\{(yyyy|yy|mm|dd|0+)\}")


def next_number(connection: Connection, schema: Schema, name: str, pattern: str, today: date) -> str:
    """The next number of a sequence, such as `SO-2026-00184`. It is taken with the transaction: a rollback gives it back."""
    period = "-".join(m[1] + dated(m[1], today) for m in TOKEN.finditer(pattern) if m[1][0] != "0")
    value = advance(connection, schema, name, period)
    return TOKEN.sub(lambda m: str(value).zfill(len(m[1])) if m[1][0] == "0" else dated(m[1], today), pattern)


def dated(token: str, today: date) -> str:
    return {"yyyy": f"{today.year:04d}", "yy": f"{today.year % 100:02d}", "mm": f"{today.month:02d}", "dd": f"{today.day:02d}"}[token]


def advance(connection: Connection, schema: Schema, name: str, period: str) -> int:
    """Count a sequence up by one; the row stays locked until the transaction ends, so that no number is skipped or given twice."""
    table = schema.sequence
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    first = dialect.insert(table).values(name=name, period=period, value=1)
    query = first.on_conflict_do_update(index_elements=["name", "period"], set_={"value": table.c.value + 1})
    return int(connection.execute(query.returning(table.c.value)).scalar_one())



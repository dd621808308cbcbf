"""The first day of the period that a date or a time lies in, in SQL; weeks begin on Monday (ISO 8601)."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, cast, func, type_coerce


def period(dialect: str, column: ColumnElement[Any], step: str, zone: ZoneInfo | None) -> ColumnElement[Any]:
    """`step`: day, week, month, quarter or year. A point in time lies where it does in `zone`.

    SQLite asks `tw_local_date`, which `engine.store.database` makes.
    """
    if dialect != "sqlite":
        local = func.timezone(zone.key, column) if zone is not None else column
        return cast(func.date_trunc(step, local), Date)
    day: Any = func.tw_local_date(column, zone.key) if zone is not None else column
    match step:
        case "week":
            day = func.date(day, "-6 days", "weekday 1")
        case "month":
            day = func.date(day, "start of month")
        case "quarter":
            months = func.printf("-%d months", (func.strftime("%m", day).op("-")(1)).op("%")(3))
            day = func.date(day, "start of month", months)
        case "year":
            day = func.date(day, "start of year")
    return type_coerce(day, Date())

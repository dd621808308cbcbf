"""Column types that keep values exact on SQLite and PostgreSQL alike; Python sees FEEL's values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Date, DateTime, Dialect, Integer, Numeric, Text, Time
from sqlalchemy.types import TypeDecorator, TypeEngine

from engine.model.model import Field

PRECISION = 34  # digits of a decimal128, as FEEL calculates

Identity = BigInteger().with_variant(Integer(), "sqlite")
"""The type of ids: SQLite numbers rows itself only where the type is INTEGER."""


class Exact(TypeDecorator[Decimal]):
    """A decimal of fixed scale: NUMERIC in PostgreSQL, in SQLite an integer that counts the last digit: SUM is exact.

    Further digits are rounded half away from zero by both. That is for values to store: compare with `dsl.feel.sql`.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, scale: int, *, trimmed: bool = False) -> None:
        super().__init__(PRECISION, scale)
        self.scale = scale
        self.trimmed = trimmed  # quantities and percents read 2.5, money reads 2.50

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(Numeric(PRECISION, self.scale, asdecimal=True))

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return int(Decimal(value).scaleb(self.scale).to_integral_value(ROUND_HALF_UP))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        number = Decimal(value).scaleb(-self.scale) if dialect.name == "sqlite" else Decimal(value)
        return trimmed(number) if self.trimmed else number


def trimmed(number: Decimal) -> Decimal:
    """The number without zeros at its end: 2.500 is 2.5, 100.000 is 100."""
    short = number.normalize()
    return short if short.as_tuple().exponent <= 0 else short.quantize(Decimal(1))  # type: ignore[operator]


class Whole(TypeDecorator[Decimal]):
    """An integer field; FEEL's numbers are decimals."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Moment(TypeDecorator[datetime]):
    """A point in time, always UTC in Python: TIMESTAMP WITH TIME ZONE, in SQLite an ISO text in UTC."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Span(TypeDecorator[timedelta]):
    """A days and time duration, in microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        return None if value is None else value // timedelta(microseconds=1)

    def process_result_value(self, value: Any, dialect: Dialect) -> timedelta | None:
        return None if value is None else timedelta(microseconds=value)


def column_type(field: Field) -> TypeEngine[Any]:
    """The type of the column of a stored field."""
    match field.type:
        case "decimal" | "money" | "percent":
            assert field.scale is not None
            return Exact(field.scale, trimmed=field.type != "money")
        case "integer":
            return Whole()
        case "boolean":
            return Boolean()
        case "date":
            return Date()
        case "time":
            return Time()
        case "datetime":
            return Moment()
        case "duration":
            return Span()
        case "json":
            return JSON(none_as_null=True)
        case "link" | "user" | "file" | "image":
            return Identity
    return Text()

"""Exchange rates: records of the entity `exchange_rate`, each in force from its date until the next of the same pair."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Context, Decimal
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from dsl.feel.trouble import Trouble

if TYPE_CHECKING:
    from engine.workspace import Step

ENTITY = "exchange_rate"
EXACT = Context(prec=34)  # as FEEL calculates


def convert_currency(step: Step | None, amount: object, source: object, target: object, on: object) -> Decimal | None:
    """An amount in another currency by the rate of a day: the pair's own, the inverse of the opposite pair's, whichever is newer, else both
    currencies' rates to the workspace's. Not rounded. Null where anything is null; raises Trouble where there is no rate.
    """
    if step is None:
        raise Trouble("name", "there are no exchange rates here")
    if not isinstance(amount, Decimal | int) or source is None or target is None or not isinstance(on, date):
        return None
    if source == target:
        return Decimal(amount)
    step.records.flush()
    day = on.date() if isinstance(on, datetime) else on
    own = step.model.settings.currency
    rate = newest(step, str(source), str(target), day)
    if rate is None and own not in (source, target):
        first, second = newest(step, str(source), own, day), newest(step, own, str(target), day)
        rate = EXACT.multiply(first, second) if first is not None and second is not None else None
    if rate is None:
        raise Trouble("value", f"there is no exchange rate from {source} to {target} on {day}")
    return EXACT.multiply(Decimal(amount), rate)


def newest(step: Step, source: str, target: str, day: date) -> Decimal | None:
    """The rate of a pair that is in force on a day; of two of the same date that of the pair as it is asked for."""
    table = step.schema.table(ENTITY)
    pair = and_(table.c.from_currency == source, table.c.to_currency == target)
    opposite = and_(table.c.from_currency == target, table.c.to_currency == source)
    query = select(table.c.from_currency, table.c.rate).where(or_(pair, opposite), table.c.date <= day, table.c.archived.is_(False))
    query = query.order_by(table.c.date.desc(), (table.c.from_currency == source).desc(), table.c.id.desc()).limit(1)
    row = step.connection.execute(query).first()
    if row is None or not row.rate:
        return None
    return row.rate if row.from_currency == source else EXACT.divide(Decimal(1), row.rate)

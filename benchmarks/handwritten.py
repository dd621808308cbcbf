"""The yardstick: an order with five lines by hand in SQLAlchemy Core, with the same reads, writes and commits.

`python benchmarks/handwritten.py [URL …]` prints its milliseconds an order; ratios are taken against `Handwritten`.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    bindparam,
    create_engine,
    event,
    insert,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

CENTS = Decimal("0.01")
ORDERS, WARM_UP = 300, 30


def tables(metadata: MetaData, exact: bool) -> dict[str, Table]:
    """The tables of the benchmark's model; `exact` where the database knows decimals (else an integer counts cents)."""

    def money(name: str, scale: int = 2) -> Column[object]:
        return Column(name, Numeric(34, scale) if exact else Integer)

    def system() -> list[Column[object]]:
        return [
            Column("id", Integer, primary_key=True),
            Column("version", Integer, nullable=False),
            Column("created_at", DateTime(timezone=True), nullable=False),
            Column("created_by", Integer),
            Column("updated_at", DateTime(timezone=True), nullable=False),
            Column("updated_by", Integer),
            Column("owner", Integer, index=True),
            Column("archived", Boolean, nullable=False),
        ]

    def link(name: str, to: str, **options: object) -> Column[object]:
        return Column(name, Integer, ForeignKey(f"{to}.id", **options), index=True)

    return {
        "customer": Table(
            "hw_customer", metadata, *system(), Column("name", Text), money("credit_limit"), money("receivable")
        ),
        "product": Table("hw_product", metadata, *system(), Column("name", Text), money("list_price")),
        "order": Table(
            "hw_order",
            metadata,
            *system(),
            Column("number", Text, unique=True),
            link("customer", "hw_customer"),
            Column("order_date", Date),
            Column("currency", Text),
            money("discount", 6),
            money("total"),
            Column("status", Text),
        ),
        "line": Table(
            "hw_order__lines",
            metadata,
            Column("id", Integer, primary_key=True),
            link("parent_id", "hw_order", ondelete="CASCADE"),
            link("product", "hw_product"),
            money("quantity", 3),
            money("unit_price"),
            money("amount"),
        ),
        "sequence": Table(
            "hw_sequence",
            metadata,
            Column("name", Text, primary_key=True),
            Column("period", Text, primary_key=True),
            Column("value", Integer, nullable=False),
        ),
        "history": Table(
            "hw_history",
            metadata,
            Column("id", Integer, primary_key=True),
            Column("at", DateTime(timezone=True)),
            Column("kind", Text),
            Column("entity", Text, index=True),
            Column("record", Integer, index=True),
            Column("user", Integer),
            Column("origin", Text),
            Column("data", JSON),
            Column("hash", Text),
        ),
    }


class Handwritten:
    """A shop with one customer and five products, and the function that takes an order."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.sqlite = engine.dialect.name == "sqlite"
        metadata = MetaData()
        self.tables = tables(metadata, exact=not self.sqlite)
        metadata.create_all(engine)
        customer, product = self.tables["customer"], self.tables["product"]
        now = datetime.now(UTC)
        system = {"version": 1, "created_at": now, "updated_at": now, "archived": False, "owner": 1}
        with engine.begin() as connection:
            self.customer = connection.scalar(
                insert(customer).returning(customer.c.id),
                {**system, "name": "Acme", "credit_limit": self.stored(Decimal(10) ** 9), "receivable": 0},
            )
            self.products = [
                connection.scalar(
                    insert(product).returning(product.c.id),
                    {**system, "name": f"Tea {n}", "list_price": self.stored(Decimal("9.90") + n)},
                )
                for n in range(5)
            ]
        dialect = sqlite if self.sqlite else postgresql
        sequence = self.tables["sequence"]
        self._limit = select(customer.c.credit_limit, customer.c.receivable).where(customer.c.id == bindparam("id"))
        self._prices = select(product.c.id, product.c.list_price).where(
            product.c.id.in_(bindparam("ids", expanding=True))
        )
        self._next = (
            dialect.insert(sequence)
            .values(name=bindparam("name"), period=bindparam("period"), value=1)
            .on_conflict_do_update(index_elements=["name", "period"], set_={"value": sequence.c.value + 1})
            .returning(sequence.c.value)
        )
        self._order = insert(self.tables["order"]).returning(self.tables["order"].c.id)
        self._lines = insert(self.tables["line"])
        self._history = insert(self.tables["history"])

    def stored(self, amount: Decimal, scale: int = 2) -> object:
        return int(amount.scaleb(scale)) if self.sqlite else amount

    def read(self, value: object, scale: int = 2) -> Decimal:
        return Decimal(value).scaleb(-scale) if self.sqlite else value  # type: ignore[arg-type,return-value]

    def order(self, connection: Connection, customer: int, wanted: list[tuple[int, Decimal]]) -> int:
        """Number, price, total and check an order; insert it, its lines and its first history. Returns its id."""
        now, today = datetime.now(UTC), date.today()
        limit, receivable = connection.execute(self._limit, {"id": customer}).one()
        prices = {
            id: self.read(price) for id, price in connection.execute(self._prices, {"ids": [p for p, _ in wanted]})
        }
        lines = [
            {
                "product": product,
                "quantity": quantity,
                "unit_price": prices[product],
                "amount": (quantity * prices[product]).quantize(CENTS),
            }
            for product, quantity in wanted
        ]
        total = sum((line["amount"] for line in lines), Decimal(0))
        if not lines or self.read(receivable) + total > self.read(limit):
            raise ValueError("order refused")
        number = connection.scalar(self._next, {"name": "sales_order.number", "period": str(today.year)})
        values = {
            "number": f"SO-{today.year}-{number:05}",
            "customer": customer,
            "order_date": today,
            "currency": "CNY",
            "discount": 0,
            "total": self.stored(total),
            "status": "draft",
            "version": 1,
            "created_at": now,
            "created_by": 1,
            "updated_at": now,
            "updated_by": 1,
            "owner": 1,
            "archived": False,
        }
        order = connection.scalar(self._order, values)
        connection.execute(
            self._lines,
            [
                {
                    "parent_id": order,
                    "product": line["product"],
                    "quantity": self.stored(line["quantity"], 3),
                    "unit_price": self.stored(line["unit_price"]),
                    "amount": self.stored(line["amount"]),
                }
                for line in lines
            ],
        )
        data = {
            "customer": customer,
            "total": str(total),
            "lines": [[line["product"], str(line["amount"])] for line in lines],
        }
        connection.execute(
            self._history,
            {
                "at": now,
                "kind": "created",
                "entity": "sales_order",
                "record": order,
                "user": 1,
                "origin": "api",
                "data": data,
                "hash": hashlib.sha256(json.dumps(data).encode()).hexdigest(),
            },
        )
        return order

    def take(self) -> None:
        """One order with five lines, committed."""
        with self.engine.begin() as connection:
            self.order(connection, self.customer, [(product, Decimal(2)) for product in self.products])


def opened(url: str) -> Engine:
    """An engine as durable as the product's: on SQLite WAL, synchronous FULL, foreign keys, BEGIN IMMEDIATE."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def configure(connection: object, _record: object) -> None:
            connection.isolation_level = None  # type: ignore[attr-defined]
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def milliseconds(work: object, orders: int = ORDERS) -> float:
    """The median time of a call, after some to warm up."""
    times = []
    for n in range(orders + WARM_UP):
        start = time.perf_counter()
        work()  # type: ignore[operator]
        if n >= WARM_UP:
            times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def main(urls: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for url in urls or [f"sqlite:///{folder}/handwritten.db"]:
            engine = opened(url)
            taken = milliseconds(Handwritten(engine).take)
            print(f"{engine.dialect.name}: {taken:.2f} ms an order with five lines, by hand")
            engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1:])

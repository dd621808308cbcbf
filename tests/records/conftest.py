"""A shop: customers, products, orders with lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from engine.clock import MovableClock
from engine.workspace import Workspace

FILES = {
    "workspace.yaml": "workspace: shop\ncurrency: EUR\ntimezone: Europe/Berlin\n",
    "entities/customer.yaml": """
entity: customer
title: name
fields:
  name:   {type: text, required: true, unique: true, max_length: 20}
  email:  {type: email}
  limit:  {type: money, default: 1000}
  orders: {type: related, from: order.customer}
  owed:   {type: money, compute: sum(orders.total)}
  tags:   {type: choices, options: [new, big, late]}
""",
    "entities/product.yaml": """
entity: product
title: name
fields:
  name:  {type: text, required: true, search: true}
  price: {type: money, required: true, min: 0}
  group: {type: link, to: product, on_delete: set_null}
""",
    "entities/order.yaml": """
entity: order
title: number
number: {field: number, pattern: "SO-{yyyy}-{000}"}
fields:
  number:   {type: text, readonly: true}
  customer: {type: link, to: customer, required: true}
  placed:   {type: date, required: true, default: =today()}
  discount: {type: percent, min: 0, max: 0.3, default: 0}
  note:     {type: text, readonly_when: total > 500}
  reason:   {type: text, required_when: discount > 0.2}
  total:    {type: money, compute: sum(lines.amount) * (1 - discount)}
  lines:
    type: lines
    required: true
    fields:
      product:  {type: link, to: product, required: true}
      quantity: {type: decimal, scale: 1, required: true, min: 0}
      price:    {type: money, default: =product.price}
      amount:   {type: money, compute: quantity * price}
rules:
  credit:
    require: total <= customer.limit
    message: "Only {customer.limit} for {customer.name}"
  generous:
    require: discount <= 0.1
    severity: warning
    message: A discount of more than 10 %
""",
    "roles/seller.yaml": """
role: seller
grants:
  customer: {read: all, create: true, update: all, delete: all}
  product:  {read: all, create: true, update: all, delete: all}
  order:    {read: all, create: true, update: all, delete: all}
""",
}


class Shop:
    """An open workspace with a seller `amy`, the customer Acme and two products."""

    def __init__(self, url: str) -> None:
        self.clock = MovableClock(datetime(2026, 3, 1, 22, 30, tzinfo=UTC))  # in Berlin it is 23:30
        self.workspace = Workspace.open(None, url, clock=self.clock)
        self.workspace.publish(FILES)
        with self.step(None) as step:
            step.records.create("user", {"login": "amy", "name": "Amy", "roles": ["seller"]})
            self.acme = step.records.create("customer", {"name": "Acme"}).id
            self.tea = step.records.create("product", {"name": "Tea", "price": "9.90"}).id
            self.salt = step.records.create("product", {"name": "Salt", "price": "0.45"}).id

    @contextmanager
    def step(self, user: str | None = "amy", **options: Any) -> Iterator[Any]:
        with self.workspace.step(user, **options) as step:
            yield step

    def order(self, step: Any, *lines: tuple[int, object], **values: object) -> Any:
        given = {"customer": self.acme, "lines": [{"product": product, "quantity": n} for product, n in lines], **values}
        return step.records.create("order", given)

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The SQL statements that are executed within."""
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
                seen.append(statement)

        event.listen(self.workspace.database.engine, "before_cursor_execute", note)
        yield seen
        event.remove(self.workspace.database.engine, "before_cursor_execute", note)


@pytest.fixture
def shop(database_url: str) -> Iterator[Shop]:
    """The shop on each kind of database."""
    shop = Shop(database_url)
    yield shop
    shop.workspace.close()


@pytest.fixture
def quick_shop() -> Iterator[Shop]:
    """The shop in memory, for what does not depend on the database."""
    shop = Shop("sqlite://")
    yield shop
    shop.workspace.close()

"""What the engine costs: an order with five lines by the engine, against the same written by hand (`handwritten.py`).

`python benchmarks/create_order.py [URL …]` prints both medians and their ratio; the databases must be empty. Both commit each
order; the engine's has defaults, a number, computed amounts and total, required fields, a bound, a rule that reads the
customer, permissions and history.
"""

from __future__ import annotations

import sys
import tempfile
from decimal import Decimal

from handwritten import Handwritten, milliseconds, opened

from engine.workspace import Workspace

FILES = {
    "workspace.yaml": "workspace: bench\ncurrency: CNY\n",
    "entities/customer.yaml": """
entity: customer
title: name
fields:
  name:         {type: text, required: true}
  credit_limit: {type: money, default: 0}
  receivable:   {type: money, default: 0}
""",
    "entities/product.yaml": """
entity: product
title: name
fields:
  name:       {type: text, required: true}
  list_price: {type: money, required: true}
""",
    "entities/sales_order.yaml": """
entity: sales_order
title: number
number: {field: number, pattern: "SO-{yyyy}-{00000}"}
fields:
  number:     {type: text, readonly: true, unique: true}
  customer:   {type: link, to: customer, required: true}
  order_date: {type: date, required: true, default: =today()}
  currency:   {type: text, default: =workspace.currency}
  discount:   {type: percent, min: 0, max: 0.3, default: 0}
  total:      {type: money, compute: sum(lines.amount) * (1 - discount)}
  status:     {type: choice, options: [draft, approved], default: draft}
  lines:
    type: lines
    required: true
    fields:
      product:    {type: link, to: product, required: true}
      quantity:   {type: decimal, scale: 3, required: true, min: 0}
      unit_price: {type: money, default: =product.list_price}
      amount:     {type: money, compute: quantity * unit_price}
rules:
  credit:
    require: customer.receivable + total <= customer.credit_limit
    message: Credit limit exceeded
""",
    "roles/seller.yaml": """
role: seller
grants:
  customer:    {read: all}
  product:     {read: all}
  sales_order: {read: own, create: true, update: own}
""",
}


class Shop:
    """The same shop as `Handwritten`, in the engine."""

    def __init__(self, url: str) -> None:
        self.workspace = Workspace.open(None, url)
        self.workspace.publish(FILES)
        with self.workspace.step(None) as step:
            limits = {"name": "Acme", "credit_limit": Decimal(10) ** 9}
            self.customer = step.records.create("customer", limits).id
            prices = [{"name": f"Tea {n}", "list_price": Decimal("9.90") + n} for n in range(5)]
            self.products = [step.records.create("product", values).id for values in prices]
            person = {"login": "amy", "name": "Amy", "roles": ["seller"]}
            self.seller = step.records.create("user", person).id

    def take(self) -> None:
        """One order with five lines, committed."""
        lines = [{"product": product, "quantity": 2} for product in self.products]
        with self.workspace.step(self.seller) as step:
            step.records.create("sales_order", {"customer": self.customer, "lines": lines})


def main(urls: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for url in urls or [f"sqlite:///{folder}/orders.db"]:
            engine = opened(url)
            by_hand = Handwritten(engine)
            shop = Shop(url)
            hand, ours = milliseconds(by_hand.take), milliseconds(shop.take)
            print(f"{engine.dialect.name}: {ours:.2f} ms an order with five lines, by hand {hand:.2f}: {ours / hand:.1f} times")
            engine.dispose()
            shop.workspace.close()


if __name__ == "__main__":
    main(sys.argv[1:])

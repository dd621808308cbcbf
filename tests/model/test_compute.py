"""What computed fields depend on is inferred, ordered, and free of circles."""

from engine.model.model import Dependency

ORDER = """
    entity: order
    fields:
      customer: {type: link, to: customer}
      total: {type: money, compute: net * (1 - discount)}
      discount: {type: percent, compute: 'if customer.level = "gold" then 0.1 else 0'}
      net: {type: money, compute: sum(lines.amount)}
      lines:
        type: lines
        fields:
          product: {type: link, to: product}
          quantity: {type: integer}
          amount: {type: money, compute: quantity * product.price * (1 - parent.discount)}
    """
CUSTOMER = """
    entity: customer
    fields:
      level: {type: choice, options: [gold, silver]}
      orders: {type: related, from: order.customer}
      ordered: {type: money, compute: sum(orders.total)}
    """
PRODUCT = "entity: product\nfields: {price: {type: money}}\n"


def test_computed_fields_come_after_what_they_read(model):
    order = model(order=ORDER, customer=CUSTOMER, product=PRODUCT).entities["order"]

    assert order.compute_order == ("discount", "net", "total")
    assert order.fields["lines"].lines.compute_order == ("amount",)


def test_dependencies_across_records_are_inferred(model):
    found = set(model(order=ORDER, customer=CUSTOMER, product=PRODUCT).dependencies)

    assert found == {
        Dependency("order", "discount", ("customer",), "customer", "level"),
        Dependency("order", "net", ("lines",), "order.lines", "id"),
        Dependency("order", "net", ("lines",), "order.lines", "amount"),
        Dependency("order.lines", "amount", ("product",), "product", "price"),
        Dependency("order.lines", "amount", ("parent",), "order", "discount"),
        Dependency("customer", "ordered", ("orders",), "order", "customer"),
        Dependency("customer", "ordered", ("orders",), "order", "total"),
    }


def test_filters_count_as_reads(model):
    customer = CUSTOMER.replace("sum(orders.total)", "'sum(orders[discount > 0].total)'")

    reads = {
        each.reads
        for each in model(order=ORDER, customer=customer, product=PRODUCT).dependencies
        if each.field == "ordered"
    }

    assert reads == {"customer", "discount", "total"}


def test_a_circle_is_shown(built):
    found = built(
        order=ORDER.replace('if customer.level = "gold" then 0.1 else 0', "customer.ordered / 1000"),
        customer=CUSTOMER,
        product=PRODUCT,
    ).problems

    assert [problem.code for problem in found] == ["TW1321"]
    assert "order.total → " in found[0].message
    assert "customer.ordered → order.total" in found[0].message


def test_a_circle_within_one_record(messages):
    order = "entity: order\nfields:\n  a: {type: integer, compute: b + 1}\n  b: {type: integer, compute: a + 1}\n"

    assert messages(order=order) == [
        "the field is computed from itself: order.a → order.b → order.a; take one of them out of the circle"
    ]


def test_the_clock_and_the_person_do_not_belong_in_computed_fields(problems):
    assert problems(
        order="""
        entity: order
        fields:
          due: {type: date}
          late: {type: boolean, compute: due < today()}
          mine: {type: boolean, compute: owner = user}
        """
    ) == [("order.yaml:4:40", "TW1320"), ("order.yaml:5:42", "TW1320")]


def test_a_lookup_in_a_computed_field_is_warned_of(built):
    found = built(order="entity: order\nfields:\n  n: {type: integer, compute: count of(order)}\n")

    assert [(p.code, p.severity) for p in found.problems] == [("TW1322", "warning")]

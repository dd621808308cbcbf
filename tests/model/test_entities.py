"""Entities as documents declare them: fields, literals, forms, views, and all that can be wrong with them."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

CUSTOMER = "entity: customer\nfields: {name: {type: text}, limit: {type: money}, owner_since: {type: date}}\n"


def fields(*lines: str) -> str:
    return "entity: order\nfields:\n" + "".join(f"  {line}\n" for line in lines)


def test_the_order_of_the_specification(model):
    order = model(
        customer=CUSTOMER,
        order="""
            entity: order
            label: {en: Sales order, zh: 销售订单}
            title: number + " · " + customer.name
            number: {field: number, pattern: "SO-{yyyy}-{00000}"}
            fields:
              number:     {type: text, readonly: true, unique: true}
              customer:   {type: link, to: customer, required: true, on_delete: restrict}
              order_date: {type: date, default: =today(), required: true}
              discount:   {type: percent, min: 0, max: 0.3, help: {en: Needs approval above 10 %}}
              lines:
                type: lines
                fields:
                  quantity:   {type: decimal, scale: 3, default: 1, min: 0}
                  unit_price: {type: money, default: =parent.customer.limit}
                  amount:     {type: money, compute: quantity * unit_price}
              total:      {type: money, compute: sum(lines.amount) * (1 - discount)}
              status:     {type: choice, options: [draft, done], readonly: true}
            rules:
              has_lines:  {require: count(lines) > 0, message: {en: Add at least one line, zh: 请至少添加一行}}
              credit:     {when: total > 0, require: total <= customer.limit, severity: warning}
            unique: {per_day: [customer, order_date]}
            indexes: {by_date: [order_date]}
            form:
              sections:
                main:  {columns: 2, fields: [customer, {field: discount, readonly_when: status != "draft"}]}
                lines: {label: {en: Items, zh: 明细}, fields: [lines]}
            views:
              all:    {type: list, columns: [number, customer.name, total], sort: [-order_date]}
              open:   {type: list, filter: 'status = "draft"', columns: [number]}
              board:  {type: kanban, group_by: status, card: [title, total], total: total}
              dates:  {type: calendar, start: order_date}
            """,
    ).entities

    assert order["order"].label.in_("zh") == "销售订单"
    assert order["order"].fields["lines"].lines is order["order.lines"]
    assert order["order.lines"].table == "order__lines"
    assert order["order.lines"].parent == "order"
    assert order["order"].fields["discount"].max.literal == Decimal("0.3")
    assert order["order"].rules["credit"].severity == "warning"
    assert [section.name for section in order["order"].sections] == ["main", "lines"]
    assert order["order"].views["all"].sort == ("-order_date",)
    assert order["order"].views["open"].filter is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("{type: date, default: 2026-01-31}", date(2026, 1, 31)),
        ("{type: datetime, default: 2026-01-31T09:30}", datetime(2026, 1, 31, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))),
        ("{type: duration, default: P1DT4H}", timedelta(days=1, hours=4)),
        ("{type: money, default: 16.20}", Decimal("16.20")),
        ("{type: integer, default: 3}", 3),
        ("{type: boolean, default: true}", True),
        ("{type: text, default: 0571}", "0571"),
        ("{type: choice, options: [a, b], default: b}", "b"),
        ("{type: choice, options: [no, yes], default: no}", "no"),
        ("{type: choices, options: [a, b], default: [b, a]}", ("b", "a")),
    ],
)
def test_a_literal_default_is_a_value_of_the_fields_type(model, field, value):
    default = model(order=fields(f"x: {field}")).entities["order"].fields["x"].default

    assert default.literal == value
    assert default.expression is None


def test_a_default_with_an_equals_sign_is_an_expression(model):
    default = model(order=fields("x: {type: text, default: =user.name}")).entities["order"].fields["x"].default

    assert default.literal is None
    assert default.expression.text == "user.name"


@pytest.mark.parametrize(
    ("field", "code", "column"),
    [
        ("{type: date, default: 2026-02-30}", "TW1311", 28),
        ("{type: integer, default: 1.5}", "TW1311", 31),
        ("{type: money, default: 1.555}", "TW1311", 29),
        ("{type: duration, default: P1M}", "TW1311", 32),
        ("{type: link, to: order, default: 7}", "TW1311", 39),
        ("{type: choice, options: [a, b], default: c}", "TW1312", 47),
        ("{type: integer, min: 5, max: 3}", "TW1313", 22),
        ("{type: integer, min: 5, default: 3}", "TW1313", 39),
        ("{type: text, scale: 2}", "TW1302", 19),
        ("{type: text, pattern: '[a'}", "TW1304", 29),
        ("{type: link, to: order, required: true, on_delete: set_null}", "TW1306", 57),
        ("{type: money, compute: 1 + 1, default: 2}", "TW1303", 36),
        ("{type: text, default: =today()}", "TW2009", 29),
        ("{type: money, compute: '\"a\"'}", "TW2009", 30),
    ],
)
def test_what_does_not_fit_the_field(problems, field, code, column):
    assert problems(order=fields(f"x: {field}")) == [(f"order.yaml:3:{column}", code)]


def test_every_record_has_some_fields_already(problems):
    assert problems(order=fields("owner: {type: user}")) == [("order.yaml:3:3", "TW1301")]


def test_scale_is_the_currencys_unless_given(model):
    order = model(
        order=fields(
            "currency: {type: choice, options: [CNY, KWD]}",
            "total: {type: money}",
            "rate: {type: money, scale: 4}",
            "weight: {type: decimal}",
        )
    ).entities["order"]

    assert (order.fields["total"].scale, order.fields["rate"].scale, order.fields["weight"].scale) == (3, 4, 6)


def test_options_are_texts_with_labels_and_colours(model):
    options = (
        model(order=fields("x: {type: choice, options: {on: {label: {en: On, zh: 开}, color: green}, off: }}"))
        .entities["order"]
        .fields["x"]
        .options
    )

    assert options["on"].label.in_("zh") == "开"
    assert options["on"].color == "green"
    assert options["off"].label.in_("en") == "Off"


def test_a_related_field_reverses_a_link(model):
    built = model(
        customer="entity: customer\nfields: {name: {type: text}, orders: {type: related, from: order.customer}}\n",
        order=fields("customer: {type: link, to: customer}"),
    )

    assert built.entities["customer"].fields["orders"].source == ("order", "customer")


@pytest.mark.parametrize("source", ["»ordr.customer", "order.»custmer", "order.»total"])
def test_a_related_field_needs_a_link_that_points_here(problems, source):
    line = f"fields: {{name: {{type: text}}, x: {{type: related, from: {source}}}}}\n"
    customer = "entity: customer\n" + line.replace("»", "")

    assert problems(
        customer=customer, order=fields("customer: {type: link, to: customer}", "total: {type: money}")
    ) == [(f"customer.yaml:2:{line.index('»') + 1}", "TW1307")]


def test_views_forms_and_keys_name_fields_that_are_there(problems):
    found = problems(
        customer=CUSTOMER,
        order="""
            entity: order
            number: {field: total, pattern: "A-{yyy}-{0}"}
            fields:
              customer: {type: link, to: customer}
              total: {type: money}
              all: {type: lines, fields: {n: {type: integer}}}
            unique: {one: [all], two: [totl]}
            form:
              sections:
                main: {fields: [total, totl, total]}
            views:
              list: {type: list, columns: [customer.nam, total.x], sort: [-all]}
              board: {type: kanban, group_by: total}
            """,
    )

    assert found == [
        ("order.yaml:2:17", "TW1310"),
        ("order.yaml:2:36", "TW1308"),
        ("order.yaml:7:16", "TW1314"),
        ("order.yaml:7:28", "TW1203"),
        ("order.yaml:10:28", "TW1203"),
        ("order.yaml:10:34", "TW1315"),
        ("order.yaml:12:41", "TW1203"),
        ("order.yaml:12:52", "TW1203"),
        ("order.yaml:12:63", "TW1314"),
        ("order.yaml:13:35", "TW1317"),
    ]


def test_without_form_and_views_there_are_usual_ones(model):
    order = model(
        order=fields(
            "name: {type: text}", "note: {type: long_text}", "lines: {type: lines, fields: {n: {type: integer}}}"
        )
    ).entities["order"]

    assert [(section.name, [field.name for field in section.fields]) for section in order.sections] == [
        ("main", ["name", "note"]),
        ("lines", ["lines"]),
    ]
    assert order.views["all"].columns == ("name",)
    assert order.title.text == "record.name"
    assert order.fields["note"].label.in_("en") == "Note"


def test_a_comparison_that_can_never_hold(built):
    found = built(
        order=fields(
            "status: {type: choice, options: [draft, approved]}", 'late: {type: boolean, compute: status = "aproved"}'
        )
    )

    assert [(p.place, p.code, p.hint) for p in found.problems] == [
        ("order.yaml:4:43", "TW2006", "did you mean 'approved'?")
    ]


def test_a_rules_message_may_hold_expressions(built):
    good = (
        fields("total: {type: money}")
        + "rules: {small: {require: total < 5, message: {en: 'Only {total}', zh: '仅 {total}'}}}\n"
    )
    bad = fields("total: {type: money}") + "rules: {small: {require: total < 5, message: 'Only {totl}'}}\n"

    rule = built(order=good).model.entities["order"].rules["small"]
    assert rule.templates["en"]({"total": Decimal(3)}) == "Only 3"
    assert [(p.place, p.code) for p in built(order=bad).problems] == [("order.yaml:4:53", "TW1203")]


def test_lines_see_their_parent_and_filters_their_target(model):
    model(
        product="entity: product\nfields: {name: {type: text}, sold_to: {type: link, to: customer}}\n",
        customer=CUSTOMER,
        order="""
            entity: order
            fields:
              customer: {type: link, to: customer}
              lines:
                type: lines
                fields:
                  product: {type: link, to: product, filter: sold_to = record.parent.customer}
                  price: {type: money, default: =parent.customer.limit}
            """,
    )


def test_a_field_named_like_a_name_that_is_always_there_is_reached_by_record(model):
    model(order=fields("user: {type: text}", "again: {type: text, compute: record.user}"))


def test_names_that_would_share_a_table(problems):
    assert problems(order=fields("x: {type: text}").replace("entity: order", "entity: tw_order")) == [
        ("order.yaml:1:9", "TW1309")
    ]

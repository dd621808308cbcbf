"""What people get wrong in YAML: each mistake is reported once, at its line and column, with what to do."""

from dsl.problems import render
from engine.model import build


def test_a_wrong_key(built):
    found = built(
        order="""
        entity: order
        lable: Order
        fields:
          total: {type: money}
        """
    )

    assert found.model is None
    assert [render(problem) for problem in found.problems] == [
        "order.yaml:2:1: error TW1102: unknown key 'lable' in a document of kind entity\n"
        "    2 | lable: Order\n"
        "      | ^^^^^ did you mean 'label'?"
    ]


def test_a_wrong_key_of_a_field(problems):
    assert problems(
        order="""
        entity: order
        fields:
          total: {type: money, requird: true}
        """
    ) == [("order.yaml:3:24", "TW1102")]


def test_a_misspelt_key_is_not_reported_as_missing_too(problems, messages):
    order = "entity: order\nfields:\n  total: {typ: money}\n"

    assert problems(order=order) == [("order.yaml:3:11", "TW1102")]
    assert messages(order=order) == ["unknown key 'typ' in 'fields.total'; did you mean 'type'?"]


def test_an_unknown_type(problems, messages):
    order = "entity: order\nfields:\n  total: {type: mony}\n  twice: {type: money, compute: total * 2}\n"

    assert problems(order=order) == [("order.yaml:3:17", "TW1104")]
    assert messages(order=order) == ["unknown type 'mony'; did you mean 'money'?"]


def test_a_link_to_nothing(problems, messages):
    order = """
        entity: order
        title: customer.name
        fields:
          customer: {type: link, to: custmer}
        """
    customer = "entity: customer\nfields: {name: {type: text}}\n"

    assert problems(order=order, customer=customer) == [("order.yaml:4:30", "TW1305")]
    assert messages(order=order, customer=customer) == [
        "the link 'customer' goes to nothing: there is no entity 'custmer'; did you mean 'customer'?"
    ]


def test_a_name_misspelt_in_an_expression(built):
    found = built(
        order="""
        entity: order
        title: number + " · " + custmer.name
        fields:
          number: {type: text}
          customer: {type: link, to: customer}
        """,
        customer="entity: customer\nfields: {name: {type: text}}\n",
    )

    assert [render(problem) for problem in found.problems] == [
        "order.yaml:2:25: error TW1203: order has no field 'custmer'\n"
        '    2 | title: number + " · " + custmer.name\n'
        "      |                         ^^^^^^^ did you mean 'customer'?"
    ]


def test_a_name_misspelt_in_a_script_in_a_block(problems):
    process = """
        process: flow
        entity: order
        start: {on: create}
        nodes:
          count:
            type: script_task
            do: |
              let double = total * 2
              set total = duble
            to: done
          done: {type: end_event}
        """

    assert [place for place, _ in problems(order=ORDER, flow=process)] == ["flow.yaml:9:19"]


def test_a_node_that_leads_nowhere(problems):
    assert problems(
        order=ORDER,
        flow="""
        process: flow
        entity: order
        nodes:
          first: {type: script_task, do: set total = 1, to: second}
          second:
            type: script_task
            do: set total = 2
          done: {type: end_event}
        """,
    ) == [("flow.yaml:5:3", "TW1421")]


def test_a_target_that_does_not_exist(problems, messages):
    flow = """
        process: flow
        entity: order
        nodes:
          first: {type: script_task, do: set total = 1, to: doen}
          done: {type: end_event}
        """

    assert problems(order=ORDER, flow=flow) == [("flow.yaml:4:53", "TW1420")]
    assert messages(order=ORDER, flow=flow) == ["there is no node 'doen'; did you mean 'done'?"]


def test_a_missing_else(problems, messages):
    flow = """
        process: flow
        entity: order
        nodes:
          route:
            type: exclusive_gateway
            flows:
              - {when: total > 5, to: done}
              - {when: total <= 5, to: done}
          done: {type: end_event}
        """

    assert problems(order=ORDER, flow=flow) == [("flow.yaml:4:3", "TW1423")]
    assert "else" in messages(order=ORDER, flow=flow)[0]


def test_a_tab(problems):
    assert problems(order="entity: order\nfields:\n\ttotal: {type: money}\n") == [("order.yaml:3:1", "TW1002")]


def test_a_duplicate_key(problems):
    assert problems(
        order="""
        entity: order
        fields:
          total: {type: money}
          note: {type: text}
          total: {type: decimal}
        """
    ) == [("order.yaml:5:3", "TW1005")]


def test_an_unquoted_comma_in_a_flow_map_says_to_quote(messages):
    found = messages(order="entity: order\nfields:\n  net: {type: money, compute: round(2.5, 2)}\n")

    assert any("quote an expression" in message for message in found)


def test_an_unknown_kind_of_document(problems, messages):
    assert problems(order="entty: order\n") == [("order.yaml:1:1", "TW1101")]
    assert messages(order="entty: order\n") == ["unknown kind of document 'entty'; did you mean 'entity'?"]


def test_a_value_of_the_wrong_shape(messages):
    found = messages(
        order="""
        entity: order
        fields:
          total: money
          note: {type: text, required: 1}
          empty:
        views:
          all: {type: list, columns: total}
        """
    )

    assert found == [
        "'fields.total' must be a map such as {type: text}, not the text 'money'",
        "'fields.note.required' must be true or false, not the number 1",
        "'fields.empty' must be a map such as {type: text}, not empty",
        "'views.all.columns' must be a list of fields and paths, not the text 'total'",
    ]


def test_a_field_with_a_wrong_name_does_not_take_the_others_with_it(problems):
    assert problems(
        order="""
        entity: order
        title: note
        fields:
          note: {type: text}
          Total: {type: money}
        """
    ) == [("order.yaml:5:3", "TW1106")]


def test_a_name_that_is_none(messages):
    assert messages(order="entity: Sales Order\nfields: {total: {type: money}}\n") == [
        "'Sales Order' is not a name; write 'sales_order'"
    ]


def test_all_problems_of_all_files_come_at_once_in_order(problems):
    found = problems(
        b="entity: b\nfields: {x: {type: txt}}\n",
        a="entity: a\nfields: {x: {type: text, min: 3}}\ntitle: y\n",
        c="entity: c\n\tfields: x\n",
    )

    assert found == [
        ("a.yaml:2:26", "TW1302"),
        ("a.yaml:3:8", "TW1203"),
        ("b.yaml:2:20", "TW1104"),
        ("c.yaml:2:1", "TW1002"),
    ]


def test_what_this_version_lacks_is_said_at_its_place(problems):
    assert problems(
        order=ORDER,
        flow="""
            process: flow
            entity: order
            nodes:
              first: {type: approval, assign: owner, cc: owner, on_approve: {to: done}, on_reject: {to: done}}
              done: {type: end_event}
            """,
    ) == [("flow.yaml:4:42", "TW1190")]


def test_a_folder_without_documents(built):
    assert [problem.code for problem in build({}).problems] == ["TW1601"]


ORDER = """
    entity: order
    fields:
      total: {type: money}
    """

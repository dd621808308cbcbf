"""Roles, templates, seed data and scenario tests are checked against the model before they are used."""

ORDER = """
    entity: order
    fields:
      number: {type: text}
      total: {type: money}
      status: {type: choice, options: [draft, done]}
      twice: {type: money, compute: total * 2}
    """
FLOW = """
    process: flow
    entity: order
    nodes:
      draft: {type: state, actions: {submit: {to: done}}}
      done: {type: end_event}
    """


def test_a_role_with_scopes_row_rules_and_field_rights(model):
    role = model(
        order=ORDER,
        flow=FLOW,
        clerk="""
        role: clerk
        label: {en: Clerk, zh: 文员}
        grants:
          order:
            read: department_tree
            create: true
            update: owner = user and status = "draft"
            actions: [submit]
            fields: {number: read}
            hide: [total]
            deny: [purge]
        """,
    ).roles["clerk"]
    grant = role.grants["order"]

    assert grant.operations["read"] == "department_tree"
    assert grant.operations["create"] == "all"
    assert grant.operations["update"].text == 'owner = user and status = "draft"'
    assert grant.fields == {"number": "read", "total": "hide"}
    assert (grant.actions, grant.deny) == (("submit",), ("purge",))


def test_a_role_names_what_is_there(problems):
    assert problems(
        order=ORDER,
        flow=FLOW,
        clerk="""
        role: clerk
        grants:
          ordr: {read: all}
          order: {read: ownr = user, actions: [sumbit], hide: [totl], fields: {nmber: read}, deny: [reed]}
        """,
    ) == [
        ("clerk.yaml:3:3", "TW1501"),
        ("clerk.yaml:4:17", "TW1203"),
        ("clerk.yaml:4:40", "TW1502"),
        ("clerk.yaml:4:56", "TW1203"),
        ("clerk.yaml:4:72", "TW1203"),
        ("clerk.yaml:4:93", "TW1104"),
    ]


def test_a_misspelt_scope_is_told_from_a_row_rule(messages):
    assert messages(order=ORDER, clerk="role: clerk\ngrants: {order: {read: departmnt}}\n") == [
        "unknown scope 'departmnt'; did you mean 'department'?"
    ]


def test_a_template_is_compiled_by_locale(model):
    template = model(
        hello="template: hello\nchannels: [app, email]\nsubject: {en: '{number}', zh: '订单 {number}'}\nbody: '{{x}'\n"
    ).templates["hello"]

    assert template.subject["zh"]({"number": "7"}) == "订单 7"
    assert template.channels == ("app", "email")


def test_a_template_with_a_broken_expression(problems):
    assert [place for place, _ in problems(hello="template: hello\nbody: 'Order {number +}'\n")] == ["hello.yaml:2:22"]


def test_data_keep_texts_as_they_are_written(model):
    data = model(
        order=ORDER, seed="data: seed\nentity: order\nkey: number\nrecords:\n  - {number: 0571, total: 12.50}\n"
    ).data[0]

    assert data.records[0]["number"] == "0571"
    assert str(data.records[0]["total"]) == "12.50"


def test_data_name_what_is_there(problems):
    assert problems(
        order=ORDER,
        seed="""
        data: seed
        entity: order
        key: number
        records:
          - {number: a, totl: 1}
          - {number: a, status: drft}
          - {total: 3, twice: 6}
        """,
        other="data: other\nentity: ordr\nkey: x\nrecords: []\n",
    ) == [
        ("other.yaml:2:9", "TW1701"),
        ("seed.yaml:5:17", "TW1203"),
        ("seed.yaml:6:5", "TW1702"),
        ("seed.yaml:6:25", "TW1312"),
        ("seed.yaml:7:5", "TW1702"),
        ("seed.yaml:7:16", "TW1703"),
    ]


STORY = """
    test: an order is done
    users: {amy: {roles: [admin], manager: bob}, bob: }
    departments: {north: {head: bob}}
    now: 2026-01-31T09:00:00
    given:
      o: {entity: order, number: "1", total: 5, owner: =amy}
    steps:
      - as: amy
        create:
          p: {entity: order, number: =o.number}
      - do: o.submit
      - expect: {o.status: done, 'count([o, p])': 2, p.number: =o.number}
      - find: {q: {entity: order, filter: number = o.number and total > 3}}
      - set: {q: {total: 6}}
      - wait: P3D
      - expect_denied: {as: bob, set: {o: {total: 1}}}
      - expect_count: {entity: order, filter: total > 5, is: 1}
    """


def test_a_scenario_that_names_only_what_there_is(model):
    test = model(order=ORDER, flow=FLOW, story=STORY).tests[0]

    assert test.name == "an order is done"
    assert test.body["steps"][0]["as"] == "amy"


def test_a_scenario_is_checked_before_it_is_run(problems):
    assert problems(
        order=ORDER,
        flow=FLOW,
        story="""
        test: much is wrong
        needs: [crm]
        users: {amy: {roles: [clrk], manager: bob}}
        given: {o: {entity: order, totl: 5}}
        steps:
          - as: ann
            create: {p: {entity: ordr}}
          - do: q.submit
          - do: o.sumbit
          - expect: {o.totl: 5, o.total: =zz}
          - wait: 3 days
          - expect_message: {template: hello}
          - {do: o.submit, wait: P1D}
          - expect_task: {node: drft}
        """,
    ) == [
        ("story.yaml:2:9", "TW1604"),
        ("story.yaml:3:23", "TW1506"),
        ("story.yaml:3:39", "TW1710"),
        ("story.yaml:4:28", "TW1203"),
        ("story.yaml:6:9", "TW1710"),
        ("story.yaml:7:26", "TW1711"),
        ("story.yaml:8:9", "TW1712"),
        ("story.yaml:9:11", "TW1714"),
        ("story.yaml:10:16", "TW1203"),
        ("story.yaml:10:35", "TW1204"),
        ("story.yaml:11:11", "TW1406"),
        ("story.yaml:12:32", "TW1714"),
        ("story.yaml:13:5", "TW1713"),
        ("story.yaml:14:25", "TW1714"),
    ]


def test_what_a_scenario_reads_or_expects_refused_is_checked_too(problems):
    assert problems(
        order=ORDER,
        story="""
        test: two slips
        users: {amy: {}}
        given: {o: {entity: order}}
        steps:
          - read: o.totl
          - expect_denied: {as: amy}
        """,
    ) == [("story.yaml:5:13", "TW1203"), ("story.yaml:6:20", "TW1713")]


SENDING = """
    process: flow
    entity: {entity}
    start: {{on: create}}
    nodes:
      tell: {{type: script_task, do: notify owner using hello, to: done}}
      done: {{type: end_event}}
    """


def test_a_template_may_name_what_the_script_sees_that_sends_it(built):
    text = "template: hello\nbody: Order {numbr}\n"

    found = built(order=ORDER, hello=text, flow=SENDING.format(entity="order")).problems

    assert [(p.place, p.code, p.severity, p.hint) for p in found] == [
        ("hello.yaml:2:14", "TW1204", "error", "did you mean 'number'?")
    ]


def test_a_template_that_some_of_its_scripts_can_not_fill_is_a_warning(built):
    found = built(
        order=ORDER,
        lead="entity: lead\nfields: {name: {type: text}}\n",
        hello="template: hello\nbody: Owed {total}\n",
        flow=SENDING.format(entity="order"),
        other=SENDING.format(entity="lead").replace("process: flow", "process: other"),
    ).problems

    assert [(p.place, p.severity) for p in found] == [("hello.yaml:2:13", "warning")]

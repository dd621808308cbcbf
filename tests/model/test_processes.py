"""Processes as documents declare them: nodes, forms, timers, scopes, and the graph that they make."""

from datetime import timedelta
from decimal import Decimal

import pytest

ORDER = """
    entity: order
    fields:
      customer: {type: link, to: customer}
      total: {type: money}
      double: {type: money, compute: total * 2}
      status: {type: choice, options: [draft, approved, done], readonly: true}
      comment: {type: text}
      lines: {type: lines, fields: {n: {type: integer}}}
    """
WORLD = {
    "order": ORDER,
    "customer": "entity: customer\nfields: {name: {type: text}, keeper: {type: user}}\n",
    "clerk": "role: clerk\n",
    "late": "template: late\nbody: Late\n",
}


def flow(nodes: str, head: str = "lifecycle: status") -> dict[str, str]:
    """A workspace with one process, whose nodes begin in line 5."""
    lines = "".join(f"  {line}\n" for line in nodes.strip("\n").splitlines())
    return WORLD | {"flow": f"process: flow\nentity: order\n{head}\nnodes:\n{lines}"}


APPROVAL = """\
draft:
  type: state
  status: draft
  actions:
    submit: {label: {en: Submit, zh: 提交}, roles: [clerk], when: total > 0, to: route}
    note: {do: set comment = "seen"}
route:
  type: exclusive_gateway
  flows:
    - {when: total > 100, to: boss}
    - {else: true, to: done}
boss:
  type: approval
  assign: manager of(owner)
  policy: {ratio: 0.6}
  form: {edit: [total], show: [customer.name]}
  due: P1D
  empty: {to: done}
  timers:
    remind: {every: PT4H, do: notify assignees using late}
    escalate: {after: P2D, reassign: 'users with role("clerk")'}
    drop: {until: 'created_at + duration("P30D")', to: done}
  on_approve: {to: done}
  on_reject: {to: draft, do: set comment = comment}
done: {type: end_event, status: done}
"""


def test_an_approval_process(model):
    process = model(**flow(APPROVAL)).processes["flow"]
    boss = process.nodes["boss"]

    assert process.lifecycle == "status"
    assert process.first == "draft"
    assert process.nodes["draft"].actions["submit"].label.in_("zh") == "提交"
    assert process.nodes["draft"].actions["note"].to == ()
    assert [flow.when is None for flow in process.nodes["route"].flows] == [False, True]
    assert (boss.policy, boss.ratio, boss.empty) == ("ratio", Decimal("0.6"), "to:done")
    assert boss.due.literal == timedelta(days=1)
    assert boss.timers["remind"].kind == "every"
    assert boss.timers["drop"].value.expression is not None
    assert boss.form.edit == ("total",)


def test_an_activity_with_to_and_no_actions_is_simply_completed(model):
    process = model(**flow("work: {type: user_task, assign: owner, to: done}\ndone: {type: end_event}")).processes[
        "flow"
    ]

    assert process.nodes["work"].actions["complete"].to == ("done",)


def test_an_action_may_ask_for_inputs(model):
    process = model(
        **flow("""
draft:
  type: state
  actions:
    pay:
      form: {amount: {type: money, required: true}, by: {type: user}}
      do: set total = values.amount
      confirm: {en: Sure?}
    drop: {form: [comment], confirm: true, to: done}
done: {type: end_event}
""")
    ).processes["flow"]
    actions = process.nodes["draft"].actions

    assert actions["pay"].form.inputs["amount"].required
    assert actions["pay"].confirm.in_("en") == "Sure?"
    assert actions["drop"].form.edit == ("comment",)
    assert actions["drop"].confirm.by_locale == {}


def test_each_line_may_have_its_own_task(model):
    process = model(
        **flow(
            """
pick:
  type: user_task
  foreach: {item: l, in: lines, until: done > 2, collect: {counts: l.n}}
  assign: 'users with role("clerk")'
  actions: {ok: {do: set l.n = 2}}
  to: done
done: {type: end_event}
""",
            head="variables: {counts: {type: json}}",
        )
    ).processes["flow"]

    assert process.nodes["pick"].foreach.item == "l"
    assert list(process.nodes["pick"].foreach.collect) == ["counts"]


@pytest.mark.parametrize(
    ("node", "code"),  # » is where the problem is, else at the node's name
    [
        ("{type: user_task, assign: »total, to: done}", "TW1407"),
        ("{type: user_task, to: done}", "TW1424"),
        ("{type: user_task, assign: owner}", "TW1421"),
        ("{type: user_task, assign: owner, actions: {»ok: {}}}", "TW1421"),
        ("{type: user_task, assign: »ownr, to: done}", "TW1204"),
        ("{type: user_task, assign: owner, due: »2 days, to: done}", "TW1406"),
        ("{type: user_task, assign: owner, form: {edit: [»double]}, to: done}", "TW1411"),
        ("{type: user_task, assign: owner, form: {show: [customer.»nam]}, to: done}", "TW1203"),
        ("{type: user_task, candidates: {roles: [»clark]}, to: done}", "TW1506"),
        ("{type: user_task, assign: 'users with role(»\"clark\")', to: done}", "TW1506"),
        ("{type: approval, assign: owner, on_reject: {to: done}}", "TW1421"),
        ("{type: approval, assign: owner, on_approve: {to: done}}", "TW1421"),
        ("{type: approval, on_approve: {to: done}, on_reject: {to: done}}", "TW1105"),
        ("{type: script_task, to: done}", "TW1105"),
        ("{type: timer_event, to: done}", "TW1406"),
        ("{type: timer_event, for: »soon, to: done}", "TW1406"),
        ("{type: timer_event, for: »=total, to: done}", "TW1406"),
        ("{type: timer_event, until: »2026-01-01, to: done}", "TW1406"),
        ("{type: state, status: »drft, actions: {ok: {to: done}}}", "TW1404"),
        ('{type: state, actions: {ok: {to: done}}, timers: {»t: {do: log "x"}}}', "TW1410"),
        ("{type: state, actions: {ok: {to: done}}, timers: {»t: {after: P1D}}}", "TW1410"),
        ("{type: exclusive_gateway, flows: [»{to: done}, {else: true, to: done}]}", "TW1412"),
        ("{type: exclusive_gateway, flows: [»{else: true, to: done}, {when: total > 1, to: done}]}", "TW1412"),
        ("{type: script_task, do: set »totl = 1, to: done}", "TW2113"),
    ],
)
def test_what_is_wrong_with_a_node(problems, node, code):
    line = f"first: {node}"
    column = line.index("»") + 3 if "»" in line else 3

    found = problems(**flow(line.replace("»", "") + "\ndone: {type: end_event}"))

    assert found == [(f"flow.yaml:5:{column}", code)]


def test_an_item_or_variable_may_not_hide_a_field(problems):
    found = problems(
        **flow(
            """
pick:
  type: user_task
  foreach: {item: total, in: lines}
  assign: owner
  actions: {ok: }
  to: done
done: {type: end_event}
""",
            head="variables: {comment: {type: text}, initiator: {type: text}}",
        )
    )

    assert found == [("flow.yaml:3:13", "TW1405"), ("flow.yaml:3:36", "TW1405"), ("flow.yaml:7:21", "TW1405")]


@pytest.mark.parametrize(("field", "code"), [("stats", "TW1203"), ("total", "TW1402")])
def test_a_lifecycle_is_a_choice_of_the_entity(problems, field, code):
    found = problems(
        **flow(
            "a: {type: state, status: x, actions: {ok: {to: done}}}\ndone: {type: end_event}",
            head=f"lifecycle: {field}",
        )
    )

    assert found == [("flow.yaml:3:12", code)]


def test_a_status_needs_a_lifecycle(problems):
    found = problems(
        **flow("a: {type: state, actions: {ok: {to: done}}}\ndone: {type: end_event, status: done}", head="label: x")
    )

    assert found == [("flow.yaml:6:27", "TW1403")]


def test_a_node_that_nobody_reaches(problems):
    found = problems(
        **flow("""
a: {type: state, actions: {ok: {to: done}}}
b: {type: script_task, do: set total = 1, to: done}
done: {type: end_event}
""")
    )

    assert found == [("flow.yaml:6:3", "TW1426")]


def test_a_process_that_never_ends(problems):
    found = problems(**flow("a: {type: timer_event, for: P1D, to: b}\nb: {type: timer_event, for: P1D, to: a}"))

    assert found == [("flow.yaml:1:10", "TW1427")]


def test_a_way_that_never_ends(problems):
    found = problems(
        **flow("""
a: {type: state, actions: {ok: {to: done}, trap: {to: b}}}
b: {type: timer_event, for: P1D, to: c}
c: {type: timer_event, for: P1D, to: b}
done: {type: end_event}
""")
    )

    assert found == [("flow.yaml:6:3", "TW1427"), ("flow.yaml:7:3", "TW1427")]


def test_comment_means_what_the_person_says_and_record_comment_the_field(model):
    model(
        **flow("""
a: {type: state, actions: {ok: {when: comment != null, do: 'set comment = comment', to: done}}}
done: {type: end_event}
""")
    )


def test_an_error_can_be_asked_for_its_message(model):
    model(
        **flow("""
a: {type: script_task, do: fail "x", on_error: {to: done, do: set comment = error.message}, to: done}
done: {type: end_event}
""")
    )


def test_the_last_error_is_known_to_the_nodes_that_follow(model):
    model(
        **flow("""
a: {type: script_task, do: fail "x", on_error: {to: b}, to: done}
b: {type: script_task, do: set comment = error.message, to: done}
done: {type: end_event}
""")
    )


def test_a_process_that_starts_with_a_record_has_an_entity(problems):
    found = problems(flow="process: flow\nstart: {on: create}\nnodes: {done: {type: end_event}}\n")

    assert found == [("flow.yaml:2:13", "TW1401")]


def test_a_task_about_another_record_opens_that_records_fields(problems):
    found = problems(
        **flow("""
a: {type: user_task, for: customer, form: {edit: [name], show: [total]}, assign: customer.keeper, to: done}
done: {type: end_event}
""")
    )

    assert found == [("flow.yaml:5:67", "TW1203")]


@pytest.mark.parametrize(
    ("node", "column"),
    [
        ("{type: approval, assign: owner, cc: owner, on_approve: {to: done}, on_reject: {to: done}}", 42),
        ("{type: approval, assign: owner, choose: initiator, on_approve: {to: done}, on_reject: {to: done}}", 42),
    ],
)
def test_what_comes_later_is_refused_at_its_place(problems, node, column):
    found = problems(**flow(f"first: {node}\ndone: {{type: end_event}}"))

    assert found == [(f"flow.yaml:5:{column}", "TW1190")]


@pytest.mark.parametrize(
    ("counting", "column"),
    [
        ("policy: all, weights: '1'", 55),
        ("policy: all, reject: all", 63),
        ("policy: {ratio: 0.5}, reject: all", 72),
        ("reject: after_all", 50),
    ],
)
def test_how_votes_count_must_mean_something_under_the_policy(problems, counting, column):
    node = f"{{type: approval, assign: owner, {counting}, on_approve: {{to: done}}, on_reject: {{to: done}}}}"

    assert problems(**flow(f"first: {node}\ndone: {{type: end_event}}")) == [(f"flow.yaml:5:{column}", "TW1428")]


def test_weights_are_numbers(problems):
    counting = "policy: {ratio: 0.5}, weights: item.login"
    node = f"{{type: approval, assign: owner, {counting}, on_approve: {{to: done}}, on_reject: {{to: done}}}}"

    assert len(problems(**flow(f"first: {node}\ndone: {{type: end_event}}"))) == 1


def test_operations_that_come_later_are_warned_of(built):
    found = built(**flow(APPROVAL.replace("policy: {ratio: 0.6}", "policy: all\n  allow: [transfer, delegate]")))

    assert [(p.place, p.code, p.severity) for p in found.problems] == [("flow.yaml:20:23", "TW1190", "warning")]
    assert found.model is not None


def test_two_lifecycles_of_one_entity(problems):
    second = "process: second\nentity: order\nlifecycle: status\nnodes: {done: {type: end_event}}\n"

    assert problems(**flow("done: {type: end_event}"), second=second) == [("second.yaml:3:12", "TW1402")]


def test_the_version_changes_with_the_document(model):
    one = model(**flow(APPROVAL)).processes["flow"].version

    assert one == model(**flow(APPROVAL)).processes["flow"].version
    assert one != model(**flow(APPROVAL.replace("P2D", "P3D"))).processes["flow"].version


def severities(built, **documents):
    return [(problem.place, problem.code, problem.severity) for problem in built(**documents).problems]


def test_a_lifecycle_may_rest_in_its_last_state_with_a_warning(built):
    found = severities(built, **flow("a: {type: state, actions: {ok: {to: b}}}\nb: {type: state}"))

    assert found == [("flow.yaml:6:3", "TW1421", "warning")]


def test_a_lifecycle_may_go_round_for_ever_with_a_warning(built):
    nodes = "a: {type: state, actions: {stop: {to: b}}}\nb: {type: state, actions: {resume: {to: a}}}"

    assert severities(built, **flow(nodes)) == [("flow.yaml:1:10", "TW1427", "warning")]


def test_a_node_is_reached_by_a_timer_whose_date_is_wrong(problems):
    found = problems(
        **flow("""
a: {type: state, timers: {late: {until: '= total', to: b}}, actions: {ok: {to: done}}}
b: {type: script_task, do: set total = 1, to: done}
done: {type: end_event}
""")
    )

    assert [code for _, code in found] == ["TW2001"]


def test_a_process_that_cannot_be_read_does_not_make_its_tests_wrong(problems):
    documents = flow("a: {type: state, actions: {ok: {do: set total = {a: 1}, to: done}}}\ndone: {type: end_event}")
    test = """
        test: the order is done
        given: {one: {entity: order}}
        steps:
          - do: one.ok
          - do: {task: a, operation: ok}
          - expect_task: {node: a}
          - start: {process: flow, for: =one}
        """

    assert {place.split(":")[0] for place, _ in problems(**documents, test=test)} == {"flow.yaml"}


def test_an_expression_that_begins_with_the_sign_of_a_value_says_so(messages):
    found = messages(**flow("a: {type: timer_event, until: '=now()', to: done}\ndone: {type: end_event}"))

    assert found == [
        "expected a value before '='; what stands here is always an expression, so it begins without '='"
    ]


def test_a_script_names_a_role_that_there_is_not(problems):
    do = """'notify users with role("clark") using late'"""
    found = problems(**flow(f"a: {{type: script_task, do: {do}, to: done}}\ndone: {{type: end_event}}"))

    assert found == [("flow.yaml:5:54", "TW1506")]

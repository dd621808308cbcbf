"""Checks a process as a graph: names that lead nowhere, nodes that nobody reaches, ways that never end (spec 3.3)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model.checker import Checker
from engine.model.part import Part
from engine.model.processes import Process

WAITING = ("state", "user_task", "approval")


def check_process(checker: Checker, process: Process, part: Part) -> None:
    """Report what is wrong with the graph of a process whose document is `part`."""
    before = len(checker.problems)
    nodes = dict(part.items("nodes"))
    for name, node in nodes.items():
        if isinstance(node.value, dict):
            check_exits(checker, process, name, node)
        for target in targets(node):
            if target.value not in nodes:
                checker.unknown("TW1420", "there is no node", str(target.value), nodes, target.at)
    found = {problem.code for problem in checker.problems[before:] if problem.severity == "error"}
    if nodes and found.isdisjoint({"TW1420", "TW1421"}) and all(node.type for node in process.nodes.values()):
        check_reachable(checker, process, nodes)


def targets(node: Part) -> Iterator[Part]:
    """Every place in a node's document that names the node where a token goes."""
    yield from node.each("to")
    for flow in node.each("flows"):
        yield from flow.each("to")
    for key in ("actions", "timers", "on_message", "on_signal", "on_escalation"):
        for _, each in node.items(key):
            yield from each.each("to")
    for event in node.each("events"):
        yield from event.each("to")
    for key in ("on_approve", "on_reject", "on_error"):
        yield from node.each(key, "to")
    empty = node.get("empty")
    if empty is not None and isinstance(empty.value, dict):
        yield from empty.each("to")


def check_exits(checker: Checker, process: Process, name: str, node: Part) -> None:
    """What each type of node needs in order to be left again."""
    report = checker.report
    type_ = node.string("type")
    repeated = node.get("foreach") is not None
    match type_:
        case "exclusive_gateway" | "inclusive_gateway":
            check_flows(checker, name, node)
        case (
            "complex_gateway"
            | "parallel_gateway"
            | "script_task"
            | "throw_event"
            | "service_task"
            | "business_rule_task"
            | "send_task"
            | "receive_task"
            | "call_activity"
            | "sub_process"
        ):
            if node.get("to") is None and node.get("flows") is None and node.get("event") is None:
                report("TW1421", f"'{name}' leads nowhere", node.key_at, "add `to:`")
        case "timer_event":
            if (node.get("until") is None) == (node.get("for") is None):
                report(
                    "TW1406",
                    f"the timer '{name}' waits `until` a date or `for` a duration",
                    node.key_at,
                    "give one of the two",
                )
        case "state":
            if (
                not node.value.get("actions")
                and not any(timer.get("to") is not None for _, timer in node.items("timers"))
                and node.get("on_message") is None
            ):
                report(
                    "TW1421",
                    f"nothing leads out of the state '{name}'",
                    node.key_at,
                    "add `actions:`, or make it an end_event",
                    "error" if process.lifecycle is None else "warning",  # a record may rest in its last state
                )
        case "user_task":
            check_task(checker, name, node, repeated=repeated)
        case "approval":
            check_approval(checker, name, node, repeated=repeated)
    if node.get("keep") is None and type_ == "end_event" and node.get("to") is not None:
        report("TW1102", f"an end_event has no `to`, and '{name}' has one", node.document.key_at((*node.path, "to")))
    if process.lifecycle is None and type_ == "state" and process.entity is None:
        report(
            "TW1422",
            f"'{name}' is a state, and the process has no entity whose records could show its actions",
            node.key_at,
            "add `entity:`, or make it a user_task",
        )


def check_flows(checker: Checker, name: str, node: Part) -> None:
    flows = list(node.each("flows"))
    if not flows:
        if node.get("to") is None:
            checker.report(
                "TW1421", f"'{name}' leads nowhere", node.key_at, "add `flows:`, or `to:` to a gateway that only joins"
            )
        return
    others = [flow for flow in flows if flow.flag("else")]
    if not others:
        checker.report(
            "TW1423",
            f"the gateway '{name}' has no else: when no condition holds, nothing can go on",
            node.key_at,
            "add `{else: true, to: …}` as the last flow",
        )
    for extra in others[1:]:
        checker.report("TW1412", f"the gateway '{name}' has two else-flows", extra.at)
    if others and others[0].path != flows[-1].path:
        checker.report("TW1412", "the else-flow comes last", others[0].at)


def check_task(checker: Checker, name: str, node: Part, *, repeated: bool) -> None:
    report = checker.report
    if node.get("assign") is None and node.get("candidates") is None:
        report("TW1424", f"nobody would get the task '{name}'", node.key_at, "add `assign:` or `candidates:`")
    actions = dict(node.items("actions"))
    onward = node.get("to") is not None
    if not actions and not onward:
        report(
            "TW1421",
            f"the task '{name}' has no actions, so it could never be completed",
            node.key_at,
            "add `actions:`, or `to:`",
        )
    for action, each in actions.items():
        leads = isinstance(each.value, dict) and each.get("to") is not None
        if not leads and not onward:
            report("TW1421", f"the action '{action}' of '{name}' leads nowhere", each.key_at, "add `to:`")
        elif leads and repeated:
            report(
                "TW1425",
                "with `foreach`, actions have no `to`: each ends one repetition",
                each.document.key_at((*each.path, "to")),
                f"write `to` at '{name}'",
            )


def check_approval(checker: Checker, name: str, node: Part, *, repeated: bool) -> None:
    approve, reject = node.get("on_approve"), node.get("on_reject")
    onward = node.get("to") is not None
    if not onward and (approve is None or approve.get("to") is None):
        checker.report(
            "TW1421",
            f"the approval '{name}' does not say where it goes when approved",
            node.key_at,
            "add `on_approve: {to: …}`",
        )
    if (not onward or not repeated) and (reject is None or reject.get("to") is None):
        checker.report(
            "TW1421",
            f"the approval '{name}' does not say where it goes when rejected",
            node.key_at,
            "add `on_reject: {to: …}`",
        )


def check_reachable(checker: Checker, process: Process, nodes: dict[str, Part]) -> None:
    """Every node is on a way from the first node to an end."""
    onward = {name: {str(target.value) for target in targets(node)} for name, node in nodes.items()}
    reached = closure({process.first}, onward)
    for name, node in nodes.items():
        if name not in reached:
            checker.report(
                "TW1426", f"no way leads to '{name}'", node.key_at, f"the process starts at '{process.first}'"
            )
    check_ending(checker, process, nodes, onward, reached)


def check_ending(
    checker: Checker, process: Process, nodes: dict[str, Part], onward: dict[str, set[str]], reached: set[str]
) -> None:
    """From every node that is reached, an end can be reached.

    A lifecycle that goes round for ever through its states is how some records live (a contract is active, then
    suspended, then active): a warning.
    """
    states = {name for name, node in process.nodes.items() if node.type == "state" and process.lifecycle is not None}
    ends = {name for name, node in process.nodes.items() if node.type == "end_event"}
    ends |= {name for name in states if not onward[name]}  # told as TW1421
    back: dict[str, set[str]] = {name: set() for name in onward}
    for name, after in onward.items():
        for each in after:
            back[each].add(name)
    resting = closure(states & reached, back)
    if not ends & reached:
        if not ends:
            at = process.at or nodes[process.first].key_at
            checker.report(
                "TW1427",
                f"the process '{process.name}' never ends: it has no end_event",
                at,
                "add `done: {type: end_event}` and a way to it",
                "warning" if reached <= resting else "error",
            )
        return
    for name in reached - closure(ends, back):
        checker.report(
            "TW1427",
            f"from '{name}' no way leads to an end",
            nodes[name].key_at,
            "add a way to an end_event",
            "warning" if name in resting else "error",
        )


def closure(start: set[str], onward: dict[str, set[str]]) -> set[str]:
    found, todo = set(start), list(start)
    while todo:
        for each in onward[todo.pop()] - found:
            found.add(each)
            todo.append(each)
    return found

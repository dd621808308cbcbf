"""Checks a process as a graph: names that lead nowhere, nodes that nobody reaches, ways that never end (spec 3.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.model.checker import Checker
from engine.model.part import Part
from engine.model.processes import Process


def check_process(checker: Checker, process: Process, part: Part) -> None:
    """Report what is wrong with the graph of a process whose document is `part`."""
    check_level(checker, process, part, "")


def check_level(checker: Checker, process: Process, part: Part, path: str) -> None:
    """The nodes of the process, or of the sub-process at a path; then those of the sub-processes among them."""
    before = len(checker.problems)
    nodes = dict(part.items("nodes"))
    prefix = f"{path}." if path else ""
    for name, node in nodes.items():
        if isinstance(node.value, dict):
            check_exits(checker, process, name, node)
        for target in targets(node):
            if target.value not in nodes:
                checker.unknown("TW1420", "there is no node", str(target.value), nodes, target.at)
    starting = [name for name, node in nodes.items() if not is_triggered(node)]
    if nodes and not starting:
        message = "there are only event sub-processes here, and nothing that starts"
        checker.report("TW1426", message, part.key_at if path else part.at, "add a node before them")
        return
    found = {problem.code for problem in checker.problems[before:] if problem.severity == "error"}
    types = (process.nodes[prefix + name].type for name in nodes if prefix + name in process.nodes)
    if nodes and found.isdisjoint({"TW1420", "TW1421"}) and all(types):
        check_reachable(checker, process, nodes, starting[0], path)
    for name, node in nodes.items():
        if node.string("type") == "sub_process":
            check_level(checker, process, node, prefix + name)


def is_triggered(node: Part) -> bool:
    """Whether it is an event sub-process, which starts by its event."""
    return node.string("type") == "sub_process" and node.get("event") is not None


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
    compensate = node.get("compensate")
    if compensate is not None and isinstance(compensate.value, dict):
        yield from compensate.each("node")


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
            if is_triggered(node):
                if node.get("to") is not None:
                    at = node.document.key_at((*node.path, "to"))
                    report("TW1421", f"no way leads out of the event sub-process '{name}'", at, "leave `to` out")
            elif node.get("to") is None and node.get("flows") is None and not undoes(process, name, node):
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


def undoes(process: Process, name: str, node: Part) -> bool:
    """Whether the node undoes another, and so needs no way out."""
    path = ".".join(str(each) for each in node.path if each != "nodes")
    return any(each.undone_by == path for each in process.nodes.values())


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
    check_counting(checker, node)


def check_counting(checker: Checker, node: Part) -> None:
    """Whether `weights` and `reject` mean something under the node's policy."""
    policy, weights, reject = node.get("policy"), node.get("weights"), node.get("reject")
    named = "ratio" if policy is not None and isinstance(policy.value, Mapping) else node.string("policy", "any")
    if weights is not None and named != "ratio":
        message = f"under the policy '{named}' every vote counts alike, so `weights` would change nothing"
        checker.report("TW1428", message, weights.key_at, "weights go with `policy: {ratio: …}`")
    if reject is not None and (reject.value, named == "any") in (("all", False), ("after_all", True)):
        message = f"`reject: {reject.value}` means nothing under the policy '{named}'"
        checker.report("TW1428", message, reject.at, "`all` goes with any, `after_all` with all, sequential and a ratio")


def check_reachable(checker: Checker, process: Process, nodes: dict[str, Part], first: str, path: str) -> None:
    """Every node is on a way from the first node to an end."""
    onward = {name: {str(target.value) for target in targets(node)} for name, node in nodes.items()}
    triggered = {name for name, node in nodes.items() if is_triggered(node)}
    reached = closure({first} | triggered, onward)
    for name, node in nodes.items():
        if name not in reached:
            checker.report("TW1426", f"no way leads to '{name}'", node.key_at, f"the process starts at '{first}'")
    if path:
        return  # a sub-process ends when no token is left in it
    check_ending(checker, process, nodes, onward, reached)


def check_ending(
    checker: Checker, process: Process, nodes: dict[str, Part], onward: dict[str, set[str]], reached: set[str]
) -> None:
    """From every node that is reached, an end can be reached.

    A lifecycle that goes round for ever through its states is how some records live (a contract is active, then
    suspended, then active): a warning.
    """
    types = {name: node.string("type") for name, node in nodes.items()}
    states = {name for name, type_ in types.items() if type_ == "state" and process.lifecycle is not None}
    ends = {
        name
        for name, node in nodes.items()
        if types[name] == "end_event" or is_triggered(node) or undoes(process, name, node)
    }
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
